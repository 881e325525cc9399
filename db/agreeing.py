"""A volunteer says yes, the asker has the last word, and both are introduced; or either of them lets go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import ModelSelect

from db import outbox, questions, volunteers
from db.connection import transaction
from db.models import Offer, Person, Request
from db.notices import Notice
from db.offering import Offering, full_offers, offers
from db.questions import Question
from db.statements import change, statement
from db.steps import OfferStep, OutOfStep, RequestStep, move, take

# Someone who writes so soon after we did has not read it yet: our text is their answer.
CROSSED_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Agreeing(Offering):
    """From the first yes to the introduction."""

    def accept(self, offer: Offer, as_of: datetime) -> None:
        """The volunteer says yes; the person who asked keeps the last word, or has said it already by telephone.

        Raises OutOfStep: a neighbour was faster.
        """
        request = offer.request
        take(request)
        move(offer, OfferStep.ACCEPTED, as_of)
        if request.step == RequestStep.SEARCHING:
            move(request, RequestStep.PROPOSED, as_of)
        questions.close(offer.volunteer.person, Question.OFFER, offer.id)
        if request.consented_at is None:
            self.tell(offer.volunteer.person, Notice.ACCEPTED, as_of, reply=True)
        elif self.rules.is_night(as_of):
            self.tell(offer.volunteer.person, Notice.ACCEPTED_TOMORROW, as_of, reply=True)
        if request.taken == request.wanted:
            self.nobody_else_is_needed(request, as_of)
        self.ask_to_confirm(request.person, as_of)

    def nobody_else_is_needed(self, request: Request, as_of: datetime) -> None:
        """The others of this wave hear that a neighbour was faster; for all it counts as no ask.

        Those of earlier waves have been silent since: they hear it if they answer after all.
        """
        for other in offers(request, OfferStep.ASKED):
            heard_of_it = self.close_offer(other, OfferStep.TOO_LATE, as_of)
            volunteers.count_asks(other.volunteer, self.rules.asks_per_week, as_of)
            if heard_of_it and as_of - other.asked_at <= self.rules.wave_timeout:
                self.tell(other.volunteer.person, Notice.NEIGHBOUR_FASTER, as_of)
            self.ask_to_confirm(other.volunteer.person, as_of)

    def accept_late(self, missed: Offer, written_at: datetime, as_of: datetime) -> None:
        """A yes to an offer that is no longer open counts if help is still needed."""
        try:
            with transaction():
                self.accept(missed, as_of)
        except OutOfStep:
            person, told_at = missed.volunteer.person, missed.moved_at
            was_told = missed.step == OfferStep.TOO_LATE
            if was_told and written_at < told_at + CROSSED_WITHIN:
                return
            if outbox.put_recently(person, [Notice.NEIGHBOUR_FASTER], told_at) < 1:
                self.tell(person, Notice.NEIGHBOUR_FASTER, as_of, reply=True)

    def ask_to_confirm(self, person: Person, as_of: datetime) -> None:
        """Ask whether the volunteer may have the asker's number; if another question is open, that waits its turn.

        Whoever has said so by telephone is not asked again: they are introduced, by day.
        """
        waiting = next(iter(_accepted_for(person)), None)
        if waiting is None:
            return
        request = waiting.request
        if self.rules.is_night(as_of):
            change(request, due_at=self.rules.waking(as_of))
            return
        if request.consented_at:
            self.confirm(waiting, as_of)
            self.ask_to_confirm(person, as_of)  # the next of several
            return
        for less_urgent in (Question.POSTCODE, Question.FOLLOWUP, Question.AGAIN):
            questions.close(request.person, less_urgent)
        if questions.put(request.person, Question.CONFIRM, waiting.id, as_of):
            self.tell(request.person, Notice.VOLUNTEER_FOUND, as_of, offer=waiting)
            change(request, due_at=as_of + self.rules.confirm_timeout, reminded_at=None)
        elif request.person.question != Question.CONFIRM:  # else another of several is being confirmed
            change(request, due_at=as_of)  # tried again, as another question is open

    def confirm(self, offer: Offer, as_of: datetime) -> None:
        """Both have said yes: each gets the other's name and number."""
        request, volunteer = offer.request, offer.volunteer.person
        asker = request.person
        move(offer, OfferStep.INTRODUCED, as_of)
        if request.introduced_at is None:
            change(request, introduced_at=as_of)
        questions.close(asker, Question.CONFIRM, offer.id)
        self.tell(asker, Notice.INTRODUCE_TO_ASKER, as_of, reply=True, offer=offer)
        self.tell_about(request, Notice.INTRODUCE_TO_VOLUNTEER, as_of, to=volunteer, offer=offer)
        if request.need == "other" or len(request.details.split()) > 1:  # else the need has said it all
            self.tell(volunteer, Notice.IN_THEIR_WORDS, as_of, offer=offer, words=request.details)
        if offers(request, OfferStep.ACCEPTED):
            return  # the next of several: ask_to_confirm comes to it
        if request.taken == request.wanted:
            self.introduced(request, as_of)
        else:
            move(request, RequestStep.SEARCHING, as_of)
            self.offer(request, as_of)

    def introduced(self, request: Request, as_of: datetime) -> None:
        """Everyone this request was to meet is met; later we ask whether help came."""
        move(request, RequestStep.INTRODUCED, as_of)
        change(request, due_at=as_of + self.rules.follow_up_after, reminded_at=None)

    def refuse(self, offer: Offer, as_of: datetime) -> None:
        """The asker does not want this volunteer: the next ones are asked."""
        questions.close(offer.request.person, Question.CONFIRM, offer.id)
        self.tell(offer.volunteer.person, Notice.NO_LONGER_NEEDED, as_of)
        self.search_again(offer, Notice.ASKING_OTHERS, as_of, reply=True)

    def search_again(self, offer: Offer, notice: Notice, as_of: datetime, reply: bool = False) -> None:
        """Without this volunteer after all: back to those who were not asked yet; the notice tells the asker."""
        request, were_met = offer.request, offer.step == OfferStep.INTRODUCED
        move(offer, OfferStep.WITHDRAWN, as_of)
        change(request, taken=request.taken - 1, nobody_at=None)
        if request.person.is_stopped():  # nobody is looked for any more; whoever they have met may still come
            if not offers(request, OfferStep.ACCEPTED, OfferStep.INTRODUCED):
                self.withdraw(request, Notice.NO_LONGER_NEEDED, as_of)
            return
        if offers(request, OfferStep.ACCEPTED):  # another of several has said yes: of those one hears next
            if were_met or (reply and self.rules.is_night(as_of)):
                self.tell_about(request, notice, as_of, reply)
            self.ask_to_confirm(request.person, as_of)
            return
        if request.step != RequestStep.SEARCHING:
            move(request, RequestStep.SEARCHING, as_of)
        others = self.offer(request, as_of) or self.rules.is_night(as_of)
        if others or notice == Notice.VOLUNTEER_WITHDREW:  # else they would go on waiting for that volunteer
            self.tell_about(request, notice, as_of, reply)
        if not others:
            self.nobody(request, self.nobody_found(), as_of, reply)

    def withdraw(self, request: Request, notice: Notice, as_of: datetime) -> None:
        """The request is taken back; whoever was asked or had promised hears the notice."""
        self.let_go(request, notice, as_of, OfferStep.ACCEPTED, OfferStep.INTRODUCED)
        close_follow_up(request)
        move(request, RequestStep.WITHDRAWN, as_of)

    def end_search(self, request: Request, notice: Notice, as_of: datetime) -> None:
        """Nobody more is looked for: whoever was asked or had promised hears the notice; whoever was met may come."""
        self.let_go(request, notice, as_of, OfferStep.ACCEPTED)
        if not self.goes_on_with_those_met(request, as_of):
            move(request, RequestStep.WITHDRAWN, as_of)

    def let_go(self, request: Request, notice: Notice, as_of: datetime, *promised: OfferStep) -> None:
        """The volunteers who were asked, and those at these steps, hear the notice."""
        for offer in offers(request, OfferStep.ASKED):
            if self.close_offer(offer, OfferStep.WITHDRAWN, as_of):
                self.tell(offer.volunteer.person, notice, as_of)
        for offer in offers(request, *promised):
            move(offer, OfferStep.WITHDRAWN, as_of)
            questions.close(request.person, Question.CONFIRM, offer.id)
            self.tell(offer.volunteer.person, notice, as_of)
        questions.close(request.person, Question.POSTCODE)

    def goes_on_with_those_met(self, request: Request, as_of: datetime) -> bool:
        """Of several who were wanted some were introduced: no more are. False: there are none."""
        met = len(offers(request, OfferStep.INTRODUCED))
        if met:
            change(request, taken=met, wanted=met)
            self.introduced(request, as_of)
        return met > 0


@statement
def _accepted_for(person: Person) -> "ModelSelect[Offer]":
    accepted = (Request.person == person) & (Offer.step == OfferStep.ACCEPTED)
    return full_offers().where(accepted).order_by(Request.consented_at.is_null(), Offer.id).limit(1)


def close_follow_up(request: Request) -> None:
    """Nobody is asked any more whether help came."""
    for person in _asked_how_it_went(request.id):
        questions.close(person, Question.FOLLOWUP, request.id)


@statement
def _asked_how_it_went(request: int) -> "ModelSelect[Person]":
    return Person.select().where((Person.question == Question.FOLLOWUP) & (Person.question_about == request))
