"""What is true in the database at any moment, whatever people did and whatever broke."""

from datetime import datetime

from db import questions
from db.models import Offer, Person, Request, Volunteer
from db.steps import OPEN_REQUESTS, OfferStep, RequestStep


def an_open_question_is_about_something_that_is_open() -> None:
    for person in Person.select().where(Person.question.is_null(False)):
        match person.question:
            case questions.Question.OFFER:
                assert Offer.get_by_id(person.question_about).step == OfferStep.ASKED
            case questions.Question.CONFIRM:
                offer = Offer.get_by_id(person.question_about)
                assert (offer.step, offer.request.step) == (OfferStep.ACCEPTED, RequestStep.PROPOSED)
            case questions.Question.AGAIN:
                assert Request.get_by_id(person.question_about).step == RequestStep.NOT_HELPED
            case questions.Question.FOLLOWUP:
                assert Request.get_by_id(person.question_about).step == RequestStep.FOLLOWED_UP


def a_request_has_no_more_volunteers_than_it_wants() -> None:
    promised = (OfferStep.ACCEPTED, OfferStep.INTRODUCED)
    for request in Request.select():
        taken = request.offers.where(Offer.step.in_(promised)).count()
        assert taken <= request.wanted
        if request.step in OPEN_REQUESTS:
            assert taken == request.taken


def whoever_is_free_is_known_to_be_free() -> None:
    for volunteer in Volunteer.select(Volunteer, Person).join(Person):
        person = volunteer.person
        reachable = not (person.is_stopped() or person.gone_at or person.blocked_at or person.no_sms)
        free = volunteer.postcode and reachable and person.question is None
        assert volunteer.free == bool(free and not volunteer.resting_until and not volunteer.spared_until)


def whoever_was_asked_has_the_question_open() -> None:
    for offer in Offer.select().where(Offer.step == OfferStep.ASKED):
        person = offer.volunteer.person
        asked = (person.question, person.question_about)
        assert asked in ((questions.Question.OFFER, offer.id), (questions.Question.ERASE, None))


def an_asker_whose_volunteer_said_yes_is_asked_as_soon_as_no_other_question_is_open(as_of: datetime) -> None:
    """By day; at night everybody sleeps."""
    for request in Request.select(Request, Person).join(Person).where(Request.step == RequestStep.PROPOSED):
        asked = request.person.question is not None
        assert asked or request.due_at <= as_of, "the next sweep asks"


def no_request_waits_for_ever() -> None:
    """Every open request has a moment at which something happens if nobody writes."""
    for request in Request.select().where(Request.step.in_(OPEN_REQUESTS)):
        assert request.due_at is not None, f"{request.step} request={request.id}"
