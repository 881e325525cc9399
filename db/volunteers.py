"""Who is free to be asked: kept as a fact beside each volunteer, so that matching need not find it out."""

from datetime import datetime, timedelta

from peewee import Query, fn

from db.models import Offer, Person, Volunteer
from db.statements import change, statement
from db.steps import OfferStep
from db.turns import undisturbed

WEEK = timedelta(days=7)


def note_free(*of: Person) -> None:
    """Keep `free` true to the facts for these people, after anything that changes them."""
    for person in of:
        _note_free(person)


@statement
def _note_free(person: Person) -> Query:
    reachable = Person.select(Person.id).where(
        (Person.id == Volunteer.person)
        & Person.question.is_null()
        & Person.stopped_at.is_null()
        & Person.gone_at.is_null()
        & Person.blocked_at.is_null()
        & (Person.no_sms == False)  # noqa: E712 - SQL, and not Python
    )
    rested = Volunteer.resting_until.is_null() & Volunteer.spared_until.is_null()
    free = Volunteer.postcode.is_null(False) & rested & fn.EXISTS(reachable)
    return Volunteer.update(free=free).where(Volunteer.person == person)


def count_asks(volunteer: Volunteer, asks_per_week: int, as_of: datetime) -> None:
    """After an offer is made, or turned out to be no ask at all: when was this volunteer asked last, and how often?

    A neighbour who was faster makes it no ask of this week's; whose turn it is next goes by every offer, or the same
    few who never answer would always come first.
    """
    offers = _offers_since(volunteer, as_of - WEEK)
    asks = [asked_at for asked_at, step in offers if step != OfferStep.TOO_LATE]
    spared_until = asks[asks_per_week - 1] + WEEK if len(asks) >= asks_per_week else None
    change(volunteer, asked_at=offers[0][0] if offers else volunteer.asked_at, spared_until=spared_until)
    note_free(volunteer.person)


@statement
def _offers_since(volunteer: Volunteer, since: datetime) -> Query:
    lately = (Offer.volunteer == volunteer) & (Offer.asked_at > since)
    return Offer.select(Offer.asked_at, Offer.step).where(lately).order_by(Offer.asked_at.desc()).tuples()


def free_all_due(as_of: datetime) -> int:
    """Rests that are over. Returns how many volunteers may be asked again."""

    def free() -> int:
        people: list[Person] = []
        for until in (Volunteer.resting_until, Volunteer.spared_until):
            over = list(Volunteer.select(Volunteer, Person).join(Person).where(until <= as_of))
            Volunteer.update({until: None}).where(Volunteer.id.in_([volunteer.id for volunteer in over])).execute()
            people += [volunteer.person for volunteer in over]
        note_free(*people)
        return len(people)

    return undisturbed(free)
