"""How the service itself is doing: does the carrier take letters, what is left to spend, does the worker look."""

from datetime import datetime, timedelta
from math import isfinite

from db import inbox
from db.models import Health

# While the account is in trouble one letter is tried now and then: after a minute, two, four, … at most a quarter.
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(minutes=15)
# Kept by whoever sends; whoever looks for what is due may write at the same time, but nothing of this.
TROUBLE = (Health.trouble, Health.trouble_since, Health.trouble_times, Health.retry_at)
# The worker looks every minute.
WORKER_IS_LATE_AFTER = timedelta(minutes=5)


def health() -> Health:
    """The one row there is."""
    row: Health = Health.get()
    return row


def may_send(as_of: datetime) -> int | None:
    """How many letters may go now: None for any number, 1 to try whether it works again, 0 while it is too early."""
    row = health()
    if row.trouble is None:
        return None
    is_due = row.retry_at <= as_of or row.retry_at > as_of + LONGEST_RETRY  # the clock was set back since
    return 1 if is_due else 0


def account_in_trouble(why: str, as_of: datetime) -> None:
    """No letter can go until somebody mends the account; why is in plain words, and holds nothing of people."""
    row = health()
    if row.trouble and row.retry_at > as_of:
        return  # a call that was under way when it began
    row.trouble, row.trouble_since = why, row.trouble_since or as_of
    row.retry_at = as_of + min(FIRST_RETRY * 2 ** min(row.trouble_times, 10), LONGEST_RETRY)
    row.trouble_times += 1
    row.save(only=TROUBLE)


def letters_go(balance: str | None, as_of: datetime) -> bool:
    """The carrier took a letter, and may have said what is left to spend. Returns whether it had not before."""
    row = health()
    was_in_trouble = row.trouble is not None
    if was_in_trouble:
        row.trouble, row.trouble_since, row.retry_at, row.trouble_times = None, None, None, 0
    if balance and _is_number(balance):
        row.balance, row.balance_at = balance, as_of
    if was_in_trouble or balance:
        row.save(only=(*TROUBLE, Health.balance, Health.balance_at))
    return was_in_trouble


def _is_number(said: str) -> bool:
    try:
        return isfinite(float(said))
    except ValueError:
        return False


def swept(as_of: datetime) -> None:
    """The worker has looked for what is due."""
    Health.update(swept_at=as_of).execute()


def tidied(as_of: datetime) -> None:
    """What is old has been emptied."""
    Health.update(tidied_at=as_of).execute()


def unheard_since(doing: Health, as_of: datetime) -> datetime | None:
    """Since when nobody hears texts: the worker has not looked for too long, or never has and a text waits as long."""
    since = doing.swept_at or inbox.waits_since()
    return since if since and as_of - since > WORKER_IS_LATE_AFTER else None
