"""A busy day in a seeded town: two weeks of requests, people who need a person now, and figures that were counted."""

import random
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from db import health, tally
from db.concerns import Kind
from db.connection import transaction
from db.models import Concern, Letter, Offer, Person, Request, Tally, Text, Volunteer
from db.notices import Notice
from db.postcodes import names, place
from db.steps import OfferStep, RequestStep

SEED = 2020
NEEDS = ("shopping", "shopping", "shopping", "pharmacy", "pharmacy", "talk", "dog", "transport", "digital", "other")
FIRST_NAMES = ("Lucie", "Jef", "Greta", "Omar", "Nadine", "Willy", "Fatima", "Rosa", "André", "Mieke")
BUSY = ("1000", "1030", "1050", "1060", "1070", "1080", "2000", "2018", "2060", "3000", "4000", "4020", "5000", "9000")
numbers = count(32471000000)


def seed(as_of: datetime, timezone: ZoneInfo, volunteers: int = 2500, requests: int = 640, cases: int = 12) -> None:
    """All of it, the same each time but for the hour."""
    chance = random.Random(SEED)
    everywhere = sorted(set(names().values()))
    with transaction():
        helpers = _people(chance, as_of, volunteers)
        _volunteers(chance, as_of, helpers, everywhere)
        askers = _people(chance, as_of, requests)
        _requests(chance, as_of, askers)
        _letters(chance, as_of, askers)
        concerns(chance, as_of, askers, cases)
        health.letters_go("182.40", as_of)
        health.swept(as_of)
    Tally.delete().execute()  # of the days when nobody was here yet
    tally.count_all_due(as_of, timezone)


def concerns(chance: random.Random, as_of: datetime, people: list[int], many: int) -> None:
    """So many cases, of every kind, the first one an emergency."""
    waiting = list(Request.select().where(Request.step == RequestStep.SEARCHING))
    kinds = (Kind.EMERGENCY, Kind.NOBODY, Kind.CALL_BACK, Kind.NOBODY, Kind.UNDELIVERED, Kind.SET_ASIDE, Kind.NOBODY)
    rows: list[dict[str, Any]] = []
    for number in range(many):
        kind, about = kinds[number % len(kinds)], waiting[number % len(waiting)]
        of_request = kind in (Kind.NOBODY, Kind.CALL_BACK)
        rows.append(
            {
                "kind": kind,
                "person": about.person_id if of_request else people[number % len(people)],
                "request": about.id if of_request else None,
                "notice": Notice.NOBODY_FOUND if kind == Kind.CALL_BACK else None,
                "text": _text(as_of, people[number % len(people)]) if kind == Kind.EMERGENCY else None,
                "opened_at": as_of - timedelta(minutes=chance.randrange(4, 900)),
            }
        )
    Concern.insert_many(rows).execute()
    ringed = [row["person"] for row in rows if row["kind"] == Kind.CALL_BACK]
    for number, person in enumerate(ringed):
        Person.update(number=f"3225{120000 + 37 * number}", no_sms=True).where(Person.id == person).execute()


def _text(as_of: datetime, person: int) -> int:
    sender = Person.get_by_id(person).number
    words = "je suis tombée, je ne peux plus me lever"
    text = {
        "account": "a",
        "message": f"busy-{person}-{next(numbers)}",
        "sender": sender,
        "recipient": "",
        "words": words,
    }
    row: Text = Text.create(**text, received_at=as_of, state="heard", heard_at=as_of, heard_as="emergency")
    return int(row.id)


def _people(chance: random.Random, as_of: datetime, many: int) -> list[int]:
    first = (Person.select(Person.id).order_by(Person.id.desc()).scalar() or 0) + 1
    rows = [
        {
            "id": first + number,
            "number": str(next(numbers)),
            "name": chance.choice(FIRST_NAMES),
            "language": chance.choices(("nl", "fr", "de", "en"), (56, 38, 2, 4))[0],
            "created_at": as_of - timedelta(days=30),
        }
        for number in range(many)
    ]
    _insert(Person, rows)
    return [int(row["id"]) for row in rows]


def _volunteers(chance: random.Random, as_of: datetime, people: list[int], everywhere: list[str]) -> None:
    rows = []
    for person in people:
        postcode = chance.choice(BUSY) if chance.random() < 0.55 else chance.choice(everywhere)
        rests = as_of + timedelta(days=5) if chance.random() < 0.05 else None
        rows.append(
            {
                "person": person,
                "postcode": postcode,
                "resting_until": rests,
                "free": rests is None and chance.random() < 0.9,
                "created_at": as_of - timedelta(days=30),
            }
        )
    _insert(Volunteer, rows)
    stopped = people[::31]
    Person.update(stopped_at=as_of).where(Person.id.in_(stopped)).execute()
    Volunteer.update(free=False).where(Volunteer.person.in_(stopped)).execute()


def _requests(chance: random.Random, as_of: datetime, people: list[int]) -> None:
    rows = []
    for person in people:
        asked = as_of - timedelta(minutes=chance.randrange(5, 14 * 24 * 60))
        wait = timedelta(minutes=round(chance.lognormvariate(3.4, 0.9)))
        is_met = chance.random() < 0.86 and asked + wait < as_of
        told = asked + wait + timedelta(hours=25)
        has_told = is_met and told < as_of and chance.random() < 0.6
        helped = chance.random() < 0.87
        open_step = RequestStep.INTRODUCED if is_met else RequestStep.SEARCHING
        is_old = as_of - asked > timedelta(days=3)
        step = (RequestStep.HELPED if helped else RequestStep.NOT_HELPED) if has_told else open_step
        if step == RequestStep.SEARCHING and is_old:
            step = RequestStep.UNMET
        postcode = chance.choice(BUSY) if chance.random() < 0.7 else chance.choice(sorted(set(names().values())))
        assert place(postcode)
        rows.append(
            {
                "person": person,
                "postcode": postcode,
                "need": chance.choice(NEEDS),
                "step": step,
                "moved_at": asked,
                "nobody_at": asked if step == RequestStep.SEARCHING else None,
                "introduced_at": asked + wait if is_met else None,
                "answered_at": told if has_told else None,
                "helped": helped if has_told else None,
                "created_at": asked,
            }
        )
    _insert(Request, rows)
    a_volunteer = Volunteer.select(Volunteer.id).order_by(Volunteer.id).scalar()
    for row in Request.select().where(Request.step == RequestStep.INTRODUCED).limit(3):
        Offer.create(
            request=row, volunteer=a_volunteer, step=OfferStep.INTRODUCED, moved_at=as_of, asked_at=as_of
        )  # fmt: skip


def _letters(chance: random.Random, as_of: datetime, people: list[int]) -> None:
    rows = []
    for number in range(4 * len(people)):
        sent = as_of - timedelta(minutes=chance.randrange(1, 14 * 24 * 60))
        rows.append(
            {
                "person": chance.choice(people),
                "notice": Notice.SEARCHING,
                "state": "delivered",
                "ref": f"busy-{number}-{next(numbers)}",
                "due_at": sent,
                "sent_at": sent,
                "price": "0.0735",
                "created_at": sent,
            }
        )
    _insert(Letter, rows)


def _insert(table: Any, rows: list[dict[str, Any]]) -> None:
    for first in range(0, len(rows), 500):
        table.insert_many(rows[first : first + 500]).execute()
