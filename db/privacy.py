"""What is personal, column by column; and how all of it is shown to a person, emptied for them, or emptied with age."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from peewee import Expression, Field

from db.inbox import IS_PAST, is_from
from db.models import Concern, Deed, Health, Letter, Offer, Person, Profile, Request, Table, Tally, Text, Volunteer
from db.outbox import DELIVERED, GIVEN_UP, OPEN_LETTERS
from db.statements import literal
from db.steps import OPEN_REQUESTS

# What each personal column holds once its person is forgotten. What is kept of them are counts: that somebody asked for
# shopping on a day, and how it ended.
EMPTIED: Mapping[type[Table], Mapping[Field, Any]] = {
    Person: {
        Person.name: None,
        Person.language: None,
        Person.question: None,
        Person.question_about: None,
        Person.question_at: None,
        Person.gone_at: None,
        Person.blocked_at: None,
        Person.no_sms: False,
        Person.seen_at: None,
        Person.warned_at: None,
    },
    Volunteer: {
        Volunteer.postcode: None,
        Volunteer.language: "",
        Volunteer.languages: "",
        Volunteer.needs: "",
        Volunteer.resting_until: None,
        Volunteer.spared_until: None,
        Volunteer.free: False,
    },
    Request: {Request.postcode: None, Request.details: ""},
    Text: {Text.sender: "", Text.words: "", Text.part_of: None},
    Letter: {Letter.details: "{}", Letter.carrier_ref: None},
    Deed: {Deed.note: ""},
}
# Personal too, and emptied in their own way: a number is unique, limits hold for a day, and a goodbye still has to find
# its telephone.
EMPTIED_APART = (Person.number, Person.stopped_at, Person.erased_mark, Letter.number)
# As in the indexes of what is still kept.
NOTHING, NO_DETAILS = literal(""), literal("{}")

# Nobody can be known by these: keys and references between rows, steps, counts, moments, the service's own state.
IMPERSONAL: Mapping[type[Table], tuple[Field, ...]] = {
    Person: (Person.created_at,),
    Volunteer: (Volunteer.person, Volunteer.asked_at, Volunteer.created_at),
    Profile: (Profile.postcode, Profile.language, Profile.languages, Profile.needs),
    Request: (
        Request.person,
        Request.need,
        Request.wanted,
        Request.taken,
        Request.waves,
        Request.step,
        Request.moved_at,
        Request.due_at,
        Request.reminded_at,
        Request.nobody_at,
        Request.consented_at,
        Request.introduced_at,
        Request.answered_at,
        Request.helped,
        Request.created_at,
    ),
    Offer: (Offer.request, Offer.volunteer, Offer.step, Offer.moved_at, Offer.asked_at),
    Text: (
        Text.account,
        Text.message,  # the carrier's own number for it: what drops a text that is brought twice
        Text.recipient,  # ourselves
        Text.part,
        Text.parts,
        Text.received_at,
        Text.state,
        Text.heard_at,
        Text.heard_as,
        Text.fault,
    ),
    Letter: (
        Letter.person,
        Letter.notice,
        Letter.offer,
        Letter.state,
        Letter.ref,
        Letter.due_at,
        Letter.claimed_at,
        Letter.sent_at,
        Letter.receipt_at,
        Letter.attempts,
        Letter.cut_off,
        Letter.failure,
        Letter.fault,
        Letter.price,
        Letter.created_at,
    ),
    Health: tuple(field for field in Health._meta.sorted_fields if field.name != "id"),
    Concern: tuple(field for field in Concern._meta.sorted_fields if field.name != "id"),
    Deed: (Deed.by, Deed.did, Deed.person, Deed.request, Deed.at),
    Tally: (Tally.of, Tally.figures, Tally.counted_at),
}


def rows_of(person: Person) -> dict[type[Table], Expression]:
    """Which rows of each table tell of this person."""
    mine = Request.select(Request.id).where(Request.person == person)
    about_me = Offer.select(Offer.id).where(Offer.request.in_(mine))
    my_volunteering = Volunteer.select(Volunteer.id).where(Volunteer.person == person)
    return {
        Person: Person.id == person.id,
        Volunteer: Volunteer.person == person,
        Request: Request.person == person,
        Offer: _either(Offer, Offer.request.in_(mine), Offer.volunteer.in_(my_volunteering)),
        Text: is_from(person.number),
        Letter: _either(
            Letter, Letter.person == person, Letter.offer.in_(about_me)
        ),  # what volunteers were told of them
        Concern: Concern.person == person,
        Deed: Deed.person == person,
    }


def _either(table: type[Table], one: Expression, other: Expression) -> Expression:
    """An OR for which each side's index is used."""
    found: Expression = table.id.in_(table.select(table.id).where(one) | table.select(table.id).where(other))
    return found


def empty(person: Person, as_of: datetime, mark: str | None) -> None:
    """Forget a person: nothing that tells who they were stays in any table. Letters they are still owed go unsent.

    What they have written since, and nobody has heard yet, is heard as from somebody new. The mark, if any, is what
    limits know them by for a day.
    """
    rows = rows_of(person) | {Text: IS_PAST & (Text.sender == person.number)}
    Letter.update(state=GIVEN_UP).where((Letter.person == person) & (Letter.state != DELIVERED)).execute()
    for table, emptied in EMPTIED.items():
        if table is not Person:
            table.update(emptied).where(rows[table]).execute()
    Concern.update(closed_at=as_of, closed_by="").where(rows[Concern] & Concern.closed_at.is_null()).execute()
    person.number = f"erased{person.id}"
    apart: dict[Field, Any] = {Person.number: person.number, Person.stopped_at: as_of, Person.erased_mark: mark}
    Person.update({**EMPTIED[Person], **apart}).where(rows[Person]).execute()


def export(person: Person) -> dict[str, Any]:
    """All that is held on a person, table by table, as JSON can hold it; moments in UTC."""
    rows = rows_of(person)
    mine = rows | {Letter: Letter.person == person}
    return {table._meta.table_name: list(_shown(table, where)) for table, where in mine.items()}


def _shown(table: type[Table], where: Expression) -> Iterator[dict[str, Any]]:
    rows: Any = table.select().where(where).order_by(table.id).dicts()
    for row in rows:
        yield {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def empty_old(as_of: datetime, keep: timedelta, most: int) -> int:
    """Empty the words of texts, of letters, of closed requests and of operators' notes that are older than this.

    At most so many of each at once, so that nobody waits for it. Returns how many were emptied.
    """
    before = as_of - keep
    gone = Letter.state.not_in(OPEN_LETTERS)  # not in_(…): most letters are gone, and a planner would walk through them
    emptied = 0
    for table, old in (
        (Text, (Text.received_at <= before) & IS_PAST & (Text.sender != NOTHING)),
        (
            Letter,
            (Letter.created_at <= before) & gone & ((Letter.details != NO_DETAILS) | Letter.carrier_ref.is_null(False)),
        ),
        (Request, (Request.moved_at <= before) & Request.step.not_in(OPEN_REQUESTS) & (Request.details != NOTHING)),
        (Deed, (Deed.at <= before) & (Deed.note != NOTHING)),
    ):
        values = {Request.details: ""} if table is Request else EMPTIED[table]
        emptied += table.update(values).where(table.id.in_(table.select(table.id).where(old).limit(most))).execute()
    return emptied
