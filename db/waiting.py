"""Every wait has an end: the next wave, a reminder, a kind word when it has been long enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import ModelSelect

from db import questions
from db.agreeing import Agreeing
from db.models import Offer, Person, Request
from db.notices import Notice
from db.offering import full_offers, offers
from db.questions import Question
from db.statements import change, literal
from db.steps import OfferStep, RequestStep, move
from db.sweeps import each

# An offer nobody answered is closed after this, so that its volunteer can be asked again.
LAPSES_AFTER = timedelta(hours=24)
# A request that found nobody is tried again this long, and then closed.
GIVE_UP_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waiting(Agreeing):
    """What falls due when nobody writes."""

    def search_all_due(self, as_of: datetime) -> int:
        """Nobody said yes in time: the next volunteers are asked. Returns for how many requests."""
        if self.rules.is_night(as_of):
            return 0
        return each(requests_due(RequestStep.SEARCHING, as_of), lambda request: self.search(request, as_of))

    def search(self, request: Request, as_of: datetime) -> None:
        """The next wave; or nobody is left; or it has been long enough."""
        if as_of - request.moved_at > GIVE_UP_AFTER:
            self.give_up(request, as_of)
        elif not self.offer(request, as_of):
            self.nobody(request, self.nobody_found(), as_of)
        elif request.waves == 2:
            self.tell_about(request, Notice.FIRST_WAVE_OVER, as_of)

    def lapse_all_due(self, as_of: datetime) -> int:
        """Offers nobody answered: their volunteers may be asked again for others. Returns how many."""
        silent = (Offer.step == literal(OfferStep.ASKED)) & (Offer.asked_at <= as_of - LAPSES_AFTER)
        return each(full_offers().where(silent), lambda offer: self.lapse(offer, as_of))

    def lapse(self, offer: Offer, as_of: datetime) -> None:
        """This volunteer did not answer."""
        self.close_offer(offer, OfferStep.LAPSED, as_of)
        self.ask_to_confirm(offer.volunteer.person, as_of)

    def give_up(self, request: Request, as_of: datetime) -> None:
        """Nobody was found in a week; if some of several were, the request goes on with those."""
        for offer in offers(request, OfferStep.ASKED):
            self.close_offer(offer, OfferStep.LAPSED, as_of)
        questions.close(request.person, Question.POSTCODE)
        if self.goes_on_with_those_met(request, as_of):
            self.tell(request.person, Notice.NOBODY_ELSE, as_of, request=request)
        else:
            move(request, RequestStep.UNMET, as_of)
            self.tell(request.person, Notice.REQUEST_EXPIRED, as_of, request=request)

    def give_up_incomplete_all_due(self, as_of: datetime) -> int:
        """Requests whose postcode nobody told us. Returns how many were closed."""
        if self.rules.is_night(as_of):
            return 0
        return each(requests_due(RequestStep.INCOMPLETE, as_of), lambda request: self.give_up(request, as_of))

    def remind_all_due(self, as_of: datetime) -> int:
        """Askers who have not said yet whether a volunteer may have their number: reminded, then let go."""
        if self.rules.is_night(as_of):
            return 0
        return each(requests_due(RequestStep.PROPOSED, as_of), lambda request: self.remind(request, as_of))

    def remind(self, request: Request, as_of: datetime) -> None:
        """Ask at last, remind once, or let the volunteer go."""
        asked = [offer.id for offer in offers(request, OfferStep.ACCEPTED)]
        is_asked = request.person.question == Question.CONFIRM and request.person.question_about in asked
        if request.consented_at or not is_asked:
            self.ask_to_confirm(request.person, as_of)
        elif request.reminded_at is None:
            change(request, reminded_at=as_of, due_at=as_of + self.rules.confirm_timeout)
            self.tell(request.person, Notice.CONFIRM_REMINDER, as_of)
        else:
            self.end_search(request, Notice.NO_ANSWER_FROM_ASKER, as_of)
            self.tell(request.person, Notice.CONFIRM_EXPIRED, as_of, request=request)


def requests_due(step: RequestStep, as_of: datetime) -> "ModelSelect[Request]":
    """The requests at this step whose time has come, with their askers, oldest first."""
    return (
        Request.select(Request, Person)
        .join(Person)
        .where((Request.step == step) & (Request.due_at <= as_of))
        .order_by(Request.due_at, Request.id)
    )
