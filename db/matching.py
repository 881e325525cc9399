"""Which volunteers next: near, willing, rested, not yet asked."""

from datetime import datetime

from peewee import ModelSelect

from db.models import Offer, Person, Request, Volunteer
from db.postcodes import nearest
from db.steps import OfferStep, RequestStep


def next_volunteers(request: Request, how_many: int, radius_km: float, as_of: datetime) -> list[Volunteer]:
    """Up to how_many volunteers to ask next: the nearest postcode first, and in it the one asked longest ago."""
    asked = Offer.select(Offer.volunteer).where(Offer.request == request)
    found: list[Volunteer] = []
    for _, postcode in nearest(request.postcode, radius_km):
        if len(found) == how_many:
            break
        free = _free(postcode, as_of).where(
            Person.id != request.person,
            Volunteer.id.not_in(asked),
            (Volunteer.needs == "") | Volunteer.needs.contains(request.need or ""),
        )
        found.extend(free.order_by(Volunteer.asked_at, Volunteer.id).limit(how_many - len(found)))
    return found


def waiting_requests(volunteer: Volunteer, radius_km: float) -> list[Request]:
    """Requests near this volunteer that nobody is being asked for, the oldest first."""
    near = [postcode for _, postcode in nearest(volunteer.postcode, radius_km)]
    being_asked = Offer.select(Offer.request).where(Offer.step == OfferStep.ASKED)
    put_to_them = Offer.select(Offer.request).where(Offer.volunteer == volunteer)
    wanted = Request.select().where(
        Request.step == RequestStep.SEARCHING,
        Request.postcode.in_(near),
        Request.person != volunteer.person,
        Request.id.not_in(being_asked),
        Request.id.not_in(put_to_them),
    )
    can_help_with = volunteer.needs.split()
    return [request for request in wanted.order_by(Request.id) if not can_help_with or request.need in can_help_with]


def _free(postcode: str, as_of: datetime) -> "ModelSelect[Volunteer]":
    return (
        Volunteer.select(Volunteer, Person)
        .join(Person)
        .where(
            Volunteer.postcode == postcode,
            Volunteer.willing,
            Volunteer.resting_until.is_null() | (Volunteer.resting_until <= as_of),
            Person.question.is_null(),
            Person.stopped_at.is_null(),
        )
    )
