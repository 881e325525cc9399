"""A letter that did not arrive, and what follows: another try, the next volunteer, or a person who looks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import concerns, inbox, volunteers
from db.concerns import Kind
from db.journey import Journey
from db.models import Letter, Offer, Person
from db.notices import SOMEBODY_WAITS, Notice
from db.offering import full_offers
from db.outbox import FAILED, GIVEN_UP, WAITING, Failure
from db.steps import OfferStep
from db.sweeps import each

# A telephone that is off may be on later; after this often, or this long, what it was about is stale.
TRIES = 4
TRY_AGAIN_AFTER = (timedelta(minutes=20), timedelta(hours=1), timedelta(hours=3))
STALE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What follows from letters that failed."""

    journey: Journey

    def face_all(self, as_of: datetime) -> int:
        """Do what follows from every letter that failed. Returns how many there were."""
        failed = Letter.select(Letter, Person).join(Person).where(Letter.state == FAILED).order_by(Letter.id)
        return each(failed, lambda letter: self.face(letter, as_of))

    def face(self, letter: Letter, as_of: datetime) -> None:
        """Try again, or give it up and do what follows."""
        if letter.failure == Failure.ABSENT and letter.attempts < TRIES and as_of - letter.created_at < STALE_AFTER:
            wait = TRY_AGAIN_AFTER[min(max(letter.attempts, 1), len(TRY_AGAIN_AFTER)) - 1]
            due_at = self.journey.rules.waking(as_of + wait)
            Letter.update(state=WAITING, claimed_at=None, due_at=due_at).where(Letter.id == letter.id).execute()
            return
        Letter.update(state=GIVEN_UP, number=None).where(Letter.id == letter.id).execute()
        if letter.failure == Failure.GONE and not letter.person.is_erased():
            handed_over_at = letter.claimed_at or letter.created_at
            if not inbox.has_written(letter.person.number, handed_over_at):  # a receipt may come days later
                self.nobody_is_there(letter.person, as_of)
        if letter.notice == Notice.OFFER:
            self.lapse(letter, as_of)
        elif letter.notice in SOMEBODY_WAITS:
            request = letter.offer.request if letter.offer else None
            concerns.open_concern(Kind.UNDELIVERED, letter.person, as_of, request, letter)

    def nobody_is_there(self, person: Person, as_of: datetime) -> None:
        """Nothing more is written to this number, until somebody writes from it."""
        person.gone_at = as_of
        person.save(only=[Person.gone_at])
        volunteers.note_free(person)

    def lapse(self, letter: Letter, as_of: datetime) -> None:
        """A volunteer who was never reached: the next one is asked."""
        offer = full_offers().where(Offer.id == letter.offer_id).get_or_none() if letter.offer_id else None
        if offer and offer.step == OfferStep.ASKED:
            self.journey.close_offer(offer, OfferStep.LAPSED, as_of)
            self.journey.ask_to_confirm(offer.volunteer.person, as_of)
            self.journey.ask_another(offer.request, as_of)
