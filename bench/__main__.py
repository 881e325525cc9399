"""Measures the service beside its floor and its peers, and writes bench/RESULTS.md and bench/growth.svg.

python -m bench [gate] [pace] [appeal] [hearing] [latency] [rest] [growth] [postgresql]

Without a word all of them, and only then the files are written.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import figures, towns
from bench.installed import Service, service
from bench.load import Answers, calls, everyday, flat_out
from bench.peers import kannel
from bench.results import HEAD, Figure, Row, curves, machine, ratio
from db import connection
from tests.databases import Server

ROUNDS, GATE_ROUNDS = 3, 9  # two seconds each, and the most restless of all
HERE = Path(__file__).parent
FLOOR = ("-m", "bench.peers.floor")
TUTORIAL = ("-m", "gunicorn", "--workers", "4", "--preload", "--log-level", "error", "bench.peers.tutorial:create()")
NOTES = """![How the figures change with the size of the town](growth.svg)

- **Storing nothing**: the same web server and the same checks, answering at once (`bench/peers/floor.py`).
- **Flask**: `bench/peers/tutorial.py`, four gunicorn workers, a commit a message on SQLite; with its reply, each send
  inline.
- **Kannel** 1.4 (C), a keyword with a fixed reply: `file` keeps all texts in one file written now and then, `spool` one
  file a text; neither waits for the disk. It matches no volunteers, and keeps nothing of what was said.
- **Heard**: understood, its step taken, its letters written, committed; with a wave of offers an `AIDE`.
- **PostgreSQL** as it is installed: what is committed has reached the disk; all share the two cores."""
SIZES = (10_000, 100_000, 1_000_000)


@contextmanager
def running(*words: str, migrated: bool = True, **more: str) -> Iterator[Service]:
    """A new service with one process of this kind, ready."""
    with service() as one:
        if migrated:
            one.start("migrate").popen.wait()
        if words == TUTORIAL:
            more |= {"GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{one.port}"}
        one.start(*words, **more)
        one.until_ready()
        yield one


def gate() -> list[Row]:
    """As many texts as can be answered, each stored before it is."""
    rows = []
    for connections in (32, 128):
        ours, floor, tutorial, inline = (Figure([], "/s") for _ in range(4))
        high, floor_high = Figure([], " ms"), Figure([], " ms")
        for seed in range(GATE_ROUNDS):
            for words, per_second, p99 in ((FLOOR, floor, floor_high), (("web",), ours, high)):
                with running(*words) as one:
                    answers = _all(figures.answered(one, connections, 12_000, seed))
                per_second.values.append(answers.per_second)
                p99.values.append(answers.high(0.99))
        for seed in range(ROUNDS):
            for figure, replies in ((tutorial, "0"), (inline, "1")):
                with running(*TUTORIAL, migrated=False, TUTORIAL_REPLIES=replies) as one:
                    figure.values.append(flat_out([one.port], _some(seed), connections).per_second)
        beside = {"storing nothing": floor, "Flask, storing only": tutorial, "Flask, with its reply": inline}
        beside |= {f"Kannel, {store}": _kannel(store, connections) for store in _stores()}
        what = f"texts answered, {connections} connections"
        rows += [
            Row(what, "≥ 70 % of the floor", ours, beside, ratio(ours, floor)),
            Row(f"{what}: p99", "", high, {"storing nothing": floor_high}),
        ]
    return rows


def pace() -> list[Row]:
    """500 texts a second, whether they are answered or not."""
    ours, floor = Figure([], " ms"), Figure([], " ms")
    for seed in range(ROUNDS):
        for words, figure in ((FLOOR, floor), (("web",), ours)):
            with running(*words) as one:
                figure.values.append(_all(figures.answered_at_pace(one, 500, 10, seed)).high(0.99))
    return [Row("p99 at 500 texts a second", "≤ 50 ms", ours, {"storing nothing": floor})]


def appeal() -> list[Row]:
    """An appeal on the radio, to the whole service."""
    longest, after, kept = Figure([], " s"), Figure([], " s"), Figure([])
    for seed in range(ROUNDS):
        with running("serve") as one:
            answers, heard, seconds = figures.appeal(one, 10_000, 10, seed)
            longest.values.append(_all(answers).high(1) / 1000)
            after.values.append(seconds)
            kept.values.append(heard)
    return [
        Row("10,000 texts in 10 s: the longest wait for an answer", "< 3 s", longest),
        Row("stored and heard", "10,000", kept),
        Row("all heard, after the last came", "", after),
    ]


def hearing() -> list[Row]:
    """The texts of an ordinary day, stored beforehand, and heard while letters go out at 30 a second."""
    ours = Figure([], "/s")
    for seed in range(ROUNDS):
        with service() as one:
            one.start("migrate").popen.wait()
            one.start("work")
            ours.values.append(figures.heard(one, 1000, 300, 2, seed + 1))
    return [Row("texts heard, SQLite", "≥ 400/s", ours, note="the carrier's pace is 30/s")]


def latency() -> list[Row]:
    """From the webhook's call to the answer in the carrier's hands, on an idle service."""
    with running("serve") as one:
        took = figures.latency(one, 300, 1)
    with running(*TUTORIAL, migrated=False) as one:
        inline = figures.latency(one, 30, 1)
    return [
        Row(
            "answer in the carrier's hands, median", "≤ 150 ms", _part(took, 0.5), {"Flask, inline": _part(inline, 0.5)}
        ),
        Row("the same, p99", "≤ 500 ms", _part(took, 0.99), {"Flask, inline": _part(inline, 0.99)}),
    ]


def rest() -> list[Row]:
    """Nobody writes."""
    ready, memory, busy = Figure([], " s"), Figure([], " MB"), Figure([], " %")
    for _ in range(ROUNDS):
        with service() as one:
            one.start("migrate").popen.wait()
            process = one.start("serve")
            ready.values.append(one.until_ready())
            figures.at_rest(process, 5)  # the worker has started too
            mb, percent = figures.at_rest(process, 20)
            memory.values.append(mb)
            busy.values.append(percent)
    return [
        Row("ready after its start", "≤ 2 s", ready),
        Row("in use at rest, web and worker", "≤ 150 MB", memory),
        Row("of a core, at rest", "≤ 1 %", busy),
    ]


def growth() -> list[Row]:
    """The same again in towns of every size, with a year behind them."""
    gates, heard, waits, memory = ([Figure([], unit) for _ in SIZES] for unit in ("/s", "/s", " ms", " MB"))
    for number, size in enumerate(SIZES):
        with TemporaryDirectory(prefix="smsgate-bench-") as folder:
            url = f"sqlite:///{folder}/town.db"
            connection.connect(url)
            connection.migrate()
            towns.build(size)
            connection.close()
            with service(url) as one:
                process = one.start("serve")
                one.until_ready()
                waits[number].values.append(_part(figures.latency(one, 30, 1), 0.5).middle)
                memory[number].values.append(process.resident_mb())
            for seed in range(ROUNDS):
                with service(url) as one:
                    one.start("work")
                    heard[number].values.append(figures.heard(one, 100, 150, 2, seed + 1))
            for seed in range(ROUNDS):  # after them: nobody hears these texts
                with service(url) as one:
                    one.start("web")
                    one.until_ready()
                    gates[number].values.append(_all(figures.answered(one, 32, 6000, seed + 100)).per_second)
    lines = {"texts answered": gates, "texts heard": heard, "wait for an answer": waits, "memory in use": memory}
    if len(sys.argv) == 1 or "growth" in sys.argv:
        of_smallest = {name: [one.middle / of[0].middle for one in of] for name, of in lines.items()}
        title = "What a town ten or a hundred times as large changes (1: nothing)"
        (HERE / "growth.svg").write_text(curves(title, SIZES, of_smallest))
    rows = []
    for name, of in lines.items():
        wanted = "≤ twice" if of in (waits, memory) else "≥ half"
        beside = {f"{size:,}": figure for size, figure in zip(SIZES[:-1], of[:-1], strict=True)}
        of_first = f"{of[-1].middle / of[0].middle:.0%} of the smallest"
        rows.append(Row(f"{name}, {SIZES[-1]:,} people and their year", wanted, of[-1], beside, of_first))
    return rows


def postgresql() -> list[Row]:
    """Web servers and workers side by side on one PostgreSQL, all on this one machine."""
    server = Server("bench", as_installed=True)
    one_each, two_each = Figure([], "/s"), Figure([], "/s")
    try:
        for seed in range(ROUNDS):
            for figure, how_many in ((one_each, 1), (two_each, 2)):
                name = f"bench_{how_many}_{seed}"
                with server.new(name) as url, service(url) as one:
                    one.start("migrate").popen.wait()
                    ports = [one.port + number for number in range(how_many)]
                    for port in ports:
                        one.start("web", SMSGATE_SERVICE_PORT=str(port))
                        one.start("work")
                    for port in ports:
                        one.until_ready(port)
                    figure.values.append(figures.carried(one, ports, 500, 200, 2, seed + 1))
    finally:
        server.close()
    parts = [two / single for two, single in zip(two_each.values, one_each.values, strict=True)]
    note = f"{min(parts):.2f}–{max(parts):.2f} times one of each"
    beside = {"one of each": one_each}
    return [Row("texts carried by two web and two work processes, PostgreSQL", "more than one", two_each, beside, note)]


def _kannel(store: str, connections: int) -> Figure:
    figure = Figure([], "/s")
    for seed in range(ROUNDS):
        with kannel.kannel(store) as port:
            flat_out([port], kannel.calls(list(everyday(500, seed))), connections)
            made = kannel.calls(list(everyday(6000, seed + 50)))
            figure.values.append(flat_out([port], made, connections).per_second)
    return figure


def _stores() -> tuple[str, ...]:
    return ("file", "spool") if kannel.is_installed() else ()


def _some(seed: int) -> list[bytes]:
    return calls(everyday(400, seed), seed)


def _part(took: list[float], part: float) -> Figure:
    return Figure([took[min(int(len(took) * part), len(took) - 1)]], " ms")


def _all(answers: Answers) -> Answers:
    if set(answers.statuses) != {200}:
        raise RuntimeError(f"not all were answered 200: {dict(answers.statuses)}")
    return answers


PARTS: dict[str, Callable[[], list[Row]]] = {
    part.__name__: part for part in (gate, pace, appeal, hearing, latency, rest, growth, postgresql)
}


def main() -> None:
    """Measure, print, and keep."""
    load = os.getloadavg()[0]
    said = [
        "# What was measured",
        "",
        f"{date.today():%Y-%m-%d}, {machine()}; load average {load:.1f} before it began. Made by `make bench`.",  # noqa: DTZ011
        f"Medians of {ROUNDS} runs ({GATE_ROUNDS} of the gate and its floor), in turns with what stands beside them;",
        "in brackets from where to where they went.",
        "",
        HEAD,
    ]
    print("\n".join(said), flush=True)
    for name in sys.argv[1:] or PARTS:
        for row in PARTS[name]():
            print(row, flush=True)
            said.append(str(row))
    if len(sys.argv) == 1:
        said += ["", NOTES, ""]
        (HERE / "RESULTS.md").write_text("\n".join(said))


if __name__ == "__main__":
    main()
