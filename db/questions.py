"""The one question a person has open: put to them, answered, or taken back."""

from datetime import datetime
from enum import StrEnum

from db.models import Person
from db.volunteers import note_free


class Question(StrEnum):
    """What a person was asked last and has not answered yet."""

    OFFER = "offer"  # about an Offer: a neighbour needs help, can you?
    CONFIRM = "confirm"  # about an Offer: may this volunteer have your number?
    FOLLOWUP = "followup"  # about a Request: did help come? To the asker, or then to the volunteer.
    AGAIN = "again"  # about a Request: shall we look for someone else?
    POSTCODE = "postcode"
    ERASE = "erase"  # shall we really forget you?


def put(person: Person, question: Question, about: int | None, as_of: datetime) -> bool:
    """Put this question to a person who has none open. Returns whether it could be put."""
    put_to = (
        Person.update(question=question, question_about=about, question_at=as_of)
        .where((Person.id == person.id) & Person.question.is_null())
        .execute()
    )
    if put_to == 1:
        person.question, person.question_about, person.question_at = question, about, as_of
        note_free(person)
    return bool(put_to)


def replace(person: Person, question: Question, as_of: datetime) -> None:
    """Put this question to a person in place of whatever was open."""
    person.question, person.question_about, person.question_at = question, None, as_of
    person.save(only=[Person.question, Person.question_about, Person.question_at])
    note_free(person)


def close(person: Person, question: Question, about: int | None = None) -> bool:
    """Close this question, answered or not. Returns whether it was the one that was open."""
    this_one = (Person.id == person.id) & (Person.question == question)
    if about is not None:
        this_one &= Person.question_about == about
    closed = Person.update(question=None, question_about=None, question_at=None).where(this_one).execute()
    if closed:
        person.question = person.question_about = person.question_at = None
        note_free(person)
    return bool(closed)
