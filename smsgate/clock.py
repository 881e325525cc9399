"""What time it is: handed to whoever needs it, so that tests and the rehearsal can turn the clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time on this machine, in UTC."""
    return datetime.now(UTC)


class MovableClock:
    """A clock that goes on by itself and can be moved forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead

    def skip(self, time: timedelta) -> None:
        """Let this much time pass at once."""
        self.ahead += time
