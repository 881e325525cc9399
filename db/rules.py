"""The rules of a town: how many are asked, how far, how often, at what hours, and what is too much."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours at which nobody is asked anything, on the town's clock; across midnight if the end is earlier."""

    start: time
    end: time
    timezone: ZoneInfo

    def holds(self, as_of: datetime) -> bool:
        """Whether it is night for this rule."""
        here = as_of.astimezone(self.timezone).time()
        if self.start <= self.end:
            return self.start <= here < self.end
        return here >= self.start or here < self.end

    def next_end(self, as_of: datetime) -> datetime:
        """When the coming quiet hours end, in UTC; right across both changes of the clock."""
        here = as_of.astimezone(self.timezone)
        day = here.date() if here.time() < self.end else here.date() + timedelta(days=1)
        return datetime.combine(day, self.end, self.timezone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say of matching. Times that run out at night run out in the morning.

    The three limits are for one telephone number: more texts an hour are not answered, more requests a day not taken,
    and no more volunteers asked for it a day. The key is what they know a number by that was erased today.
    """

    wave_size: int = 3
    wave_timeout: timedelta = timedelta(minutes=15)
    radius_km: float = 20
    asks_per_week: int = 3
    confirm_timeout: timedelta = timedelta(hours=2)
    follow_up_after: timedelta = timedelta(hours=24)
    quiet: Quiet | None = None
    helpline: str | None = None
    texts_per_hour: int = 20
    requests_per_day: int = 5
    volunteers_per_day: int = 100
    key: bytes = field(default=b"", repr=False)

    def is_night(self, as_of: datetime) -> bool:
        """Whether nobody may be asked, reminded or followed up now."""
        return self.quiet is not None and self.quiet.holds(as_of)

    def waking(self, as_of: datetime) -> datetime:
        """Now by day; at night, the coming morning."""
        return self.quiet.next_end(as_of) if self.quiet and self.quiet.holds(as_of) else as_of
