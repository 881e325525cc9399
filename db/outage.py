"""When letters do not go: cut off in the middle of a call, or a line that is dead; and the night after an outage."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from db.models import Letter
from db.notices import AT_MOST_ONCE, NEVER_A_REPLY, Notice
from db.outbox import CLAIMED, FAILED, SENT, WAITING, Failure
from db.turns import undisturbed

# A claim older than this was cut off: the carrier answers, or times out, well within it.
CUT_OFF_AFTER = timedelta(minutes=2)
# Sent again so often at most where nobody knows whether it went: waiting 2, 4, 8, … minutes, for four hours in all.
MOST_CUT_OFFS = 7
LONGEST_WAIT_IN_OUTAGE = timedelta(minutes=13)  # and two in hand
# Letters tried so often, while none goes, are a sign that the line is dead.
TRIED_IN_VAIN = 3
# A claim of the future was made before the clock was set back.
CLOCK_SKEW = timedelta(minutes=1)
LATELY = timedelta(days=1)  # how far back the index is looked through for a letter that has gone


def release_cut_off(clock: Callable[[], datetime]) -> int:
    """Letters claimed by a process that ended, or whose call had no answer: sent again, or left. Returns how many.

    A receipt may still settle a letter that waits to be sent again: each time it waits twice as long for one. Where no
    letter goes to anybody, it is not this one: it is tried every quarter of an hour, until the line is back.
    """
    # The moment at which claims are looked at: seen from an earlier one, those made since are of the future.
    return undisturbed(lambda: _release_cut_off(clock()))


def _release_cut_off(as_of: datetime) -> int:
    claimed_at = Letter.claimed_at
    long_ago = (claimed_at <= as_of - CUT_OFF_AFTER) | (claimed_at > as_of + CLOCK_SKEW)
    cut_off = list(Letter.select().where((Letter.state == CLAIMED) & long_ago))
    line_is_dead = bool(cut_off) and not any_gone_since(min(letter.claimed_at for letter in cut_off))
    for letter in cut_off:
        outcome: dict[str, Any]
        if letter.notice in AT_MOST_ONCE:
            outcome = {"state": SENT, "sent_at": letter.claimed_at, "number": None}
        elif line_is_dead or letter.cut_off < MOST_CUT_OFFS:
            wait = CUT_OFF_AFTER * (2 ** min(letter.cut_off, MOST_CUT_OFFS) - 1)
            if line_is_dead:
                wait = min(wait, LONGEST_WAIT_IN_OUTAGE)
            outcome = {"state": WAITING, "claimed_at": None, "due_at": as_of + wait, "cut_off": letter.cut_off + 1}
        else:
            outcome = {"state": FAILED, "failure": Failure.UNCERTAIN}
        Letter.update({**outcome, "fault": "cut off"}).where(
            (Letter.id == letter.id) & (Letter.state == CLAIMED)
        ).execute()
    return len(cut_off)


def any_gone_since(moment: datetime) -> bool:
    """Whether the carrier has taken a letter to anybody after this moment."""
    taken = Letter.carrier_ref.is_null(False) & (Letter.sent_at > moment)
    return Letter.select().where((Letter.created_at > moment - LATELY) & taken).exists()


def stuck() -> Letter | None:
    """The oldest letter that was tried in vain, if none has gone since it was owed: the line is dead."""
    untaken = Letter.state.in_((WAITING, CLAIMED)) & Letter.sent_at.is_null() & (Letter.attempts >= TRIED_IN_VAIN)
    oldest: Letter | None = Letter.select().where(untaken).order_by(Letter.id).first()
    return None if oldest is None or any_gone_since(oldest.created_at) else oldest


def put_off(as_of: datetime, morning: datetime) -> None:
    """What should have gone by day waits for the morning; an answer to what was just written does not."""
    stale = (Letter.created_at <= as_of - timedelta(hours=1)) & (Letter.notice != Notice.EMERGENCY)
    by_day = Letter.notice.in_(NEVER_A_REPLY) | stale
    waits = (Letter.state == WAITING) & Letter.sent_at.is_null() & (Letter.due_at < morning) & by_day
    Letter.update(due_at=morning, attempts=0).where(waits).execute()
