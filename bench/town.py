"""A seeded town of 7,000 volunteers and 800 requests: how asking in waves compares with other ways of asking."""

import argparse
import gc
import os
import platform
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median, quantiles

from bench.days import COME_AND_GO, Town
from bench.people import BRUSSELS, DAYS, REQUESTS, VOLUNTEERS, People, Plea
from db import connection
from db.models import Letter, Offer, Person, Request, Volunteer
from db.notices import Notice
from db.rules import Quiet, Rules
from db.steps import OfferStep, RequestStep
from smsgate import settings

SEED = 20261001
# After the last request, until the last one is closed.
UNTIL_ALL_IS_CLOSED = timedelta(days=16)
ENOUGH = 5  # willing volunteers in reach, as in the goal
NO_LIMIT = 10_000
# Where thousands are asked for each request, this many requests cost as much as all the others together.
EVERYBODY_REQUESTS = 10
WAVE_SIZES = (2, 3, 4, 5, 6)
WAVE_TIMEOUTS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 20, 30))
ASKS_PER_WEEK = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way of asking: the rules, and how many of the requests are played with them."""

    name: str
    rules: Rules
    requests: int | None = None  # the first so many; none: all


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a town: one row of the table."""

    strategy: str
    introduced: str  # requests with an introduction ÷ requests
    reachable: str  # the same, of those with five or more willing volunteers in reach
    still_wanted: str  # the same, of those that the asker did not let go of
    median: str  # waking minutes from the request to its first introduction
    p90: str
    asks: str  # per introduction
    letters: str  # per introduction
    texts: str  # per introduction
    gini: str  # of asks over volunteers
    never: str  # volunteers never asked
    most: str  # asks to one volunteer in any seven days, as the rules count them
    most_read: str  # the same, with those where a neighbour was faster


HEADINGS = (
    "strategy",
    "introduced ÷ requests",
    f"of those with {ENOUGH}+ willing in reach",
    "of those the asker stood by",
    "median min",
    "p90 min",
    "asks ÷ introduction",
    "SMS out ÷ introduction",
    "SMS in ÷ introduction",
    "Gini of asks",
    "never asked",
    "most asks in 7 days",
    "with those where a neighbour was faster",
)


def main() -> None:
    """Read what is wanted, live through it and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.town", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--volunteers", type=int, default=VOLUNTEERS)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--settings", action="store_true", help="a grid of settings instead of the strategies")
    parser.add_argument("--first", type=int, help="play only so many of the requests")
    parser.add_argument("--processes", type=int, default=1)
    wanted = parser.parse_args()
    started = time.monotonic()
    gc.set_threshold(200_000, 50, 50)  # peewee makes many small things that do not stay: a fifth faster
    people = People(wanted.seed, wanted.volunteers, wanted.requests, wanted.days)
    strategies = grid() if wanted.settings else ways_of_asking()
    if wanted.first:
        strategies = [replace(one, requests=min(one.requests or wanted.first, wanted.first)) for one in strategies]
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before.db"
        settle(people, before)
        print(
            f"seed {wanted.seed}: {wanted.volunteers:,} volunteers, {wanted.requests} requests in {wanted.days} days; "
            f"Python {platform.python_version()}, {os.cpu_count()} cores\n"
        )
        if wanted.first:
            print(f"the first {wanted.first} requests only\n")
        print_row(HEADINGS)
        print_row(["---"] + ["--:"] * (len(HEADINGS) - 1))
        live = partial(live_through, people, before)
        with ProcessPoolExecutor(wanted.processes) as processes:
            for figures in processes.map(live, strategies):
                print_row([getattr(figures, field.name) for field in fields(figures)])
    print(f"\n{time.monotonic() - started:.0f} s", file=sys.stderr)


def print_row(cells: Iterable[str]) -> None:
    """One row of a Markdown table."""
    print("|", " | ".join(cells), "|", flush=True)


# --- what is compared


def default_rules() -> Rules:
    """The settings as they are when nobody says otherwise."""
    return settings.read(Path("none.ini"), {}).rules()


def ways_of_asking() -> list[Strategy]:
    """smsgate, and the two simple ways."""
    rules = default_rules()
    everybody = replace(rules, wave_size=NO_LIMIT, asks_per_week=NO_LIMIT, volunteers_per_day=NO_LIMIT)
    return [
        Strategy("smsgate", rules),
        Strategy("nearest one at a time", replace(rules, wave_size=1)),
        Strategy(f"smsgate, first {EVERYBODY_REQUESTS} requests", rules, EVERYBODY_REQUESTS),
        Strategy(f"everybody in reach, first {EVERYBODY_REQUESTS} requests", everybody, EVERYBODY_REQUESTS),
    ]


def grid() -> list[Strategy]:
    """How many are asked at once and for how long, in every combination; then each other setting by itself."""
    rules = default_rules()
    waves = [
        Strategy(
            f"wave_size {size}, wave_timeout {wait // timedelta(minutes=1)}m",
            replace(rules, wave_size=size, wave_timeout=wait),
        )
        for size, wait in product(WAVE_SIZES, WAVE_TIMEOUTS)
    ]
    limits = [Strategy(f"asks_per_week {asks}", replace(rules, asks_per_week=asks)) for asks in ASKS_PER_WEEK]
    return [*waves, *limits, Strategy("confirm_timeout 1h", replace(rules, confirm_timeout=timedelta(hours=1)))]


# --- two months


def settle(people: People, file: Path) -> None:
    """The volunteers of before the first day join: the same town for every strategy."""
    town = Town(people, default_rules(), file)
    for text in people.texts():
        if text.at < people.first_day:
            town.expect(text.at, text)
    town.live(people.first_day)
    connection.close()


def live_through(people: People, before: Path, strategy: Strategy) -> Figures:
    """The two months in a town of its own that starts as the one before."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(shutil.copy(before, folder))
        town = Town(people, strategy.rules, file)
        pleas = people.pleas[: strategy.requests]
        askers = {plea.number for plea in people.pleas} - {plea.number for plea in pleas}
        until = max(plea.at for plea in pleas) + UNTIL_ALL_IS_CLOSED
        for text in people.texts():
            if (
                people.first_day <= text.at
                and text.number not in askers
                and text.at <= pleas[-1].at + timedelta(hours=1)
            ):
                town.expect(text.at, text)
        town.live(until)
        figures = Measured(town, pleas).figures(strategy)
        connection.close()
    return figures


class Measured:
    """What the database tells of a town that has lived."""

    def __init__(self, town: Town, pleas: Sequence[Plea]) -> None:
        self.town, self.pleas = town, pleas
        self.requests: dict[str, list[Request]] = defaultdict(list)
        for request in Request.select(Request, Person).join(Person).order_by(Request.id):
            self.requests[request.person.number].append(request)
        self.introduced_at: dict[int, datetime] = {}
        self.introductions = 0
        told = Letter.select(Letter, Person).join(Person).where(Letter.notice == Notice.INTRODUCE_TO_ASKER)
        for letter in told.order_by(Letter.id):
            asked = [one for one in self.requests[letter.person.number] if one.created_at <= letter.created_at]
            self.introduced_at.setdefault(asked[-1].id, letter.created_at)
            self.introductions += 1

    def figures(self, strategy: Strategy) -> Figures:
        """One row of the table."""
        rules = strategy.rules
        met = [self.request_of(plea).id in self.introduced_at for plea in self.pleas]
        in_reach = [self.town.people.willing_in_reach(plea, rules.radius_km, ENOUGH) == ENOUGH for plea in self.pleas]
        let_go = [self.request_of(plea).step == RequestStep.WITHDRAWN for plea in self.pleas]
        reachable = [ok for ok, enough in zip(met, in_reach, strict=True) if enough]
        stood_by = [ok for ok, enough, gone in zip(met, in_reach, let_go, strict=True) if enough and (ok or not gone)]
        waits = [
            self.minutes_to_introduction(plea, rules.quiet) for plea, ok in zip(self.pleas, met, strict=True) if ok
        ]
        asked = Counter(letter.number for _, letter in self.town.sent if letter.notice == Notice.OFFER)
        asks = [asked[one.number] for one in self.town.people.volunteers]
        letters = sum(letter.notice not in COME_AND_GO for _, letter in self.town.sent)
        introductions = max(self.introductions, 1)
        return Figures(
            strategy.name,
            share(met),
            share(reachable),
            share(stood_by),
            f"{median(waits):.0f}",
            f"{quantiles(waits, n=10)[-1]:.0f}",
            f"{sum(asks) / introductions:.1f}",
            f"{letters / introductions:.1f}",
            f"{self.town.texts_in / introductions:.1f}",
            f"{gini(asks):.2f}",
            f"{asks.count(0) / len(asks):.0%}",
            str(most_in_a_week(self.asks_that_count())),
            str(most_in_a_week(self.asks_that_were_read())),
        )

    def request_of(self, plea: Plea) -> Request:
        """The request that a plea became, or was added to."""
        return [one for one in self.requests[plea.number] if one.created_at <= plea.at + timedelta(milliseconds=1)][-1]

    def minutes_to_introduction(self, plea: Plea, quiet: Quiet | None) -> float:
        """From the request to its first introduction, without the quiet hours."""
        return waking_minutes(plea.at, self.introduced_at[self.request_of(plea).id], quiet)

    def asks_that_count(self) -> dict[str, list[datetime]]:
        """When each volunteer was asked, but for the times a neighbour was faster."""
        found: dict[str, list[datetime]] = defaultdict(list)
        offers = Offer.select(Offer, Volunteer, Person).join(Volunteer).join(Person)
        for offer in offers.where(Offer.step != OfferStep.TOO_LATE):
            found[offer.volunteer.person.number].append(offer.asked_at)
        return found

    def asks_that_were_read(self) -> dict[str, list[datetime]]:
        """When each volunteer was sent an offer."""
        found: dict[str, list[datetime]] = defaultdict(list)
        for at, letter in self.town.sent:
            if letter.notice == Notice.OFFER:
                found[letter.number].append(at)
        return found


def waking_minutes(start: datetime, end: datetime, quiet: Quiet | None) -> float:
    """The minutes between, without the quiet hours."""
    minutes, at = 0.0, start
    while at < end:
        if quiet and quiet.holds(at):
            at = quiet.next_end(at)
            continue
        step = min(end, at + timedelta(days=1))
        if quiet:
            here = at.astimezone(BRUSSELS)
            night = here.replace(hour=quiet.start.hour, minute=quiet.start.minute, second=0, microsecond=0)
            step = min(step, night.astimezone(start.tzinfo))
        minutes += (step - at) / timedelta(minutes=1)
        at = step
    return minutes


def share(happened: Sequence[bool]) -> str:
    """A share with both its numbers."""
    return f"{sum(happened)} ÷ {len(happened)} = {sum(happened) / max(len(happened), 1):.1%}"


def gini(counts: Sequence[int]) -> float:
    """0 when all are asked alike, near 1 when one is asked for all."""
    ranked, total = sorted(counts), sum(counts)
    if not total:
        return 0.0
    return 2 * sum(rank * count for rank, count in enumerate(ranked, 1)) / (len(ranked) * total) - 1 - 1 / len(ranked)


def most_in_a_week(asked: dict[str, list[datetime]]) -> int:
    """The most asks to one volunteer within seven days."""
    most = 0
    for times in asked.values():
        times.sort()
        for first, at in enumerate(times):
            most = max(most, sum(at <= later < at + timedelta(days=7) for later in times[first:]))
    return most


if __name__ == "__main__":
    main()
