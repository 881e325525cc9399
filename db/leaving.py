"""Either side may end it, at any step: cancel, rest, stop; and begin again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import ModelSelect, Query, fn

from db import outbox, questions, volunteers
from db.agreeing import close_follow_up
from db.models import Offer, Person, Request, Volunteer
from db.notices import Notice
from db.offering import full_offers
from db.questions import Question
from db.statements import change, statement
from db.steps import OPEN_REQUESTS, OfferStep, RequestStep, move
from db.waiting import Waiting


@dataclass(frozen=True, slots=True)
class Leaving(Waiting):
    """The ways out, each of which tells the other side."""

    def cancel(self, person: Person, as_of: datetime) -> bool:
        """Take back what is looked for, or else the help that was found, or the promise to help.

        Returns False if there was none of these.
        """
        if person.question == Question.OFFER and self.take_back_offers(person, as_of, (OfferStep.ASKED,)):
            return True  # that alone was meant: what they promised before still holds
        request = open_request(person)
        if request is None:
            return self.take_back_offers(person, as_of)
        for one in looked_for(person) or [request]:
            self.withdraw(one, Notice.NO_LONGER_NEEDED, as_of)
        return True

    def take_back_offers(
        self,
        person: Person,
        as_of: datetime,
        steps: tuple[OfferStep, ...] = (OfferStep.ASKED, OfferStep.ACCEPTED, OfferStep.INTRODUCED),
        also: Collection[int] = (),
        of: Collection[RequestStep] = OPEN_REQUESTS,
    ) -> bool:
        """The volunteer takes back what is open or promised; the asker hears of a promise, and others are asked."""
        mine = [offer for offer in _offers_to(person) if offer.step in steps or offer.id in also]
        open_ones = [offer for offer in mine if offer.step == OfferStep.ASKED or offer.request.step in of]
        for offer in open_ones:
            if offer.step == OfferStep.ASKED:
                self.close_offer(offer, OfferStep.DECLINED, as_of)
                self.ask_another(offer.request, as_of)
            else:
                questions.close(offer.request.person, Question.CONFIRM, offer.id)
                close_follow_up(offer.request)
                self.search_again(offer, Notice.VOLUNTEER_WITHDREW, as_of)
        return bool(open_ones)

    def rest(self, person: Person, until: datetime, as_of: datetime) -> bool:
        """A volunteer wants no questions until then. Returns False for someone who is no volunteer."""
        resting = _rest_until(person, until)
        if resting:
            self.take_back_offers(person, as_of, (OfferStep.ASKED,))
            volunteers.note_free(person)
        return bool(resting)

    def close_all(self, person: Person, as_of: datetime) -> None:
        """Everything this person has open ends: whoever waits for them is told. Help that has come stays."""
        still_to_come = [step for step in OPEN_REQUESTS if step != RequestStep.FOLLOWED_UP]
        self.take_back_offers(person, as_of, of=still_to_come)
        for request in Request.select().where((Request.person == person) & Request.step.in_(OPEN_REQUESTS)):
            if request.step == RequestStep.FOLLOWED_UP:
                close_follow_up(request)
                move(request, RequestStep.UNKNOWN, as_of)
            else:
                self.withdraw(request, Notice.NO_LONGER_NEEDED, as_of)
        outbox.call_back(person)

    def block(self, person: Person, as_of: datetime) -> None:
        """An operator wants this number left unanswered: what it has open ends."""
        self.close_all(person, as_of)
        change(person, blocked_at=as_of)
        volunteers.note_free(person)

    def unblock(self, person: Person) -> None:
        """This number is answered again."""
        change(person, blocked_at=None)
        volunteers.note_free(person)

    def stop(self, person: Person, as_of: datetime) -> None:
        """This person wants no message any more: what they had open is tidied up."""
        not_introduced = outbox.not_introduced(person)  # a yes in the evening: whom to help is said in the morning
        outbox.call_back(person)
        change(person, stopped_at=as_of)
        self.take_back_offers(person, as_of, (OfferStep.ASKED, OfferStep.ACCEPTED), also=not_introduced)
        for request in looked_for(person):
            self.end_search(request, Notice.NO_LONGER_NEEDED, as_of)
        volunteers.note_free(person)


def start(person: Person) -> None:
    """Messages are welcome again."""
    if person.is_stopped():
        change(person, stopped_at=None)
    _rest_until(person, None)
    volunteers.note_free(person)


def open_request(person: Person) -> Request | None:
    """The request of this person that is still open, the newest of several."""
    return next(iter(open_requests(person)), None)


def open_requests(person: Person) -> list[Request]:
    """The requests of this person that are still open, the newest first."""
    found = _open_requests(person)
    for request in found:
        request.person = person
    return found


def looked_for(person: Person) -> list[Request]:
    """The requests of this person for which somebody is still looked for."""
    steps = (RequestStep.INCOMPLETE, RequestStep.SEARCHING, RequestStep.PROPOSED)
    return list(Request.select().where((Request.person == person) & Request.step.in_(steps)).order_by(Request.id))


@statement
def _open_requests(person: Person) -> "ModelSelect[Request]":
    mine = (Request.person == person) & Request.step.in_(OPEN_REQUESTS)
    return Request.select().where(mine).order_by(Request.id.desc())


@statement
def _offers_to(person: Person) -> "ModelSelect[Offer]":
    promised = (OfferStep.ASKED, OfferStep.ACCEPTED, OfferStep.INTRODUCED)
    return full_offers().where((Volunteer.person == person) & Offer.step.in_(promised)).order_by(Offer.id)


@statement
def _rest_until(person: Person, until: datetime | None) -> Query:
    return Volunteer.update(resting_until=until).where(Volunteer.person == person)


def open_requests_by_step() -> dict[str, float]:
    """How many requests are open at each step."""
    counted: Any = Request.select(Request.step, fn.COUNT(Request.id)).where(Request.step.in_(OPEN_REQUESTS))
    return dict(counted.group_by(Request.step).tuples())
