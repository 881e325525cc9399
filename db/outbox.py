"""Every letter we owe: waiting, claimed, sent, delivered, failed; and given up, once what follows is done."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from peewee import Case, Query, fn

from db.models import Letter, Offer, Person, Request, Volunteer
from db.notices import (
    NAMES_THE_OTHER,
    SAID_AFTER_STOP,
    SOMEBODY_WAITS,
    Notice,
)
from db.statements import insert, statement
from db.steps import OfferStep
from db.turns import left_alone

WAITING, CLAIMED, SENT, DELIVERED, FAILED = "waiting", "claimed", "sent", "delivered", "failed"
GIVEN_UP = "given up"
OPEN_LETTERS = (WAITING, CLAIMED, FAILED)
TAKEN_BACK = "taken back"  # a fault: what it says is not so any more
NOT_WANTED = "not wanted"  # a fault: its person wants no messages, or is not at this number any more

# A letter about an offer goes while that is at this step: nobody is told what has changed since.
GOES_WHILE: Mapping[str, OfferStep] = {
    Notice.OFFER: OfferStep.ASKED,
    Notice.VOLUNTEER_FOUND: OfferStep.ACCEPTED,
    Notice.INTRODUCE_TO_ASKER: OfferStep.INTRODUCED,
    Notice.INTRODUCE_TO_VOLUNTEER: OfferStep.INTRODUCED,
    Notice.IN_THEIR_WORDS: OfferStep.INTRODUCED,
    Notice.LOOK_AGAIN_FOR: OfferStep.INTRODUCED,
}


class Failure(StrEnum):
    """Why a letter did not arrive."""

    ABSENT = "absent"  # the telephone is off: another day it may be on
    GONE = "gone"  # nobody is at this number any more
    REFUSED = "refused"  # this letter can never arrive
    UNCERTAIN = "uncertain"  # cut off too often: nobody knows whether it did


def put(
    person: Person,
    notice: Notice,
    as_of: datetime,
    due_at: datetime | None = None,
    offer: Offer | None = None,
    **details: str | None,
) -> None:
    """Owe this person a notice, from due_at on. It is worded when it is sent, in the language they then have."""
    if not may_be_told(person, notice):
        return
    insert(
        Letter,
        person=person,
        notice=notice,
        offer=offer,
        details=json.dumps(details, ensure_ascii=False),
        state=WAITING,
        ref=secrets.token_hex(8),
        due_at=due_at or as_of,
        created_at=as_of,
    )


def say_goodbye(person: Person, number: str, language: str | None, as_of: datetime) -> None:
    """The last letter to someone who was erased: it alone still knows their number, until it has gone."""
    insert(
        Letter,
        person=person,
        number=number,
        notice=Notice.ERASED,
        details=json.dumps({"language": language}),
        state=WAITING,
        ref=secrets.token_hex(8),
        due_at=as_of,
        created_at=as_of,
    )


def may_be_told(person: Person, notice: str) -> bool:
    """Whether this may be said to this person, by their own wish, an operator's, or because it cannot arrive."""
    if person.no_sms or person.gone_at or person.blocked_at:
        return False
    return not person.is_stopped() or notice in SAID_AFTER_STOP


def put_recently(person: Person, notices: Sequence[Notice], since: datetime) -> int:
    """How many of these notices this person was owed since then."""
    return sum(notice in notices for (notice,) in _put_since(person, since))


def told_since(person: Person, since: datetime) -> bool:
    """Whether this person was owed anything since then."""
    return bool(_put_since(person, since))


@statement
def _put_since(person: Person, since: datetime) -> Query:
    return Letter.select(Letter.notice).where((Letter.person == person) & (Letter.created_at > since)).tuples()


def call_back(person: Person, *notices: Notice) -> int:
    """What waits for this person (of these notices, or all) is not owed any more. Returns how many never reached them.

    One that was cut off may have: its person is not taken for somebody who never heard of it.
    """
    called_back = [letter for letter in _unsent(person) if not notices or letter[1] in notices]
    for letter, _, cut_off, sent_at in called_back:
        if cut_off or sent_at:
            _take_back(letter)  # the carrier knows it: its receipt may still come
        else:
            _delete(letter)
    return sum(not cut_off for _, _, cut_off, _ in called_back)


def not_introduced(volunteer: Person) -> set[int]:
    """The offers of whose other side this volunteer has not been told yet, although both said yes."""
    waiting = (Letter.person == volunteer) & (Letter.state == WAITING)
    untold = Letter.select(Letter.offer).where(waiting & (Letter.notice == Notice.INTRODUCE_TO_VOLUNTEER))
    return {letter.offer_id for letter in untold if letter.offer_id}


@statement
def _unsent(person: Person) -> Query:
    waiting = (Letter.person == person) & (Letter.state == WAITING)
    return Letter.select(Letter.id, Letter.notice, Letter.cut_off, Letter.sent_at).where(waiting).tuples()


@statement
def _delete(letter: int) -> Query:
    return Letter.delete().where((Letter.id == letter) & (Letter.state == WAITING))


@statement
def _take_back(letter: int) -> Query:
    given_up = Letter.update(state=GIVEN_UP, fault=TAKEN_BACK, number=None)
    return given_up.where((Letter.id == letter) & (Letter.state == WAITING))


def owes_any(as_of: datetime) -> bool:
    """Whether a letter is due, in hand, or failed with what follows still to be done."""
    owed = Letter.state.in_(OPEN_LETTERS) & (Letter.due_at <= as_of)
    return Letter.select().where(owed).exists()


def claim(how_many: int, as_of: datetime) -> list[Letter]:
    """Take letters that are due, to be sent by the caller alone: one a person, and the oldest first.

    The caller is in a transaction.
    """
    while letters := _claimed(how_many, as_of):
        _know_the_offer(letters)
        unwanted = {letter.id: why for letter in letters if (why := _unwanted(letter))}
        for letter in letters:
            if unwanted.get(letter.id) == NOT_WANTED and letter.notice in SOMEBODY_WAITS:
                fail(letter, Failure.REFUSED, NOT_WANTED)
            elif letter.id in unwanted:
                give_up(letter, unwanted[letter.id])
        if len(unwanted) < len(letters):
            return [letter for letter in letters if letter.id not in unwanted]
    return []


def _claimed(how_many: int, as_of: datetime) -> list[Letter]:
    unsent = Letter.alias()
    # One that was put off until the morning does not hold up an answer; one that could not be sent yet does.
    in_hand = (unsent.due_at <= as_of) | ((unsent.attempts > 0) & unsent.sent_at.is_null())
    oldest_unsent = unsent.select(fn.MIN(unsent.id)).where(
        (unsent.person == Letter.person) & unsent.state.in_((WAITING, CLAIMED)) & in_hand
    )
    due = (
        Letter.select(Letter.id)
        .where((Letter.state == WAITING) & (Letter.due_at <= as_of))
        .where((Letter.id == oldest_unsent) | (Letter.notice == Notice.EMERGENCY))  # waits for nothing
        .order_by(Letter.due_at, Letter.id)
        .limit(how_many)
    )
    # Asked first, and not in the update itself: PostgreSQL may ask a question within a statement again for each row.
    ours = Letter.id.in_([letter.id for letter in left_alone(due)])
    Letter.update(state=CLAIMED, claimed_at=as_of, attempts=Letter.attempts + 1).where(ours).execute()
    return list(Letter.select(Letter, Person).join(Person).where(ours).order_by(Letter.id))


def sent(letter: Letter, carrier_ref: str, price: str | None, as_of: datetime) -> None:
    """The carrier has accepted this letter, cut off meanwhile or not. A receipt that came first is not overwritten."""
    kept_ref = None if letter.notice == Notice.ERASED else carrier_ref  # the carrier could tell by it whose it was
    # How often a telephone that is off is tried counts from here, however often the carrier had to be asked.
    tries = Case(None, [(Letter.sent_at.is_null(), 1)], Letter.attempts)
    Letter.update(
        state=SENT, carrier_ref=kept_ref, sent_at=as_of, attempts=tries, price=price, fault=None, number=None
    ).where((Letter.id == letter.id) & Letter.state.in_((CLAIMED, WAITING))).execute()


def put_back(letter: Letter, fault: str, due_at: datetime) -> None:
    """This letter could not be sent now: it waits again until due_at."""
    Letter.update(state=WAITING, claimed_at=None, due_at=due_at, fault=fault).where(
        (Letter.id == letter.id) & (Letter.state == CLAIMED)
    ).execute()


def fail(letter: Letter, failure: Failure, fault: str) -> None:
    """This letter did not arrive; db/undelivered.py does what follows."""
    Letter.update(state=FAILED, failure=failure, fault=fault).where(
        (Letter.id == letter.id) & (Letter.state == CLAIMED)
    ).execute()


def give_up(letter: Letter, fault: str) -> None:
    """This letter is not owed any more."""
    Letter.update(state=GIVEN_UP, fault=fault, number=None).where(Letter.id == letter.id).execute()


def the_other(letter: Letter) -> Person | None:
    """The person on the other side of the offer that a letter is about."""
    if letter.offer is None:
        return None
    asker, helper = letter.offer.request.person, letter.offer.volunteer.person
    return helper if letter.person == asker else asker


def _know_the_offer(letters: Sequence[Letter]) -> None:
    """Fetch the offer of each letter that is about one, and both people, as they are now."""
    naming = [letter for letter in letters if letter.offer_id]
    if not naming:
        return
    asker, helper = Person.alias(), Person.alias()
    offers = {
        offer.id: offer
        for offer in Offer.select(Offer, Request, Volunteer, asker, helper)
        .join(Request)
        .join(asker, on=(Request.person == asker.id), attr="person")
        .switch(Offer)
        .join(Volunteer)
        .join(helper, on=(Volunteer.person == helper.id), attr="person")
        .where(Offer.id.in_([letter.offer_id for letter in naming]))
    }
    for letter in naming:
        letter.offer = offers.get(letter.offer_id or 0)


def _unwanted(letter: Letter) -> str | None:
    """Why a letter must not go after all: what has happened since it was owed."""
    if letter.notice in NAMES_THE_OTHER and ((other := the_other(letter)) is None or other.is_erased()):
        return "nobody to name"
    is_over = letter.offer is not None and letter.offer.step != GOES_WHILE.get(letter.notice, letter.offer.step)
    if is_over:
        return TAKEN_BACK
    return NOT_WANTED if letter.number is None and not may_be_told(letter.person, letter.notice) else None
