"""Every text stored once: repeats dropped, long texts joined from their parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter

from peewee import Expression, ModelSelect, Query, fn

from db.models import Text
from db.statements import insert_all_if_new, literal, statement
from db.turns import left_alone

WAITING, HEARD, SET_ASIDE = "waiting", "heard", "set aside"
IS_WAITING, IS_PAST = Text.state == literal(WAITING), Text.state != literal(WAITING)

# The parts of a long text come within seconds; after this (or before it, by a clock set back since) we make do
# with those we have.
MISSING_PART_AFTER = timedelta(minutes=1)

# Waiting texts: ten times what is heard together. Of more only where those are not of enough people, or not ready.
LOOKED_AT_FIRST = 100


@dataclass(frozen=True, slots=True)
class Incoming:
    """One call of the carrier: a whole text, or one part of a long one."""

    account: str
    message: str
    sender: str
    recipient: str
    words: str
    received_at: datetime
    part_of: str | None = None
    part: int = 1
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text nobody has heard yet: its sender, its words, and the rows it came in."""

    sender: str
    words: str
    received_at: datetime
    rows: tuple[int, ...]


COLUMNS = tuple(field.name for field in fields(Incoming))
columns_of = attrgetter(*COLUMNS)


def store(texts: Sequence[Incoming]) -> None:
    """Keep these texts, all or none. One that we have already is not kept twice."""
    insert_all_if_new(Text, (*COLUMNS, "state"), [(*columns_of(text), WAITING) for text in texts])


def is_any_waiting(as_of: datetime) -> bool:
    """Whether a text can be heard now."""
    return bool(_ready(as_of, 1, _ready_among))


def waits_since() -> datetime | None:
    """When the oldest came of the texts that nobody has heard yet."""
    since: datetime | None = Text.select(fn.MIN(Text.received_at)).where(IS_WAITING).scalar()
    return since


def has_written(number: str, since: datetime) -> bool:
    """Whether a text came from this number after that moment, heard or not."""
    return Text.select().where(is_from(number) & (Text.received_at > since)).exists()


def is_from(number: str) -> Expression:
    """Every text from this number. Those that are past have an index by number; those that wait are walked through."""
    found: Expression = (IS_PAST & (Text.sender == number)) | (IS_WAITING & (Text.sender == number))
    return found


def take_waiting(most: int, as_of: datetime) -> list[Waiting]:
    """The oldest texts that nobody is hearing now, for the caller alone: one of a person, and so many at most.

    The caller is in a transaction, and ends each by heard() or set_aside().
    """
    texts = _ready(as_of, most, _ready_and_left_alone)
    return [
        Waiting(text.sender, text.words, text.received_at, (text.id,)) if text.parts == 1 else _joined(text)
        for text in texts
    ]


def heard(text: Waiting, heard_as: str | None, as_of: datetime) -> None:
    """This text has been dealt with; heard_as is the intent, none for a text that was not listened to."""
    for row in text.rows:
        _heard(row, heard_as, as_of)


def set_aside(text: Waiting, fault: str, as_of: datetime) -> None:
    """This text broke us: a person must look at it. The fault says what broke, and never a word of the text."""
    Text.update(state=SET_ASIDE, heard_at=as_of, fault=fault).where(Text.id.in_(text.rows)).execute()


def _ready(as_of: datetime, most: int, ask: Callable[[datetime, datetime, int, int], list[Text]]) -> list[Text]:
    """Of the first that wait; should too few of those be ready (one number floods us, parts are missing), of more."""
    among = LOOKED_AT_FIRST
    while True:
        found = ask(as_of - MISSING_PART_AFTER, as_of + MISSING_PART_AFTER, most, among)
        if len(found) == most or not _after(among):
            return found
        among *= 10


def _waiting(long_ago: datetime, ahead: datetime, most: int, among: int) -> "ModelSelect[Text]":
    """Each sender's oldest text, oldest first; a long one whose parts are still coming is waited for."""
    waits, sibling = Text.alias(), Text.alias()
    first = waits.select(waits.id, waits.sender).where(waits.state == WAITING).order_by(waits.id).limit(among)
    oldest = first.select_from(fn.MIN(first.c.id)).group_by(first.c.sender)
    parts_here = sibling.select(fn.COUNT(fn.DISTINCT(sibling.part))).where(
        (sibling.sender == Text.sender) & (sibling.part_of == Text.part_of) & (sibling.state == WAITING)
    )
    made_do_with = (Text.received_at <= long_ago) | (Text.received_at > ahead)
    is_whole = (Text.parts == 1) | made_do_with | (parts_here == Text.parts)
    return Text.select().where(Text.id.in_(oldest) & is_whole).order_by(Text.id).limit(most)


@statement
def _ready_among(long_ago: datetime, ahead: datetime, most: int, among: int) -> "ModelSelect[Text]":
    return _waiting(long_ago, ahead, most, among)


@statement
def _ready_and_left_alone(long_ago: datetime, ahead: datetime, most: int, among: int) -> "ModelSelect[Text]":
    return left_alone(_waiting(long_ago, ahead, most, among))


@statement
def _after(among: int) -> Query:
    return Text.select(Text.id).where(IS_WAITING).order_by(Text.id).limit(1).offset(among).tuples()


@statement
def _heard(text: int, heard_as: str | None, as_of: datetime) -> Query:
    return Text.update(state=HEARD, heard_at=as_of, heard_as=heard_as).where(Text.id == text)


def _joined(text: Text) -> Waiting:
    parts = list(
        Text.select()
        .where((Text.sender == text.sender) & (Text.part_of == text.part_of) & IS_WAITING)
        .order_by(Text.part, Text.id)
    )
    first = {part.part: part.words for part in reversed(parts)}
    # A telephone may use the same number for its next long text: what says something else is not of this one.
    ours = tuple(part.id for part in parts if part.words == first[part.part])
    return Waiting(text.sender, "".join(first[part] for part in sorted(first)), text.received_at, ours)
