"""What a telephonist does on somebody's word: the same steps as a text of theirs would take."""

from dataclasses import dataclass
from datetime import datetime

from db.agreeing import close_follow_up
from db.followup import FollowUp
from db.journey import Journey
from db.leaving import start
from db.models import Offer, Person, Request, get_or_create_person
from db.notices import Notice
from db.offering import offers
from db.statements import change
from db.steps import OfferStep, OutOfStep, RequestStep, move
from db.volunteers import note_free


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is on the telephone, as far as they say; what is left out stays as it was."""

    number: str  # E.164 without the plus
    name: str | None = None
    language: str | None = None
    no_sms: bool | None = None  # whether they are to be rung instead


def meet(caller: Caller, as_of: datetime) -> Person:
    """The person who calls, with what they say of themselves: somebody is there, as if they had written."""
    person = get_or_create_person(caller.number, as_of)
    change(
        person,
        name=caller.name or person.name,
        language=caller.language or person.language,
        no_sms=person.no_sms if caller.no_sms is None else caller.no_sms,
        seen_at=as_of,
        warned_at=None,
        gone_at=None,
    )
    note_free(person)
    return person


class Desk:
    """What can be done with a request by telephone. OutOfStep: it has moved on meanwhile, and nothing was changed."""

    def __init__(self, journey: Journey) -> None:
        self.journey = journey
        self.follow_up = FollowUp(journey)

    def agree(self, request: Request, as_of: datetime, offer: int | None = None) -> None:
        """This volunteer may have the asker's number, as OUI would say it: for the next one they are asked again.

        offer: the one that was put to them; without it the first.
        """
        self.journey.confirm(_proposed(request, offer), as_of)
        self.journey.ask_to_confirm(request.person, as_of)

    def refuse(self, request: Request, as_of: datetime, offer: int | None = None) -> None:
        """Not this volunteer: others are asked."""
        self.journey.refuse(_proposed(request, offer), as_of)

    def cancel(self, request: Request, as_of: datetime) -> None:
        """The request is taken back."""
        self.journey.withdraw(request, Notice.NO_LONGER_NEEDED, as_of)
        self.journey.tell(request.person, Notice.REQUEST_CANCELLED, as_of, reply=True)

    def retry(self, request: Request, as_of: datetime) -> None:
        """The next volunteers are asked now."""
        if request.step != RequestStep.SEARCHING:
            raise OutOfStep(f"{request.step} -> {RequestStep.SEARCHING}")
        self.journey.ask_more(request, as_of)

    def helped(self, request: Request, as_of: datetime) -> None:
        """Help came."""
        self._answered(request, as_of)
        self.follow_up.answer(request.person, request, True, as_of)

    def not_helped(self, request: Request, again: bool, as_of: datetime) -> None:
        """Help did not come; somebody else is looked for, if the asker wants that."""
        if request.step != RequestStep.NOT_HELPED:  # else the volunteer has said so
            self._answered(request, as_of)
            self.follow_up.settle(request, False, as_of)
        if again:
            start(request.person)  # on their own word, as a text of theirs would
        self.follow_up.look_again(request.person, request, again, as_of)

    def _answered(self, request: Request, as_of: datetime) -> None:
        """Nobody need ask any more whether help came."""
        close_follow_up(request)
        if request.step == RequestStep.INTRODUCED:
            move(request, RequestStep.FOLLOWED_UP, as_of)


def _proposed(request: Request, which: int | None) -> Offer:
    accepted = offers(request, OfferStep.ACCEPTED) if request.step == RequestStep.PROPOSED else []
    for offer in accepted:
        if which in (None, offer.id):
            return offer
    raise OutOfStep(f"{request.step} -> {RequestStep.INTRODUCED}")
