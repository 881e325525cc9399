"""What needs a person: kept until an operator closes it, or it has settled itself."""

import logging
from datetime import datetime
from enum import StrEnum
from typing import Any

from peewee import JOIN, ModelSelect, fn

from db.models import Concern, Letter, Person, Request, Text
from db.outbox import DELIVERED
from db.statements import insert
from db.steps import RequestStep

log = logging.getLogger(__name__)


# Of one person; more would hide everybody else, and all their texts are kept to be read.
TEXTS_AT_ONCE = 5


class Kind(StrEnum):
    """Why somebody should look, the most urgent first."""

    EMERGENCY = "emergency"  # life may be in danger: were they told to call 112?
    UNDELIVERED = "undelivered"  # a letter somebody waits for did not arrive
    NOBODY = "nobody"  # a request nobody took
    SET_ASIDE = "set_aside"  # a text that broke us
    FLOOD = "flood"  # a number that writes or asks more than anybody would


def open_concern(
    kind: Kind,
    person: Person,
    as_of: datetime,
    request: Request | None = None,
    letter: Letter | None = None,
    text: int | None = None,
) -> None:
    """Somebody should look at this; said once while it is open."""
    same = (Concern.kind == kind) & (Concern.person == person) & Concern.closed_at.is_null()
    same &= Concern.request.is_null() if request is None else Concern.request == request
    # One that has settled itself is open and not seen: it does not stand for what happens later.
    if open_concerns().where(same).count() >= (1 if text is None else TEXTS_AT_ONCE):
        return
    insert(Concern, kind=kind, person=person, request=request, letter=letter, text=text, opened_at=as_of)
    log.warning("needs a person: %s person=%d", kind.value, person.id)


def open_concerns() -> "ModelSelect[Concern]":
    """What still needs a person, oldest first: not what has settled itself since."""
    nobody_yet = (Concern.kind != Kind.NOBODY) | (Request.step == RequestStep.SEARCHING)
    not_arrived = Letter.id.is_null() | (Letter.state != DELIVERED)
    return (
        Concern.select(Concern, Person, Request, Letter, Text)
        .join(Person)
        .switch(Concern)
        .join(Request, JOIN.LEFT_OUTER)
        .switch(Concern)
        .join(Letter, JOIN.LEFT_OUTER)
        .switch(Concern)
        .join(Text, JOIN.LEFT_OUTER)
        .where(Concern.closed_at.is_null() & nobody_yet & not_arrived)
        .order_by(Concern.opened_at, Concern.id)
    )


def count_by_kind() -> dict[str, float]:
    """How many of each kind are open; 0 where there is none."""
    counts: dict[str, float] = dict.fromkeys((kind.value for kind in Kind), 0)
    counted: Any = open_concerns().select(Concern.kind, fn.COUNT(Concern.id)).group_by(Concern.kind)
    return counts | dict(counted.order_by(Concern.kind).tuples())


def close_concern(concern: Concern, by: str, as_of: datetime) -> bool:
    """An operator has looked at it. Returns False if somebody had already."""
    still_open = (Concern.id == concern.id) & Concern.closed_at.is_null()
    return bool(Concern.update(closed_at=as_of, closed_by=by).where(still_open).execute())
