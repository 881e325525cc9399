"""A call taken down: somebody asks for help or offers it by telephone, and the same follows as from a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from db import desk
from db.deeds import Did, note_deed
from db.desk import Caller
from db.journey import Journey
from db.leaving import looked_for, open_request
from db.models import Person, Request, the_volunteer
from db.postcodes import place
from db.rules import Rules
from db.turns import undisturbed
from keywords import say
from keywords.meanings import Need
from smsgate import numbers, places
from smsgate.page_words import LANGUAGES

LONGEST_NAME = 40
LONGEST_WORDS = 120  # they go to the volunteer in one text
LONGEST_PLACE = 60


class NotTaken(Exception):
    """What was said cannot be taken down: for each field, the key of its sentence in [call.wrong]."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults.values()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody says on the telephone."""

    caller: Caller
    postcode: str
    needs: tuple[Need, ...]
    words: str = ""
    consented: bool = False  # whoever says yes may have their number
    languages: tuple[str, ...] = field(default=())  # those a volunteer wants to be asked in; none: any


def read(said: Mapping[str, str], our_number: str, as_volunteer: bool = False) -> Call:
    """What was typed, understood. Raises NotTaken with everything that is wrong."""
    faults: dict[str, str] = {}
    number = numbers.typed(said.get("number", "")) or ""
    gets_sms = numbers.can_get_sms(number)
    found = places.find(said.get("place", ""))
    needs = tuple(need for need in Need if said.get("need") == need or said.get(f"need_{need}"))
    if not numbers.can_be_answered(number):
        faults["number"] = "number"
    elif number == our_number:
        faults["number"] = "our_number"
    elif as_volunteer and not gets_sms:
        faults["number"] = "volunteer_number"
    if found is None:
        faults["place"] = "place" if said.get("place", "").strip() else "no_place"
    if len(needs) != 1 and not as_volunteer:
        faults["need"] = "need"
    if faults or found is None:
        raise NotTaken(faults)
    name, language = " ".join(said.get("name", "").split())[:LONGEST_NAME], said.get("language")
    is_rung = not as_volunteer and (not gets_sms or bool(said.get("no_sms")))
    return Call(
        Caller(number, name or None, language if language in LANGUAGES else None, is_rung),
        found.postcode,
        needs,
        " ".join(said.get("words", "").split())[:LONGEST_WORDS],
        bool(said.get("consented")),
        tuple(one for one in LANGUAGES if said.get(f"speaks_{one}")),
    )


def ask(call: Call, rules: Rules, by: str, as_of: datetime) -> int:
    """Somebody asks for help. Returns the id of the deed, which knows the request. Raises NotTaken."""

    def taken() -> int:
        person = _met(call, as_of)
        need, words = call.needs[0], _words_with_the_need(call, person)
        request = Journey(rules).ask(person, call.postcode, need, words, as_of, consented=call.consented)
        if request is None:
            raise NotTaken({"number": "enough_today"})
        did = Did.ASKED_CONSENTED if call.consented else Did.ASKED
        return note_deed(by, did, as_of, person, request)

    return undisturbed(taken)


def join(call: Call, rules: Rules, by: str, as_of: datetime) -> int:
    """Somebody offers help. Returns the id of the deed, which knows who. Raises NotTaken."""

    def taken() -> int:
        person = _met(call, as_of)
        Journey(rules).join(person, call.postcode, " ".join(call.needs), " ".join(call.languages), as_of)
        return note_deed(by, Did.JOINED, as_of, person)

    return undisturbed(taken)


def _met(call: Call, as_of: datetime) -> Person:
    person = desk.meet(call.caller, as_of)
    there = place(call.postcode)
    if person.language is None and there:
        person.language = there.languages[0]
        person.save(only=[Person.language])
    if person.blocked_at:
        raise NotTaken({"number": "blocked"})
    return person


def _words_with_the_need(call: Call, person: Person) -> str:
    """What the volunteer reads: where a request is open for something else, all that is wanted stands in its words."""
    request = open_request(person)
    if request is None or request not in looked_for(person) or request.need in (None, call.needs[0]):
        return call.words
    language = str(person.language)  # that of their place, where they have not said
    first = "" if request.details else say.need(request.need, language)
    return " ".join(filter(None, (first, say.need(call.needs[0], language), call.words)))


@dataclass(frozen=True, slots=True)
class Known:
    """What we know already of whoever is calling."""

    deed: int  # under which it was looked up
    name: str
    language: str
    postcode: str
    no_sms: bool
    request: Request | None  # the one that is open
    is_volunteer: bool


def look_up(number: str, by: str, as_of: datetime) -> Known | None:
    """Who calls from this number (E.164 without the plus); noted, if it is somebody we know."""

    def found() -> Known | None:
        person: Person | None = Person.get_or_none(number=number)
        if person is None:
            return None
        request, volunteer = open_request(person), the_volunteer(person)
        last = Request.select().where((Request.person == person) & Request.postcode.is_null(False))
        newest = request or last.order_by(Request.id.desc()).first()
        postcode = (newest and newest.postcode) or (volunteer and volunteer.postcode) or ""
        deed = note_deed(by, Did.LOOKED_UP, as_of, person, request)
        is_volunteer = volunteer is not None
        return Known(deed, person.name or "", person.language or "", postcode, person.no_sms, request, is_volunteer)

    return undisturbed(found)
