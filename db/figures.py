"""The last fourteen days in figures, added up from what was counted ahead: how many asked, met, and were helped."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from db import tally


@dataclass(slots=True)
class Count:
    """How many asked, how many were introduced, and of those who told us whether help came, how many were helped."""

    asked: int = 0
    introduced: int = 0
    answered: int = 0
    helped: int = 0


@dataclass(slots=True)
class Figures:
    """What happened on one day, or on several together."""

    all: Count = field(default_factory=Count)
    by_need: dict[str, Count] = field(default_factory=dict)
    by_language: dict[str, Count] = field(default_factory=dict)
    waits: Counter[int] = field(default_factory=Counter)  # minutes until an introduction, and for how many
    texts_in: int = 0
    texts_out: int = 0
    cost: Decimal = Decimal()  # euro

    def add(self, day: Mapping[str, Any]) -> None:
        """One day more."""
        for what in ("asked", "introduced", "answered"):
            for need, language, count, helped in day[what]:
                by_need = self.by_need.setdefault(need, Count())
                by_language = self.by_language.setdefault(language, Count())
                for counted in (self.all, by_need, by_language):
                    setattr(counted, what, getattr(counted, what) + count)
                    counted.helped += helped if what == "answered" else 0
        self.waits.update(dict(day["waits"]))
        self.texts_in += day["texts_in"]
        self.texts_out += day["texts_out"]
        self.cost += Decimal(day["cost"])

    def median_wait(self) -> int | None:
        """In half of the introductions it took no more minutes than this; None if there were none."""
        left = (sum(self.waits.values()) + 1) // 2
        for minutes in sorted(self.waits):
            left -= self.waits[minutes]
            if left <= 0:
                return minutes
        return None


@dataclass(frozen=True, slots=True)
class Volunteers:
    """How many volunteers there are."""

    willing: int
    free: int  # of the willing, those who may be asked now
    resting: int
    stopped: int
    at: Mapping[str, int]  # the willing, by postcode


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that was counted ahead, and when."""

    days: Mapping[date, Figures]  # the oldest first
    fortnight: Figures  # all of them together
    waiting_at: Mapping[str, int]  # requests without a volunteer yet, by postcode
    volunteers: Volunteers
    counted_at: datetime

    def today(self) -> Figures:
        """The last of the days."""
        return self.days[max(self.days)]


def overview(as_of: datetime, timezone: ZoneInfo) -> Overview | None:
    """All of it; None before anything was counted."""
    days = tally.last_days(as_of, timezone)
    counted = tally.kept(tally.OPEN, tally.PEOPLE, *(f"{day}" for day in days))
    if not counted.keys() >= {tally.OPEN, tally.PEOPLE}:
        return None
    waiting_at, counted_at = counted[tally.OPEN]
    at = counted[tally.PEOPLE][0]
    said_of = {day: [counted[f"{day}"][0]] if f"{day}" in counted else [] for day in days}
    willing, free, resting, stopped = (sum(counts[which] for counts in at.values()) for which in range(4))
    return Overview(
        {day: added(said) for day, said in said_of.items()},
        added(said for day in said_of.values() for said in day),
        waiting_at,
        Volunteers(willing, free, resting, stopped, {postcode: counts[0] for postcode, counts in at.items()}),
        counted_at,
    )


def added(days: Iterable[Mapping[str, Any]]) -> Figures:
    """The figures of these days together."""
    figures = Figures()
    for day in days:
        figures.add(day)
    return figures
