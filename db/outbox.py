"""Every letter we owe: waiting, claimed, sent, delivered, failed."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from peewee import fn

from db.models import Letter, Person
from db.turns import left_alone

WAITING, CLAIMED, SENT, DELIVERED, FAILED = "waiting", "claimed", "sent", "delivered", "failed"

# A claim older than this was cut off: the carrier answers, or times out, well within it.
CUT_OFF_AFTER = timedelta(minutes=2)


class Notice(StrEnum):
    """What we say; keywords/words/*.toml says it in each language."""

    ASK_POSTCODE = "ask_postcode"
    SEARCHING = "searching"
    SEARCHING_TOMORROW = "searching_tomorrow"
    FIRST_WAVE_OVER = "first_wave_over"
    NOBODY_NEAR = "nobody_near"
    NOBODY_FOUND = "nobody_found"
    NOBODY_FOUND_CALL = "nobody_found_call"
    REQUEST_EXPIRED = "request_expired"
    STILL_SEARCHING = "still_searching"
    VOLUNTEER_FOUND = "volunteer_found"
    CONFIRM_REMINDER = "confirm_reminder"
    CONFIRM_EXPIRED = "confirm_expired"
    ASKING_OTHERS = "asking_others"
    VOLUNTEER_WITHDREW = "volunteer_withdrew"
    INTRODUCE_TO_ASKER = "introduce_to_asker"
    IN_THEIR_WORDS = "in_their_words"
    FOLLOW_UP = "follow_up"
    HELPED = "helped"
    LOOK_AGAIN = "look_again"
    NOT_HELPED = "not_helped"
    REQUEST_CANCELLED = "request_cancelled"
    LIST_KEPT = "list_kept"
    LIST_MODEL = "list_model"
    WELCOME = "welcome"
    OFFER = "offer"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    NEIGHBOUR_FASTER = "neighbour_faster"
    NO_LONGER_NEEDED = "no_longer_needed"
    NO_ANSWER_FROM_ASKER = "no_answer_from_asker"
    FOLLOW_UP_VOLUNTEER = "follow_up_volunteer"
    INTRODUCE_TO_VOLUNTEER = "introduce_to_volunteer"
    RESTING = "resting"
    STARTED = "started"
    STOPPED = "stopped"
    TO_BE_ERASED = "to_be_erased"
    NOTHING_TO_CANCEL = "nothing_to_cancel"
    YES_OR_NO = "yes_or_no"
    HOW_IT_WORKS = "how_it_works"
    ANY_LANGUAGE = "any_language"
    LANGUAGE_SET = "language_set"
    NOT_UNDERSTOOD = "not_understood"
    EMERGENCY = "emergency"
    A_PERSON_WILL_READ = "a_person_will_read"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a letter, as the carrier tells it later."""

    ref: str | None
    carrier_ref: str
    delivered: bool
    failed: bool
    code: str
    price: str | None
    at: datetime


# All that may still be said to someone who wants no more messages.
SAID_AFTER_STOP = (Notice.STOPPED, Notice.TO_BE_ERASED, Notice.EMERGENCY)


def put(person: Person, notice: Notice, as_of: datetime, due_at: datetime | None = None, **details: str | None) -> None:
    """Owe this person a notice, from due_at on. It is worded when it is sent, in the language they then have."""
    if person.is_stopped() and notice not in SAID_AFTER_STOP:
        return
    Letter.create(
        person=person,
        notice=notice,
        details=json.dumps(details, ensure_ascii=False),
        state=WAITING,
        ref=secrets.token_hex(8),
        due_at=due_at or as_of,
        created_at=as_of,
    )


def put_recently(person: Person, notices: Sequence[Notice], since: datetime) -> int:
    """How many of these notices this person was owed since then."""
    return (
        Letter.select()
        .where((Letter.person == person) & Letter.notice.in_(notices) & (Letter.created_at > since))
        .count()
    )


def call_back(person: Person, *notices: Notice) -> int:
    """Letters this person has not been sent yet (of these notices, or all) are not owed any more. Returns how many."""
    unsent = (Letter.person == person) & (Letter.state == WAITING)
    if notices:
        unsent &= Letter.notice.in_(notices)
    called_back: int = Letter.delete().where(unsent).execute()
    return called_back


def owes_any(as_of: datetime) -> bool:
    """Whether a letter is due, or in hand."""
    owed = Letter.state.in_((WAITING, CLAIMED)) & (Letter.due_at <= as_of)
    return Letter.select().where(owed).exists()


def claim(how_many: int, as_of: datetime) -> list[Letter]:
    """Take letters that are due, to be sent by the caller alone: one a person, and the oldest first.

    The caller is in a transaction.
    """
    unsent = Letter.alias()
    # One that was put off until the morning does not hold up an answer; one that could not be sent yet does.
    in_hand = (unsent.due_at <= as_of) | (unsent.attempts > 0)
    oldest_unsent = unsent.select(fn.MIN(unsent.id)).where(
        (unsent.person == Letter.person) & unsent.state.in_((WAITING, CLAIMED)) & in_hand
    )
    due = (
        Letter.select(Letter.id)
        .where((Letter.state == WAITING) & (Letter.due_at <= as_of) & (Letter.id == oldest_unsent))
        .order_by(Letter.due_at, Letter.id)
        .limit(how_many)
    )
    # Asked first, and not in the update itself: PostgreSQL may ask a question within a statement again for each row.
    claimed = Letter.id.in_([letter.id for letter in left_alone(due)])
    Letter.update(state=CLAIMED, claimed_at=as_of, attempts=Letter.attempts + 1).where(claimed).execute()
    letters = list(Letter.select(Letter, Person).join(Person).where(claimed).order_by(Letter.id))
    unwanted = [
        letter for letter in letters if letter.person.is_stopped() and letter.notice not in SAID_AFTER_STOP
    ]  # STOP came while the letter was on its way
    for letter in unwanted:
        fail(letter, "stopped")
    return [letter for letter in letters if letter not in unwanted]


def sent(letter: Letter, carrier_ref: str, price: str | None, as_of: datetime) -> None:
    """The carrier has accepted this letter. A receipt that came first is not overwritten."""
    Letter.update(state=SENT, carrier_ref=carrier_ref, sent_at=as_of, price=price, fault=None).where(
        (Letter.id == letter.id) & (Letter.state == CLAIMED)
    ).execute()


def put_back(letter: Letter, fault: str, due_at: datetime) -> None:
    """This letter could not be sent now: it waits again until due_at."""
    Letter.update(state=WAITING, claimed_at=None, due_at=due_at, fault=fault).where(
        (Letter.id == letter.id) & (Letter.state == CLAIMED)
    ).execute()


def fail(letter: Letter, fault: str) -> None:
    """This letter can never be sent."""
    Letter.update(state=FAILED, fault=fault).where((Letter.id == letter.id) & (Letter.state == CLAIMED)).execute()


def release_cut_off(as_of: datetime) -> int:
    """Letters claimed long ago, by a process that ended or a call with no answer, wait again. Returns how many."""
    cut_off = (Letter.state == CLAIMED) & (Letter.claimed_at <= as_of - CUT_OFF_AFTER)
    return Letter.update(state=WAITING, claimed_at=None, fault="cut off").where(cut_off).execute()  # type: ignore[no-any-return]


def note_receipts(receipts: Sequence[Receipt]) -> None:
    """Note on each letter what became of it; a receipt for a letter that is not ours changes nothing."""
    for receipt in receipts:
        ours = Letter.ref == receipt.ref if receipt.ref else Letter.carrier_ref == receipt.carrier_ref
        if receipt.delivered:
            state = DELIVERED
        elif receipt.failed:
            state = FAILED
        else:
            state = SENT
        # Receipts come twice and out of order: what is known for certain is not changed by a later rumour.
        still_open = (WAITING, CLAIMED, SENT) if state != SENT else (WAITING, CLAIMED)
        Letter.update(
            state=state,
            carrier_ref=fn.COALESCE(Letter.carrier_ref, receipt.carrier_ref),
            receipt_at=receipt.at,
            fault=receipt.code if receipt.failed else None,
            price=fn.COALESCE(receipt.price, Letter.price),
        ).where(ours & Letter.state.in_(still_open)).execute()
