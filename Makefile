# make demo: a rehearsal in the browser (PORT=8100 for another port than 8000). make test: every test. Both set up what they need.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test check town bench torture fuzz pictures clean

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "smsgate needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: .venv/ready
	$(BIN)/smsgate demo $(if $(PORT),--port $(PORT))

# What needs a database runs on SQLite and on PostgreSQL; with --database=sqlite on that one only.
test: .venv/ready
	$(BIN)/pytest -n auto

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Two months of a seeded town, for each way of asking: bench/TOWN.md says what it gave.
town: .venv/ready
	$(BIN)/python -m bench.town

# The service beside its floor and its peers, a quarter of an hour on a machine that does nothing else: bench/RESULTS.md.
bench: .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m bench

# Three minutes on each database of kill -9, dropped calls and locks: what was tried, and what was lost (nothing).
torture: .venv/ready
	$(BIN)/python -m tests.torture --seconds 180
	$(BIN)/python -m tests.torture --seconds 180 --database postgresql

# Twenty thousand calls nobody should make, to the gate.
fuzz: .venv/ready
	$(BIN)/python -m tests.fuzz --calls 20000

# Every page as a picture in docs/.
pictures: .venv/ready
	$(BIN)/python -m tools.make_pictures

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
