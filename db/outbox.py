"""Every letter we owe: waiting, claimed, sent, delivered, failed; and given up, once what follows is done."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import Query, fn

from db.models import Letter, Offer, Person, Request, Volunteer
from db.notices import (
    AT_MOST_ONCE,
    INTRODUCTIONS,
    NAMES_THE_OTHER,
    SAID_AFTER_STOP,
    Notice,
)
from db.statements import insert, statement
from db.steps import OfferStep
from db.turns import left_alone, undisturbed

WAITING, CLAIMED, SENT, DELIVERED, FAILED = "waiting", "claimed", "sent", "delivered", "failed"
GIVEN_UP = "given up"

# A claim older than this was cut off: the carrier answers, or times out, well within it.
CUT_OFF_AFTER = timedelta(minutes=2)
# Sent again so often at most where nobody knows whether it went: waiting 2, 4, 8, … minutes, for four hours in all.
MOST_CUT_OFFS = 7
# A claim of the future was made before the clock was set back.
CLOCK_SKEW = timedelta(minutes=1)


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


@statement
def _put_since(person: Person, since: datetime) -> Query:
    return Letter.select(Letter.notice).where((Letter.person == person) & (Letter.created_at > since)).tuples()


def call_back(person: Person, *notices: Notice) -> int:
    """Letters this person has not been sent yet (of these notices, or all) are not owed any more. Returns how many."""
    called_back = [letter for letter, notice in _unsent(person) if not notices or notice in notices]
    for letter in called_back:
        _delete(letter)
    return len(called_back)


@statement
def _unsent(person: Person) -> Query:
    return Letter.select(Letter.id, Letter.notice).where((Letter.person == person) & (Letter.state == WAITING)).tuples()


@statement
def _delete(letter: int) -> Query:
    return Letter.delete().where((Letter.id == letter) & (Letter.state == WAITING))


def owes_any(as_of: datetime) -> bool:
    """Whether a letter is due, in hand, or failed with what follows still to be done."""
    owed = Letter.state.in_((WAITING, CLAIMED, FAILED)) & (Letter.due_at <= as_of)
    return Letter.select().where(owed).exists()


def claim(how_many: int, as_of: datetime) -> list[Letter]:
    """Take letters that are due, to be sent by the caller alone: one a person, and the oldest first.

    The caller is in a transaction.
    """
    while letters := _claimed(how_many, as_of):
        _know_the_other(letters)
        unwanted = {letter.id: why for letter in letters if (why := _unwanted(letter))}
        for letter in letters:
            if letter.id in unwanted:
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
        .where((Letter.state == WAITING) & (Letter.due_at <= as_of) & (Letter.id == oldest_unsent))
        .order_by(Letter.due_at, Letter.id)
        .limit(how_many)
    )
    # Asked first, and not in the update itself: PostgreSQL may ask a question within a statement again for each row.
    ours = Letter.id.in_([letter.id for letter in left_alone(due)])
    Letter.update(state=CLAIMED, claimed_at=as_of, attempts=Letter.attempts + 1).where(ours).execute()
    return list(Letter.select(Letter, Person).join(Person).where(ours).order_by(Letter.id))


def sent(letter: Letter, carrier_ref: str, price: str | None, as_of: datetime) -> None:
    """The carrier has accepted this letter. A receipt that came first is not overwritten."""
    Letter.update(state=SENT, carrier_ref=carrier_ref, sent_at=as_of, price=price, fault=None, number=None).where(
        (Letter.id == letter.id) & (Letter.state == CLAIMED)
    ).execute()


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


def release_cut_off(as_of: datetime) -> int:
    """Letters claimed by a process that ended, or whose call had no answer: sent again, or left. Returns how many.

    A receipt may still settle a letter that waits to be sent again: each time it waits twice as long for one.
    """
    return undisturbed(lambda: _release_cut_off(as_of))


def _release_cut_off(as_of: datetime) -> int:
    claimed_at = Letter.claimed_at
    long_ago = (claimed_at <= as_of - CUT_OFF_AFTER) | (claimed_at > as_of + CLOCK_SKEW)
    cut_off = list(Letter.select().where((Letter.state == CLAIMED) & long_ago))
    for letter in cut_off:
        outcome: dict[str, Any]
        if letter.notice in AT_MOST_ONCE:
            outcome = {"state": SENT, "sent_at": letter.claimed_at, "number": None}
        elif letter.cut_off < MOST_CUT_OFFS:
            wait = CUT_OFF_AFTER * (2**letter.cut_off - 1)
            outcome = {"state": WAITING, "claimed_at": None, "due_at": as_of + wait, "cut_off": letter.cut_off + 1}
        else:
            outcome = {"state": FAILED, "failure": Failure.UNCERTAIN}
        Letter.update({**outcome, "fault": "cut off"}).where(
            (Letter.id == letter.id) & (Letter.state == CLAIMED)
        ).execute()
    return len(cut_off)


def the_other(letter: Letter) -> Person | None:
    """The person on the other side of the offer that a letter is about."""
    if letter.offer is None:
        return None
    asker, helper = letter.offer.request.person, letter.offer.volunteer.person
    return helper if letter.person == asker else asker


def _know_the_other(letters: Sequence[Letter]) -> None:
    """Fetch the offer of each letter that names the person on its other side, and both people, as they are now."""
    naming = [letter for letter in letters if letter.notice in NAMES_THE_OTHER]
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
    if letter.number is None and not may_be_told(letter.person, letter.notice):
        return "not wanted"
    if letter.notice not in NAMES_THE_OTHER:
        return None
    if letter.offer is None:
        return "nobody to name"
    is_over = letter.notice in INTRODUCTIONS and letter.offer.step != OfferStep.INTRODUCED
    return "taken back" if is_over else None
