"""Which volunteers next: near, willing, rested, not yet asked."""

from datetime import datetime

from db.connection import database
from db.models import Offer, Person, Request, Volunteer
from db.postcodes import nearest
from db.steps import OfferStep, RequestStep

# Raw, as it is asked once for every postcode within reach: peewee takes 0.7 ms to write what SQLite answers in 0.01.
FREE = """
    SELECT v.id FROM volunteer v JOIN person p ON p.id = v.person_id
    WHERE v.postcode = ? AND v.willing = ?
      AND (v.resting_until IS NULL OR v.resting_until <= ?)
      AND (v.needs = '' OR v.needs LIKE ?)
      AND p.question IS NULL AND p.stopped_at IS NULL AND p.id <> ?
      AND NOT EXISTS (SELECT 1 FROM offer o WHERE o.request_id = ? AND o.volunteer_id = v.id AND o.step <> 'too_late')
    ORDER BY v.asked_at, v.id LIMIT ?
"""


def next_volunteers(request: Request, how_many: int, radius_km: float, as_of: datetime) -> list[Volunteer]:
    """Up to how_many volunteers to ask next: the nearest postcode first, and in it the one asked longest ago."""
    found: list[int] = []
    sql = FREE.replace("?", database.param)
    resting = Volunteer.resting_until.db_value(as_of)
    asker = request.person.id
    for _, postcode in nearest(request.postcode, radius_km):
        missing = how_many - len(found)
        if not missing:
            break
        free = (postcode, True, resting, f"%{request.need or ''}%", asker, request.id, missing)
        found += [row[0] for row in database.execute_sql(sql, free).fetchall()]
    volunteers = Volunteer.select(Volunteer, Person).join(Person).where(Volunteer.id.in_(found))
    return sorted(volunteers, key=lambda volunteer: found.index(volunteer.id))


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
