"""Where the day begins: the rehearsal's hours, on the wall clock of a town."""

from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from zoneinfo import ZoneInfo

MORNING, EVENING = wall_time(8, 30), wall_time(17, 0)


def is_office_hour(as_of: datetime, timezone: ZoneInfo) -> bool:
    """Whether it is daytime in this time zone."""
    return MORNING <= as_of.astimezone(timezone).time() < EVENING


def next_morning(as_of: datetime, timezone: ZoneInfo) -> timedelta:
    """How long it is until the coming 08:30 in this time zone, also across a change to summer time."""
    here = as_of.astimezone(timezone)
    day = here.date() if here.time() < MORNING else here.date() + timedelta(days=1)
    # Subtracted in UTC: two times of one zone are subtracted as if no hour were ever skipped.
    return datetime.combine(day, MORNING, timezone).astimezone(UTC) - as_of.astimezone(UTC)
