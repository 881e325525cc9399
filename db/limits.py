"""What is too much for one telephone number: so that no number can make the service write to others without end."""

import hashlib
import hmac
from datetime import datetime, timedelta

from peewee import Query

from db.inbox import IS_PAST, Waiting
from db.models import Offer, Person, Request, Text
from db.statements import statement

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def is_one_too_many(text: Waiting, most: int) -> bool:
    """Whether more than so many texts (or parts of long ones) came from its number in an hour, this one the last."""
    return len(_heard_since(text.sender, text.received_at - HOUR, most)) + len(text.rows) > most


def requests_today(person: Person, key: bytes, as_of: datetime) -> int:
    """How many requests this person has begun within the last 24 hours, also before they were erased and came back."""
    return len(_requests_since(person, mark_of(person, key), as_of - DAY))


def volunteers_today(person: Person, key: bytes, as_of: datetime) -> int:
    """How often volunteers were asked for this person within the last 24 hours, also before they were erased."""
    return len(_offers_since(person, mark_of(person, key), as_of - DAY))


def mark_of(person: Person, key: bytes) -> str:
    """What a number is known by for a day after it was erased: nobody without the key can tell the number from it."""
    return hmac.new(key, person.number.encode(), hashlib.sha256).hexdigest()


def forget_marks_all_due(as_of: datetime) -> int:
    """A day after they were erased, no limit needs to know them. Returns how many are forgotten."""
    erased_long_ago = Person.erased_mark.is_null(False) & (Person.stopped_at <= as_of - DAY)
    forgotten: int = Person.update(erased_mark=None).where(erased_long_ago).execute()
    return forgotten


@statement
def _heard_since(number: str, since: datetime, most: int) -> Query:
    heard = IS_PAST & (Text.sender == number) & (Text.received_at > since)
    return Text.select(Text.id).where(heard).limit(most).tuples()


@statement
def _requests_since(person: Person, mark: str, since: datetime) -> Query:
    theirs = (Person.id == person) | (Person.erased_mark == mark)
    return Request.select(Request.id).join(Person).where(theirs & (Request.created_at > since)).tuples()


@statement
def _offers_since(person: Person, mark: str, since: datetime) -> Query:
    theirs = (Person.id == person) | (Person.erased_mark == mark)
    return Offer.select(Offer.id).join(Request).join(Person).where(theirs & (Offer.asked_at > since)).tuples()
