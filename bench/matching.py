"""How long it takes to find the next three volunteers, in towns of every size: the figure must not grow with the town.

python -m bench.matching [10000 1000000 10000000]
"""

import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from db import connection, matching
from db.connection import database
from db.models import Person, Request
from db.postcodes import place

SEED = 1050
QUESTIONS = 500
NEEDS = ("shopping", "pharmacy", "dog", "transport", "other")

# Everyone in one statement each: ten million INSERTs through peewee would take an hour.
PEOPLE = """
    INSERT INTO person (id, number, language, created_at)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})
    SELECT i, '3248' || printf('%08d', i), CASE i % 5 WHEN 0 THEN 'en' WHEN 1 THEN 'fr' ELSE 'nl' END, 0 FROM n
"""
VOLUNTEERS = """
    INSERT INTO volunteer (id, person_id, postcode, language, languages, needs, asked_at, free, created_at)
    SELECT p.id, p.id, (SELECT code FROM codes WHERE codes.i = p.id * 7919 % {codes}), p.language, '',
           CASE p.id % 10 WHEN 0 THEN 'dog' WHEN 1 THEN 'pharmacy shopping' ELSE '' END,
           abs(random()) % 1000000, {free}, 0
    FROM person p
"""
PROFILES = """
    INSERT INTO profile (postcode, language, languages, needs)
    SELECT DISTINCT postcode, language, languages, needs FROM volunteer
    UNION SELECT DISTINCT '', language, languages, needs FROM volunteer
"""


def build(file: Path, many: int, free: str) -> None:
    """A town of so many volunteers, of whom those for whom `free` holds (SQL over p.id) may be asked."""
    connection.connect(f"sqlite:///{file}")
    connection.migrate()
    codes = [f"{code}" for code in range(1000, 10000) if place(str(code))]
    with connection.transaction():
        database.execute_sql("CREATE TEMP TABLE codes (i INTEGER PRIMARY KEY, code TEXT)")
        for number, code in enumerate(codes):
            database.execute_sql("INSERT INTO codes VALUES (?, ?)", (number, code))
        database.execute_sql(PEOPLE.format(many=many))
        database.execute_sql(VOLUNTEERS.format(codes=len(codes), free=free))
        database.execute_sql(PROFILES)


def measure(radius_km: float = 20, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Milliseconds for each of many questions, asked from random postcodes; by time.process_time, of CPU alone."""
    chance = random.Random(SEED)
    codes = [str(code) for code in range(1000, 10000) if place(str(code))]
    asker = Person.get_by_id(1)
    took = []
    for _ in range(QUESTIONS):
        request = Request(id=0, person=asker, postcode=chance.choice(codes), need=chance.choice(NEEDS))
        matching.bands(request.postcode, radius_km)  # worked out once a postcode, and kept
        before = clock()
        matching.next_volunteers(request, 3, radius_km)
        took.append((clock() - before) * 1000)
    return sorted(took)


def walk_floor() -> float:
    """The bare minimum: one seek in the same index, in milliseconds (median)."""
    took = []
    for _ in range(QUESTIONS):
        before = time.perf_counter()
        database.execute_sql(
            "SELECT id FROM volunteer WHERE postcode = '1050' AND language = 'fr' AND languages = '' AND needs = '' "
            "AND free ORDER BY asked_at, id LIMIT 3"
        ).fetchall()
        took.append((time.perf_counter() - before) * 1000)
    return median(took)


def high(took: list[float]) -> float:
    """The 99th percentile of sorted figures."""
    return took[int(len(took) * 0.99)]


def main() -> None:
    """Print a row a town."""
    sizes = [int(size) for size in sys.argv[1:]] or [10_000, 1_000_000]
    print(f"Python {platform.python_version()}, {QUESTIONS} questions a row, seed {SEED}; milliseconds")
    print(
        f"{'volunteers':>12} {'free':>14}",
        *(f"{name:>9}" for name in ("p50", "p99", "p99 CPU", "p99 cold", "one seek")),
    )
    for size in sizes:
        for label, free in (("9 in 10", "p.id % 10 > 0"), ("1 in 1,000", "p.id % 1000 = 0"), ("nobody", "0")):
            with tempfile.TemporaryDirectory() as folder:
                build(Path(folder) / "town.db", size, free)
                cold, warm, busy = measure(), measure(), measure(clock=time.process_time)
                figures = median(warm), high(warm), high(busy), high(cold), walk_floor()
                print(f"{size:>12,} {label:>14}", *(f"{figure:>9.3f}" for figure in figures), flush=True)
                connection.close()


if __name__ == "__main__":
    main()
