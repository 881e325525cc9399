"""Every text stored once: repeats dropped, long texts joined from their parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.models import Text

WAITING, HEARD, SET_ASIDE = "waiting", "heard", "set aside"

# The parts of a long text come within seconds; after this we make do with those we have.
MISSING_PART_AFTER = timedelta(minutes=3)


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


def store(texts: Sequence[Incoming]) -> None:
    """Keep these texts, all in one statement. One that we have already is not kept twice."""
    Text.insert_many(
        [
            {
                "account": text.account,
                "message": text.message,
                "sender": text.sender,
                "recipient": text.recipient,
                "words": text.words,
                "received_at": text.received_at,
                "part_of": text.part_of,
                "part": text.part,
                "parts": text.parts,
                "state": WAITING,
            }
            for text in texts
        ]
    ).on_conflict_ignore().execute()


def next_waiting(as_of: datetime) -> Waiting | None:
    """The oldest text that can be heard now; the caller is in a transaction, and ends by heard() or set_aside()."""
    return next(_can_be_heard(as_of), None)


def heard(text: Waiting, as_of: datetime) -> None:
    """This text has been dealt with."""
    Text.update(state=HEARD, heard_at=as_of).where(Text.id.in_(text.rows)).execute()


def set_aside(text: Waiting, fault: str, as_of: datetime) -> None:
    """This text broke us: a person must look at it. The fault says what broke, and never a word of the text."""
    Text.update(state=SET_ASIDE, heard_at=as_of, fault=fault).where(Text.id.in_(text.rows)).execute()


def _can_be_heard(as_of: datetime) -> Iterator[Waiting]:
    waiting = Text.select().where(Text.state == WAITING).order_by(Text.id).limit(200)
    for text in waiting:
        if text.parts == 1:
            yield Waiting(text.sender, text.words, text.received_at, (text.id,))
            continue
        siblings = list(
            Text.select()
            .where((Text.sender == text.sender) & (Text.part_of == text.part_of) & (Text.state == WAITING))
            .order_by(Text.part, Text.id)
        )
        by_part = {sibling.part: sibling.words for sibling in reversed(siblings)}
        if len(by_part) == text.parts or as_of - text.received_at >= MISSING_PART_AFTER:
            words = "".join(by_part[part] for part in sorted(by_part))
            yield Waiting(text.sender, words, text.received_at, tuple(sibling.id for sibling in siblings))
