"""What the service is waiting for from each person, read from the database and said in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from db import followup, forgetting
from db.leaving import open_request
from db.models import Offer, Person, Request, Volunteer
from db.offering import full_offers, offers
from db.questions import Question
from db.rules import Rules
from db.steps import OPEN_REQUESTS, OfferStep, RequestStep
from db.waiting import LAPSES_AFTER
from smsgate import numbers
from smsgate.demo_cast import name_of
from smsgate.page_words import day_of_month

A_WEEKDAY_IS_PLAIN_WITHIN = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Wait:
    """A sentence of [waits], until when or at what time, and who else is waited for."""

    key: str
    at: datetime | None = None
    other: Person | None = None
    question: str = ""  # the one this person has open, if it is answered by yes or no


def wait_for(number: str, rules: Rules, as_of: datetime) -> Wait:
    """What is waited for from whoever has this number."""
    person: Person | None = Person.get_or_none(number=number)
    if person is None:
        return Wait("unknown")
    if person.is_stopped() and person.question != Question.ERASE:
        return Wait("stopped")
    if person.question is not None:
        return _answer(person)
    request = open_request(person)
    if request is not None:
        return _for_asker(request, rules, as_of)
    return _for_volunteer(person, as_of)


def _answer(person: Person) -> Wait:
    """This person has a question open."""
    about, question = person.question_about, Question(str(person.question))
    match question:
        case Question.OFFER:
            key, at = "offer", Offer.get_by_id(about).asked_at + LAPSES_AFTER
        case Question.CONFIRM:
            request = Offer.get_by_id(about).request
            key, at = "reminded" if request.reminded_at else "confirm", request.due_at
        case Question.FOLLOWUP:
            key, at = "followup", Request.get_by_id(about).due_at
        case Question.AGAIN:
            key, at = "again", person.question_at + followup.ANSWER_WITHIN
        case Question.ERASE:
            key, at = "erase", person.question_at + forgetting.ANSWER_WITHIN
        case Question.POSTCODE:
            return Wait("postcode")
    return Wait(key, at, question=question)


def _for_asker(request: Request, rules: Rules, as_of: datetime) -> Wait:
    """Nothing is asked of this person now; their request waits for others."""
    at = request.due_at
    match request.step:
        case RequestStep.SEARCHING if rules.is_night(as_of):
            return Wait("night", at)
        case RequestStep.SEARCHING if request.nobody_at and not offers(request, OfferStep.ASKED):
            return Wait("nobody", at)
        case RequestStep.SEARCHING:
            return Wait("neighbours", at)
        case RequestStep.PROPOSED:
            return Wait("proposed", at)
        case RequestStep.FOLLOWED_UP:
            return Wait("other_followup", at, offers(request, OfferStep.INTRODUCED)[0].volunteer.person)
        case _:
            return Wait("introduced", at)


def _for_volunteer(person: Person, as_of: datetime) -> Wait:
    """Nothing is asked of this person; perhaps a promise of theirs waits for the asker."""
    volunteer: Volunteer | None = Volunteer.get_or_none(person=person)
    if volunteer is None:
        return Wait("nothing")
    promised = (
        full_offers()
        .where(Offer.volunteer == volunteer, Offer.step.in_((OfferStep.ACCEPTED, OfferStep.INTRODUCED)))
        .order_by(Offer.id.desc())
        .first()
    )
    if promised and promised.request.step in OPEN_REQUESTS:
        request = promised.request
        if promised.step == OfferStep.ACCEPTED:
            return Wait("other", request.due_at, request.person)
        if request.step == RequestStep.FOLLOWED_UP:
            return Wait("other_followup", request.due_at, request.person)
        return Wait("introduced", request.due_at)
    if volunteer.resting_until and volunteer.resting_until > as_of:
        return Wait("resting", volunteer.resting_until)
    if volunteer.spared_until and volunteer.spared_until > as_of:
        return Wait("spared", volunteer.spared_until)
    return Wait("free")


def in_words(wait: Wait, said: Mapping[str, Any], timezone: ZoneInfo, as_of: datetime) -> str:
    """The wait as a sentence, on the town's clock: "at 14:05", or "on Thursday at 14:05" on another day."""
    sentence = str(said["waits"][wait.key])
    other = wait.other
    details = dict(said["texts"]) | {
        "other": (name_of(other.number) or other.name or numbers.for_people(other.number)) if other else ""
    }
    if wait.at is not None:
        details |= {
            word: _time(word, wait.at.astimezone(timezone), as_of.astimezone(timezone), said)
            for word in ("at", "until")
        }
    return sentence.format(**details)


def _time(word: str, at: datetime, now: datetime, said: Mapping[str, Any]) -> str:
    waits, time = said["waits"], f"{at:%H:%M}"
    if at.date() == now.date():
        return str(waits[word].format(time=time))
    if at - now < A_WEEKDAY_IS_PLAIN_WITHIN:
        return str(waits[f"{word}_day"].format(day=said["time"]["weekdays"][at.weekday()], time=time))
    month = said["time"]["months"][at.month - 1]
    return str(waits[f"{word}_date"].format(day=day_of_month(at, said), month=month, time=time))
