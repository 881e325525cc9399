"""What needs a person: kept until an operator closes it, or it has settled itself."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import JOIN, Expression, ModelSelect, Query, fn

from db.models import Concern, Letter, Person, Request, Text
from db.notices import Notice
from db.outbox import DELIVERED
from db.statements import insert, statement
from db.steps import RequestStep
from db.turns import undisturbed

log = logging.getLogger(__name__)


# Of one person; more would hide everybody else, and all their texts are kept to be read.
TEXTS_AT_ONCE = 5


class Kind(StrEnum):
    """Why somebody should look, the most urgent first."""

    EMERGENCY = "emergency"  # life may be in danger: were they told to call 112?
    CALL_BACK = "call_back"  # somebody who gets no texts waits to be rung
    UNDELIVERED = "undelivered"  # a letter somebody waits for did not arrive
    NOBODY = "nobody"  # a request nobody took
    SET_ASIDE = "set_aside"  # a text that broke us
    FLOOD = "flood"  # a number that writes or asks more than anybody would


class Outcome(StrEnum):
    """What came of it, if whoever closes it wants to say."""

    REACHED = "reached"  # they were spoken to
    NOT_REACHED = "not_reached"
    SERVICES = "services"  # 112, the police, a doctor or a social worker has taken over
    OTHER_HELP = "other_help"  # help was found in another way
    NOTHING = "nothing"  # nothing had to be done


# What somebody who gets no texts is told by telephone; and the step at which their request must still be for that call.
RUNG: Mapping[Notice, RequestStep] = {
    Notice.VOLUNTEER_FOUND: RequestStep.PROPOSED,
    Notice.CONFIRM_EXPIRED: RequestStep.WITHDRAWN,
    Notice.NOBODY_NEAR: RequestStep.SEARCHING,
    Notice.NOBODY_FOUND: RequestStep.SEARCHING,
    Notice.NOBODY_FOUND_CALL: RequestStep.SEARCHING,
    Notice.VOLUNTEER_WITHDREW: RequestStep.SEARCHING,
    Notice.REQUEST_EXPIRED: RequestStep.UNMET,
    Notice.FOLLOW_UP: RequestStep.FOLLOWED_UP,
    Notice.LOOK_AGAIN_FOR: RequestStep.NOT_HELPED,
}


def open_concern(
    kind: Kind,
    person: Person,
    as_of: datetime,
    request: Request | None = None,
    letter: Letter | None = None,
    text: int | None = None,
    notice: Notice | None = None,
) -> None:
    """Somebody should look at this; said once while it is open, and of a call only what is to be told last."""
    about = (kind, request and request.id)
    same = [one for one in _noted_of(person) if one.is_open and (one.kind, one.request) == about]
    if notice and same:
        is_stale = request is not None and RUNG[notice] != request.step  # while another volunteer waits for their yes
        if not (is_stale and any(one.stands for one in same)):
            _change(same, notice=notice, opened_at=as_of)
        return
    # One that has settled itself is open and not seen: it does not stand for what happens later.
    standing = [one for one in same if one.stands]
    if len(standing) >= (1 if text is None else TEXTS_AT_ONCE):
        if letter:  # the last one says most; and should an earlier one arrive after all, this one still has not
            _change([one for one in standing if one.letter], letter=letter)
        return
    insert(
        Concern,
        kind=kind,
        person=person,
        request=request,
        letter=letter,
        text=text,
        notice=notice,
        opened_at=as_of,
    )
    log.warning("needs a person: %s person=%d", kind.value, person.id)


def open_concerns() -> "ModelSelect[Concern]":
    """What still needs a person, oldest first: not what has settled itself since."""
    return (
        _with_what_settles_it(Concern, Person, Request, Letter, Text)
        .join(Person)
        .switch(Concern)
        .join(Text, JOIN.LEFT_OUTER)
        .where(Concern.closed_at.is_null() & _still_stands())
        .order_by(Concern.opened_at, Concern.id)
    )


def most_urgent(counts: Mapping[str, float], skip: int, how_many: int) -> list[Concern]:
    """So many of them, after the first `skip`: kind by kind, the oldest first. counts: of the kinds that are wanted."""
    found: list[Concern] = []
    for kind, count in counts.items():
        wanted = how_many - len(found)
        if skip < count and wanted > 0:
            found.extend(open_concerns().where(Concern.kind == kind).offset(skip).limit(wanted))
        skip = max(0, skip - int(count))
    return found


def count_by_kind() -> dict[str, float]:
    """How many of each kind are open, the most urgent first; 0 where there is none."""
    counts: dict[str, float] = dict.fromkeys((kind.value for kind in Kind), 0)
    counted: Any = (
        _with_what_settles_it(Concern.kind, fn.COUNT(Concern.id))
        .where(Concern.closed_at.is_null() & _still_stands())
        .group_by(Concern.kind)
    )
    return counts | dict(counted.tuples())


def close_concern(concern: Concern, by: str, as_of: datetime, outcome: Outcome | None = None) -> bool:
    """An operator has looked at it. Returns False if somebody had already."""
    still_open = (Concern.id == concern.id) & Concern.closed_at.is_null()
    return bool(Concern.update(closed_at=as_of, closed_by=by, outcome=outcome).where(still_open).execute())


def close_settled(as_of: datetime) -> int:
    """What has settled itself is closed, by nobody. Returns how many there were."""

    def close() -> int:
        settled = _with_what_settles_it(Concern.id).where(Concern.closed_at.is_null() & ~_still_stands())
        closed: int = Concern.update(closed_at=as_of, closed_by="").where(Concern.id.in_(settled)).execute()
        return closed

    return undisturbed(close)


class _Noted(NamedTuple):
    """What there is already about a person."""

    id: int
    is_open: bool
    kind: str
    request: int | None
    letter: int | None
    stands: bool | None


def _noted_of(person: Person) -> list[_Noted]:
    return [_Noted(*row) for row in _all_of(person)]


@statement
def _all_of(person: Person) -> Query:
    """All there ever was, as it is little: what is open of everybody would be walked through, thousands at times."""
    columns = (Concern.id, Concern.closed_at.is_null(), Concern.kind, Concern.request, Concern.letter, _still_stands())
    return _with_what_settles_it(*columns).where(Concern.person == person).tuples()


def _change(concerns: Sequence[_Noted], **values: Any) -> None:
    Concern.update(**values).where(Concern.id.in_([one.id for one in concerns])).execute()


def _with_what_settles_it(*columns: Any) -> "ModelSelect[Concern]":
    to_request = Concern.select(*columns).join(Request, JOIN.LEFT_OUTER).switch(Concern)
    to_both: ModelSelect[Concern] = to_request.join(Letter, JOIN.LEFT_OUTER).switch(Concern)
    return to_both


def _still_stands() -> Expression:
    """Of a concern with its request and its letter: it has not settled itself."""
    nobody_yet = (Concern.kind != Kind.NOBODY) | (Request.step == RequestStep.SEARCHING)
    not_arrived = Letter.id.is_null() | (Letter.state != DELIVERED)
    worth_a_call = reduce(or_, ((Concern.notice == notice) & (Request.step == step) for notice, step in RUNG.items()))
    stands: Expression = nobody_yet & not_arrived & (Concern.notice.is_null() | worth_a_call)
    return stands
