"""Figures counted ahead by the sweep: each day once it is over, today every minute; what is open, who is willing."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from peewee import SQL, Expression, fn

from db.models import Letter, Person, Request, Tally, Text, Volunteer
from db.steps import RequestStep

DAYS = 14
# What comes late for a day that is over: prices, with the carrier's receipts.
LATE = timedelta(hours=6)
# So many volunteers are counted in an instant; more of them, a second or two each time, are counted less often.
FEW_VOLUNTEERS, MANY_ARE_COUNTED_EVERY = 20_000, timedelta(minutes=15)
OPEN, PEOPLE = "open", "people"
WITHOUT_A_VOLUNTEER = (RequestStep.SEARCHING, RequestStep.PROPOSED)
MINUTES_UNTIL_INTRODUCED = SQL("(introduced_at - created_at) / 60000")


def count_all_due(as_of: datetime, timezone: ZoneInfo) -> int:
    """Count what has changed since it was counted last. Returns 0: it is nothing to tell of."""
    counted = {row.of: row.counted_at for row in Tally.select(Tally.of, Tally.counted_at)}
    for day in last_days(as_of, timezone):
        if _is_due(day, counted.get(f"{day}"), as_of, timezone):
            _keep(f"{day}", count_day(day, timezone), as_of)
    _keep(OPEN, count_open(), as_of)
    if PEOPLE not in counted or as_of - counted[PEOPLE] >= MANY_ARE_COUNTED_EVERY or _are_few():
        _keep(PEOPLE, count_people(), as_of)
    return 0


def last_days(as_of: datetime, timezone: ZoneInfo) -> list[date]:
    """Today and the days before it that figures are shown of, the oldest first."""
    today = as_of.astimezone(timezone).date()
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def count_day(day: date, timezone: ZoneInfo) -> dict[str, Any]:
    """What happened on one day of the town's clock: each thing on the day it happened."""
    start, end = _midnight(day, timezone), _midnight(day + timedelta(days=1), timezone)
    texts = (Text.received_at >= start) & (Text.received_at < end)
    # By the index there is: a letter is sent within hours of being owed.
    letters = (Letter.created_at >= start - timedelta(days=1)) & (Letter.created_at < end)
    letters &= (Letter.sent_at >= start) & (Letter.sent_at < end)
    sent: Any = Letter.select(Letter.price, fn.COUNT(Letter.id)).where(letters).group_by(Letter.price)
    prices = list(sent.tuples())
    introduced = (Request.introduced_at >= start) & (Request.introduced_at < end)
    waits: Any = Request.select(MINUTES_UNTIL_INTRODUCED, fn.COUNT(Request.id)).where(introduced).group_by(SQL("1"))
    return {
        "asked": _by_kind((Request.created_at >= start) & (Request.created_at < end)),
        "introduced": _by_kind(introduced),
        "answered": _by_kind((Request.answered_at >= start) & (Request.answered_at < end)),
        "waits": list(waits.tuples()),
        "texts_in": Text.select().where(texts).count(),
        "texts_out": sum(count for _, count in prices),
        "cost": str(sum((_euros(price) * count for price, count in prices), Decimal())),
    }


def count_open() -> dict[str, int]:
    """How many requests wait for a volunteer, at each postcode."""
    waiting = Request.step.in_(WITHOUT_A_VOLUNTEER) & Request.postcode.is_null(False)
    counted: Any = Request.select(Request.postcode, fn.COUNT(Request.id)).where(waiting).group_by(Request.postcode)
    return dict(counted.tuples())


def count_people() -> dict[str, Sequence[int]]:
    """Of the volunteers at each postcode: how many are willing, of those may be asked now, rest, and stopped."""
    here = Person.stopped_at.is_null() & Person.gone_at.is_null() & Person.blocked_at.is_null()
    rests = Volunteer.resting_until.is_null(False)
    counts = [fn.COUNT(Volunteer.id).filter(which) for which in (here & ~rests, Volunteer.free, here & rests, ~here)]
    at_postcodes = Volunteer.select(Volunteer.postcode, *counts).join(Person).where(Volunteer.postcode.is_null(False))
    counted: Any = at_postcodes.group_by(Volunteer.postcode)
    return {postcode: counts for postcode, *counts in counted.tuples()}


def kept(*of: str) -> Mapping[str, tuple[Any, datetime]]:
    """These figures, as far as they were counted, and when."""
    return {row.of: (json.loads(row.figures), row.counted_at) for row in Tally.select().where(Tally.of.in_(of))}


def _is_due(day: date, counted_at: datetime | None, as_of: datetime, timezone: ZoneInfo) -> bool:
    end = _midnight(day + timedelta(days=1), timezone)
    return counted_at is None or counted_at < end or (counted_at < end + LATE <= as_of)


def _by_kind(which: Expression) -> list[list[Any]]:
    """How many of these requests, and how many of them ended well, by need and by the asker's language."""
    helped = fn.COUNT(Request.id).filter(Request.helped == True)  # noqa: E712
    asked = Request.select(Request.need, Person.language, fn.COUNT(Request.id), helped).join(Person).where(which)
    counted: Any = asked.group_by(Request.need, Person.language).order_by(Request.need, Person.language)
    return [[need or "", language or "", *counts] for need, language, *counts in counted.tuples()]


def _are_few() -> bool:
    return (Volunteer.select(fn.MAX(Volunteer.id)).scalar() or 0) <= FEW_VOLUNTEERS


def _keep(of: str, figures: object, as_of: datetime) -> None:
    said = json.dumps(figures, separators=(",", ":"))
    Tally.insert(of=of, figures=said, counted_at=as_of).on_conflict(
        conflict_target=[Tally.of], preserve=[Tally.figures, Tally.counted_at]
    ).execute()


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), timezone).astimezone(UTC)


def _euros(price: str | None) -> Decimal:
    """A price as the carrier gives it; nothing where it gives none."""
    try:
        return Decimal(price or 0)
    except InvalidOperation:
        return Decimal()
