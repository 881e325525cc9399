"""The one question a person has open: put to them, answered, or taken back."""

from datetime import datetime
from enum import StrEnum

from peewee import Query

from db.models import Person
from db.statements import change, statement
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
    put_to = _put(person, question, about, as_of)
    if put_to == 1:
        person.question, person.question_about, person.question_at = question, about, as_of
        note_free(person)
    return bool(put_to)


def replace(person: Person, question: Question, as_of: datetime) -> None:
    """Put this question to a person in place of whatever was open."""
    change(person, question=question, question_about=None, question_at=as_of)
    note_free(person)


def close(person: Person, question: Question, about: int | None = None) -> bool:
    """Close this question, answered or not. Returns whether it was the one that was open."""
    closed = _close(person, question) if about is None else _close_about(person, question, about)
    if closed:
        person.question = person.question_about = person.question_at = None
        note_free(person)
    return bool(closed)


@statement
def _put(person: Person, question: Question, about: int | None, as_of: datetime) -> Query:
    asked = Person.update(question=question, question_about=about, question_at=as_of)
    return asked.where((Person.id == person) & Person.question.is_null())


@statement
def _close(person: Person, question: Question) -> Query:
    answered = Person.update(question=None, question_about=None, question_at=None)
    return answered.where((Person.id == person) & (Person.question == question))


@statement
def _close_about(person: Person, question: Question, about: int) -> Query:
    answered = Person.update(question=None, question_about=None, question_at=None)
    return answered.where((Person.id == person) & (Person.question == question) & (Person.question_about == about))
