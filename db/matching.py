"""Which volunteers next: near, willing, rested, not yet asked."""

from collections.abc import Sequence
from functools import lru_cache

from peewee import ModelSelect

from db.connection import database
from db.models import Person, Profile, Request, Volunteer
from db.postcodes import nearest
from db.statements import insert_if_new, statement

# Help that is given from home: distance does not count, language does.
FROM_HOME = frozenset({"talk", "digital"})

# The first band is the postcode itself; then within 3 km, 6 km, 12 km, and so on.
FIRST_BAND_KM = 3.0

# The postcode under which the profiles of the whole country are kept.
ANYWHERE = ""

# Raw, as it is asked for every profile in a band: peewee takes 0.7 ms to write what SQLite answers in 0.01.
# Each of the two walks an index of its own in the order asked for, and stops at the first few rows.
FREE_AT_POSTCODE = """
    SELECT v.asked_at, v.id FROM volunteer v
    WHERE v.postcode = ? AND v.language = ? AND v.languages = ? AND v.needs = ? AND v.free
      AND v.person_id <> ? AND NOT EXISTS (
        SELECT 1 FROM offer o WHERE o.request_id = ? AND o.volunteer_id = v.id AND o.step <> 'too_late')
    ORDER BY v.asked_at, v.id LIMIT ?
"""
FREE_ANYWHERE = FREE_AT_POSTCODE.replace("v.postcode = ? AND ", "")
NOBODY_IS_ASKED = """
    SELECT r.id, r.need, p.language FROM request r JOIN person p ON p.id = r.person_id
    WHERE r.step = 'searching' AND (r.postcode IN ({codes}) OR r.need IN ({needs})) AND r.person_id <> ?
      AND NOT EXISTS (SELECT 1 FROM offer o WHERE o.request_id = r.id AND o.step = 'asked')
      AND NOT EXISTS (SELECT 1 FROM offer o WHERE o.request_id = r.id AND o.volunteer_id = ? AND o.step <> 'too_late')
    ORDER BY r.id
"""
PROFILES = "SELECT postcode, language, languages, needs FROM profile WHERE postcode IN ({codes})"


def next_volunteers(request: Request, how_many: int, radius_km: float) -> list[Volunteer]:
    """Up to how_many volunteers to ask next.

    The nearest band first; in it those who speak the asker's language, then the one asked longest ago.
    The work grows with the places within reach, not with the volunteers in them.
    """
    found: list[int] = []
    for postcodes in bands(request.postcode, radius_km, request.need in FROM_HOME):
        found += _in_band(postcodes, request, how_many - len(found))
        if len(found) == how_many:
            break
    return [volunteer for one in found for volunteer in _volunteer(one)]


@lru_cache(maxsize=4096)
def bands(postcode: str, radius_km: float, from_home: bool = False) -> Sequence[Sequence[str]]:
    """The postcodes within reach, band by band: itself, up to 3 km, up to 6, up to 12, … up to radius_km."""
    if from_home:
        return ((ANYWHERE,),)
    found: list[list[str]] = [[]]
    reach = 0.0
    for km, near in nearest(postcode, radius_km):
        while km > reach:
            reach = reach * 2 or FIRST_BAND_KM
            found.append([])
        found[-1].append(near)
    return tuple(tuple(band) for band in found if band)


def keep_profile(volunteer: Volunteer) -> None:
    """Remember that somebody like this volunteer lives there, so that they are looked for."""
    for postcode in (volunteer.postcode, ANYWHERE):
        insert_if_new(
            Profile,
            postcode=postcode,
            language=volunteer.language,
            languages=volunteer.languages,
            needs=volunteer.needs,
        )


def oldest_that_waits(volunteer: Volunteer, radius_km: float) -> Request | None:
    """The first request that this volunteer could help with and that nobody is being asked for."""
    near = [postcode for _, postcode in nearest(volunteer.postcode, radius_km)]
    sql = NOBODY_IS_ASKED.format(codes=", ".join("?" * len(near)), needs=", ".join("?" * len(FROM_HOME)))
    for request, need, language in _rows(sql, (*near, *sorted(FROM_HOME), volunteer.person.id, volunteer.id)):
        if _suits(volunteer.languages, volunteer.needs, language, need):
            return _request(request)[0]
    return None


def _in_band(postcodes: Sequence[str], request: Request, how_many: int) -> list[int]:
    asker, language, need = request.person, request.person.language, request.need
    ranked: list[tuple[bool, int, int]] = []
    for postcode, speaks, languages, needs in _profiles(postcodes):
        if _suits(languages, needs, language, need):
            profile = (postcode, speaks, languages, needs) if postcode != ANYWHERE else (speaks, languages, needs)
            sql = FREE_AT_POSTCODE if postcode != ANYWHERE else FREE_ANYWHERE
            rows = _rows(sql, (*profile, asker.id, request.id, how_many))
            foreign = language not in (speaks, *languages.split())
            ranked += [(foreign, asked_at, volunteer) for asked_at, volunteer in rows]
    return [volunteer for _, _, volunteer in sorted(ranked)[:how_many]]


def _profiles(postcodes: Sequence[str]) -> list[tuple[str, str, str, str]]:
    return _rows(PROFILES.format(codes=", ".join("?" * len(postcodes))), postcodes)


@statement
def _request(request: int) -> "ModelSelect[Request]":
    return Request.select(Request, Person).join(Person).where(Request.id == request)


@statement
def _volunteer(volunteer: int) -> "ModelSelect[Volunteer]":
    return Volunteer.select(Volunteer, Person).join(Person).where(Volunteer.id == volunteer)


def _suits(languages: str, needs: str, language: str | None, need: str | None) -> bool:
    """Whoever named languages or needs is asked for those only."""
    speaks = not languages or language is None or language in languages.split()
    return speaks and (not needs or need in needs.split())


def _rows(sql: str, values: Sequence[object]) -> list[tuple]:  # type: ignore[type-arg]
    return database.execute_sql(sql.replace("?", database.param), values).fetchall()  # type: ignore[no-any-return]
