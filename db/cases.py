"""All that an operator sees of one person once they open a case: who, what is open, what was said and done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.concerns import open_concerns
from db.deeds import Did, deeds_about
from db.inbox import is_from
from db.models import Concern, Deed, Offer, Person, Request, Text, Volunteer, the_volunteer
from db.offering import full_offers
from db.steps import OPEN_REQUESTS, OfferStep, RequestStep

# Whoever has opened a case may look at it for so long; then it is masked again.
STAYS_OPEN = timedelta(hours=1)
OPENS = (Did.ASKED, Did.ASKED_CONSENTED, Did.JOINED, Did.LOOKED_UP, Did.OPENED)
MOST_SHOWN = 5

# What may be done with a request on its asker's word, at each step.
MAY_DO = {
    RequestStep.INCOMPLETE: (Did.CANCELLED,),
    RequestStep.SEARCHING: (Did.RETRIED, Did.CANCELLED),
    RequestStep.PROPOSED: (Did.AGREED, Did.REFUSED, Did.CANCELLED),
    RequestStep.INTRODUCED: (Did.HELPED, Did.NOT_HELPED, Did.LOOKED_AGAIN, Did.CANCELLED),
    RequestStep.FOLLOWED_UP: (Did.HELPED, Did.NOT_HELPED, Did.LOOKED_AGAIN, Did.CANCELLED),
    RequestStep.NOT_HELPED: (Did.LOOKED_AGAIN,),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One person, as an operator sees them."""

    person: Person
    volunteer: Volunteer | None
    concerns: Sequence[Concern]  # open ones
    requests: Sequence[tuple[Request, Sequence[Offer]]]  # the newest first, with who said yes
    texts: Sequence[Text]  # the newest first
    deeds: Sequence[Deed]  # the newest first


def opened_by(deed: int, by: str, as_of: datetime) -> Person | None:
    """The person whose case this operator opened with this deed, while it is open and they are not erased."""
    fresh = (Deed.id == deed) & (Deed.by == by) & Deed.did.in_(OPENS) & (Deed.at > as_of - STAYS_OPEN)
    found: Deed | None = Deed.select(Deed, Person).join(Person).where(fresh).first()
    return found.person if found and found.person and not found.person.is_erased() else None


def case_of(person: Person) -> Case:
    """All of it, as far as it is shown."""
    texts = Text.select().where(is_from(person.number)).order_by(Text.received_at.desc(), Text.id.desc())
    mine = Request.person == person
    requests = list(Request.select().where(mine).order_by(Request.id.desc()).limit(MOST_SHOWN))
    # An open one among many that were closed since is shown all the same.
    older = Request.select().where(mine & Request.step.in_(OPEN_REQUESTS) & Request.id.not_in([r.id for r in requests]))
    return Case(
        person,
        the_volunteer(person),
        list(open_concerns().where(Concern.person == person)),
        [(request, _said_yes(request)) for request in (*requests, *older)],
        list(texts.limit(MOST_SHOWN)),
        deeds_about(person, MOST_SHOWN * 2),
    )


def _said_yes(request: Request) -> list[Offer]:
    yes = Offer.step.in_((OfferStep.ACCEPTED, OfferStep.INTRODUCED))
    return list(full_offers().where((Offer.request == request) & yes).order_by(Offer.id))
