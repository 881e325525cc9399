"""After the introduction: did help come? The asker is asked, then the volunteer; if not, we look for someone else."""

from datetime import datetime, timedelta

from db import questions
from db.agreeing import close_follow_up
from db.journey import Journey
from db.models import Offer, Person, Request
from db.notices import Notice
from db.offering import offers
from db.questions import Question
from db.statements import change
from db.steps import OfferStep, RequestStep, move
from db.sweeps import each
from db.waiting import requests_due

# Without an answer by then the volunteer is asked instead; and after that nobody.
ANSWER_WITHIN = timedelta(hours=48)
# After a long outage nobody is asked about what is long past.
STALE_AFTER = timedelta(days=7)


class FollowUp:
    """What is asked the next day, and what follows from the answer."""

    def __init__(self, journey: Journey) -> None:
        self.journey = journey

    def ask_all_due(self, as_of: datetime) -> int:
        """Ask those who were introduced whether help came, by day. Returns for how many requests."""
        if self.journey.rules.is_night(as_of):
            return 0
        return each(requests_due(RequestStep.INTRODUCED, as_of), lambda request: self.ask(request, as_of))

    def ask(self, request: Request, as_of: datetime) -> None:
        """Ask the asker, or the volunteer if the asker cannot be asked; what is long past is left alone."""
        if as_of - request.due_at > STALE_AFTER:
            move(request, RequestStep.UNKNOWN, as_of)
        elif self.ask_asker(request, as_of) or self.ask_volunteer(request, as_of):
            move(request, RequestStep.FOLLOWED_UP, as_of)

    def close_all_unanswered(self, as_of: datetime) -> int:
        """No answer in time: the volunteer is asked instead, and without an answer there either, it stays unknown."""
        if self.journey.rules.is_night(as_of):
            return 0
        return each(requests_due(RequestStep.FOLLOWED_UP, as_of), lambda request: self.close(request, as_of))

    def close(self, request: Request, as_of: datetime) -> None:
        """No answer from the one who was asked."""
        close_follow_up(request)
        self.journey.ask_to_confirm(request.person, as_of)
        if request.reminded_at or not self.ask_volunteer(request, as_of):
            move(request, RequestStep.UNKNOWN, as_of)

    def forget_all_unanswered(self, as_of: datetime) -> int:
        """ "Shall we look for someone else?" is not asked for ever. Returns how many questions were closed."""
        silent = (Person.question == Question.AGAIN) & (Person.question_at <= as_of - ANSWER_WITHIN)
        return each(Person.select().where(silent), lambda person: self.forget(person, as_of))

    def forget(self, person: Person, as_of: datetime) -> None:
        """Nobody answered whether to look again."""
        questions.close(person, Question.AGAIN)
        self.journey.ask_to_confirm(person, as_of)

    def ask_asker(self, request: Request, as_of: datetime) -> bool:
        """Ask the asker, unless they want no messages or another question is open."""
        met = next(iter(_still_known(request)), None)
        may_be_asked = met and not request.person.is_stopped()
        if not may_be_asked or not questions.put(request.person, Question.FOLLOWUP, request.id, as_of):
            return False
        self.journey.tell(request.person, Notice.FOLLOW_UP, as_of, offer=met)
        change(request, due_at=as_of + ANSWER_WITHIN, reminded_at=None)
        return True

    def ask_volunteer(self, request: Request, as_of: datetime) -> bool:
        """Ask a volunteer instead, if one can be asked."""
        for offer in _still_known(request):
            volunteer = offer.volunteer.person
            if not volunteer.is_stopped() and questions.put(volunteer, Question.FOLLOWUP, request.id, as_of):
                self.journey.tell(volunteer, Notice.FOLLOW_UP_VOLUNTEER, as_of, offer=offer)
                change(request, due_at=as_of + ANSWER_WITHIN, reminded_at=as_of)
                return True
        return False

    def answer(self, person: Person, request: Request, helped: bool, as_of: datetime) -> None:
        """Somebody tells us how it went."""
        questions.close(person, Question.FOLLOWUP, request.id)
        self.settle(request, helped, as_of)
        if helped:
            self.journey.tell(person, Notice.HELPED, as_of, reply=True)
        elif person == request.person and questions.put(person, Question.AGAIN, request.id, as_of):
            self.journey.tell(person, Notice.LOOK_AGAIN, as_of, reply=True)
        else:
            self.journey.tell(person, Notice.NOT_HELPED, as_of, reply=True)
            if person != request.person:
                self.ask_whether_to_look_again(request, person, as_of)

    def ask_whether_to_look_again(self, request: Request, volunteer: Person, as_of: datetime) -> None:
        """The volunteer could not help, and the asker has not told us."""
        asker = request.person
        met = next((offer for offer in _still_known(request) if offer.volunteer.person == volunteer), None)
        if met and not asker.is_stopped() and (asker.no_sms or questions.put(asker, Question.AGAIN, request.id, as_of)):
            self.journey.tell(asker, Notice.LOOK_AGAIN_FOR, as_of, offer=met)

    def settle(self, request: Request, helped: bool, as_of: datetime) -> None:
        """It is known now whether help came."""
        move(request, RequestStep.HELPED if helped else RequestStep.NOT_HELPED, as_of)
        change(request, answered_at=as_of, helped=helped)

    def is_asked_again(self, person: Person, postcode: str | None, need: str | None) -> bool:
        """Is asking for the same help the answer to "shall we look for someone else?"?"""
        if person.question != Question.AGAIN:
            return False
        request = Request.get_by_id(person.question_about)
        return postcode in (None, request.postcode) and need in (None, request.need)

    def ask_again(self, person: Person, details: str, as_of: datetime) -> None:
        """Somebody asks for it again, and may add to it."""
        request = Request.get_by_id(person.question_about)
        if details not in request.details:
            change(request, details=f"{request.details} {details}".strip())
        self.look_again(person, request, True, as_of)

    def look_again(self, person: Person, request: Request, wanted: bool, as_of: datetime) -> None:
        """Someone else is looked for, if the asker wants that; never the same volunteer."""
        questions.close(person, Question.AGAIN, request.id)
        if not wanted:
            self.journey.tell(person, Notice.NOT_HELPED, as_of, reply=True)
            return
        for offer in offers(request, OfferStep.INTRODUCED):
            move(offer, OfferStep.WITHDRAWN, as_of)
        change(request, taken=0, nobody_at=None)
        move(request, RequestStep.SEARCHING, as_of)
        self.journey.begin(request, self.journey.nobody_found(), as_of)


def _still_known(request: Request) -> list[Offer]:
    """With whom they were introduced, but for those who have been erased since."""
    return [offer for offer in offers(request, OfferStep.INTRODUCED) if not offer.volunteer.person.is_erased()]
