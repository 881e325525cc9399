"""What is too much for one telephone number: so that no number can make the service write to others without end."""

from datetime import datetime, timedelta

from db.inbox import Waiting
from db.models import Offer, Person, Request, Text

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def texts_in_its_hour(text: Waiting) -> int:
    """How many texts (or parts of long ones) came from its number within the hour before this text, itself included."""
    hour_before = (Text.received_at > text.received_at - HOUR) & (Text.id <= max(text.rows))
    return Text.select().where((Text.sender == text.sender) & hour_before).count()


def requests_today(person: Person, as_of: datetime) -> int:
    """How many requests this person has begun within the last 24 hours."""
    return Request.select().where((Request.person == person) & (Request.created_at > as_of - DAY)).count()


def volunteers_today(person: Person, as_of: datetime) -> int:
    """How often volunteers were asked for this person within the last 24 hours."""
    lately = (Request.person == person) & (Offer.asked_at > as_of - DAY)
    return Offer.select().join(Request).where(lately).count()
