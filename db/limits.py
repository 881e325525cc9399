"""What is too much for one telephone number: so that no number can make the service write to others without end."""

from datetime import datetime, timedelta

from peewee import Query

from db.inbox import Waiting
from db.models import Offer, Person, Request, Text
from db.statements import statement

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def texts_in_its_hour(text: Waiting) -> int:
    """How many texts (or parts of long ones) came from its number within the hour before this text, itself included."""
    return len(_texts_between(text.sender, text.received_at - HOUR, max(text.rows)))


def requests_today(person: Person, as_of: datetime) -> int:
    """How many requests this person has begun within the last 24 hours."""
    return len(_requests_since(person, as_of - DAY))


def volunteers_today(person: Person, as_of: datetime) -> int:
    """How often volunteers were asked for this person within the last 24 hours."""
    return len(_offers_since(person, as_of - DAY))


@statement
def _texts_between(number: str, since: datetime, last: int) -> Query:
    return Text.select(Text.id).where((Text.sender == number) & (Text.received_at > since) & (Text.id <= last)).tuples()


@statement
def _requests_since(person: Person, since: datetime) -> Query:
    return Request.select(Request.id).where((Request.person == person) & (Request.created_at > since)).tuples()


@statement
def _offers_since(person: Person, since: datetime) -> Query:
    return Offer.select(Offer.id).join(Request).where((Request.person == person) & (Offer.asked_at > since)).tuples()
