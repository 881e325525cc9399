"""What operators did, and when: noted in the same breath as it is done."""

from datetime import datetime

from db.models import Deed, Person, Request


def note_deed(by: str, did: str, as_of: datetime, person: Person | None = None, request: Request | None = None) -> None:
    """Somebody (by) did something, in a few fixed words that hold nothing of people."""
    Deed.create(by=by, did=did, person=person, request=request, at=as_of)
