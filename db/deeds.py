"""What operators did, and when: noted in the same breath as it is done."""

from datetime import datetime
from enum import StrEnum

from db.models import Deed, Person, Request


class Did(StrEnum):
    """What an operator can do, in words that hold nothing of people."""

    ASKED = "asked"  # took a request down
    ASKED_CONSENTED = "asked_consented"  # and that a volunteer may have the caller's number
    JOINED = "joined"  # took a volunteer down
    LOOKED_UP = "looked_up"  # saw what is known of a number
    OPENED = "opened"  # saw a case
    CLOSED = "closed"
    AGREED = "agreed"  # on the asker's word: this volunteer may have their number
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RETRIED = "retried"
    HELPED = "helped"
    NOT_HELPED = "not_helped"
    LOOKED_AGAIN = "looked_again"  # it did not help, and somebody else is looked for
    NOTED = "noted"  # wrote something down for whoever looks next
    BLOCK = "block"
    UNBLOCK = "unblock"
    FORGET = "forget"


def note_deed(
    by: str,
    did: Did,
    as_of: datetime,
    person: Person | None = None,
    request: Request | None = None,
    note: str = "",
) -> int:
    """Somebody (by) did something, in a few fixed words that hold nothing of people; a note may. Returns its id."""
    deed: Deed = Deed.create(by=by, did=did, note=note, person=person, request=request, at=as_of)
    return int(deed.id)


def deeds_about(person: Person, most: int) -> list[Deed]:
    """What operators did about this person, the latest first."""
    return list(Deed.select().where(Deed.person == person).order_by(Deed.at.desc(), Deed.id.desc()).limit(most))
