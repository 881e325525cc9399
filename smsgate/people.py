"""What an operator at the keyboard asks of a person's number: show, export, forget, block, unblock."""

from datetime import datetime
from typing import Any

from db import privacy
from db.deeds import Did, note_deed
from db.forgetting import Forgetting
from db.inbox import is_from
from db.journey import Journey
from db.models import Person, Request, Text, Volunteer, get_or_create_person
from db.rules import Rules
from db.turns import undisturbed
from smsgate import clock, numbers


class Unknown(Exception):
    """There is no such number, or nobody with it; the message says what to do."""


def find(phone: str) -> Person:
    """The person with this number, as people type it. Raises Unknown."""
    number = _digits(phone)
    found: Person | None = Person.get_or_none(number=number)
    if found is None:
        raise Unknown(f"Nobody with the number {numbers.for_people(number)} is known here.")
    return found


def export(phone: str) -> dict[str, Any]:
    """All that is held on this person. Raises Unknown."""
    return privacy.export(find(phone))


def do(did: Did, phone: str, rules: Rules, by: str) -> str:
    """Forget, block or unblock, and note who did it. Returns what to tell them. Raises Unknown."""
    as_of = clock.now()
    journey = Journey(rules)
    shown = numbers.for_people(_digits(phone))

    def deed() -> str:
        match did:
            case Did.FORGET:
                person = find(phone)
                Forgetting(journey).forget(person, as_of)
                told = f"{shown}: everything is erased but the number of one last text that says so, until it has gone."
            case Did.BLOCK:
                person = get_or_create_person(_digits(phone), as_of)  # also someone who has not written yet
                journey.block(person, as_of)
                told = f"{shown} is left unanswered from now on."
            case _:
                person = find(phone)
                journey.unblock(person)
                told = f"{shown} is answered again."
        note_deed(by, did, as_of, person)
        return told

    return undisturbed(deed)


def describe(phone: str) -> str:
    """What is known of a person, in a few lines. Raises Unknown."""
    person = find(phone)
    lines = [
        f"{numbers.for_people(person.number)}  {person.name or 'no name'}  {person.language or 'no language yet'}",
        f"known since {_day(person.created_at)}, last heard of {_day(person.seen_at)}",
    ]
    lines += [
        f"{what} since {_day(since)}"
        for what, since in (
            ("wants no messages", person.stopped_at),
            ("blocked", person.blocked_at),
            ("nobody is at this number", person.gone_at),
        )
        if since
    ]
    if person.no_sms:
        lines.append("gets no texts: is rung instead")
    if person.question:
        lines.append(f"was asked: {person.question}, {_day(person.question_at)}")
    for volunteer in Volunteer.select().where(Volunteer.person == person):
        helps = volunteer.needs or "anything"
        rests = f", rests until {_day(volunteer.resting_until)}" if volunteer.resting_until else ""
        lines.append(f"volunteer at {volunteer.postcode or 'no postcode yet'} for {helps}{rests}")
    for request in Request.select().where(Request.person == person).order_by(Request.id):
        needs = f"{request.need or 'help'} at {request.postcode or 'no postcode yet'}"
        lines.append(f"request {request.id}: {needs}, {request.step} since {_day(request.moved_at)}")
    texts = Text.select().where(is_from(person.number))
    lines.append(f"texts kept: {texts.count()}; --export shows everything")
    return "\n".join(lines)


def _digits(phone: str) -> str:
    number = numbers.typed(phone)
    if number is None:
        raise Unknown("This is no telephone number. Write it as 0470 12 34 56 or +32 470 12 34 56.")
    return number


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "never"
