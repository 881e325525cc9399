"""Person, Volunteer, Request, Offer, and the questions they answer about themselves; texts in, letters out."""

from datetime import datetime
from typing import Any

from peewee import AutoField, BooleanField, ForeignKeyField, IntegerField, Model, ModelSelect, TextField

from db.connection import Moment, database
from db.postcodes import Place, place
from db.statements import insert_if_new, statement


class Table(Model):
    """What every table shares: the one database."""

    id = AutoField()

    class Meta:
        database = database
        legacy_table_names = False


class Person(Table):
    """Anyone who has written to us. A person has at most one open question, and OUI always answers that one."""

    number = TextField(unique=True)  # E.164 without the plus: 32470123456; "erased" and the id for whoever was erased
    name = TextField(null=True)
    language = TextField(null=True)
    question = TextField(null=True)  # offer, confirm, followup or postcode
    question_about: Any = IntegerField(null=True)  # the Offer's id, or the Request's; none for a volunteer's postcode
    question_at = Moment(null=True)
    stopped_at = Moment(null=True)  # they want no more messages
    gone_at = Moment(null=True)  # nobody is at this number any more, says the carrier; until they write again
    blocked_at = Moment(null=True)  # an operator wants them left unanswered
    no_sms = BooleanField(default=False)  # their telephone takes no texts, or they read none: they are rung instead
    seen_at = Moment(null=True, index=True)  # when they last wrote to us, or were first noted
    warned_at = Moment(null=True)  # they were told that we will forget them
    erased_mark = TextField(null=True)  # for a day: tells limits, and nobody else, which number it was
    created_at = Moment()

    def is_stopped(self) -> bool:
        """Whether this person wants no more messages."""
        return self.stopped_at is not None

    def is_erased(self) -> bool:
        """Whether nothing is kept of this person."""
        return self.number.startswith("erased")


class Volunteer(Table):
    """A person who is willing to help near a postcode. Matching walks two partial indexes of those who are free."""

    person = ForeignKeyField(Person, unique=True, backref="volunteers", on_delete="CASCADE")
    postcode = TextField(null=True)  # none until we know it
    language = TextField(default="")  # what they write in
    languages = TextField(default="")  # the ones they named, sorted, with spaces between; empty: any
    needs = TextField(default="")  # what they help with, sorted, with spaces between; empty: anything
    resting_until = Moment(null=True, index=True)  # their wish; none once it is over
    spared_until = Moment(null=True, index=True)  # our rule: asked often enough this week; none once it is over
    asked_at = Moment(default=0)  # the last time; 1970 for never
    free = BooleanField(default=False)  # may be asked now: volunteers.note_free keeps it true to the facts
    created_at = Moment()


class Profile(Table):
    """A kind of volunteer that was ever seen at a postcode: where to look for someone who is free."""

    postcode = TextField()
    language = TextField()
    languages = TextField()
    needs = TextField()

    class Meta:
        indexes = ((("postcode", "language", "languages", "needs"), True),)


class Request(Table):
    """Somebody needs help with something, somewhere."""

    person = ForeignKeyField(Person, backref="requests", on_delete="CASCADE")
    postcode = TextField(null=True)  # none until we know it
    need = TextField(null=True)
    details = TextField(default="")  # in the asker's own words
    wanted = IntegerField(default=1)  # how many volunteers
    taken = IntegerField(default=0)  # how many have said yes, introduced or about to be
    waves = IntegerField(default=0)  # how often volunteers were asked
    step = TextField()
    moved_at = Moment()
    due_at = Moment(null=True)  # when something must happen if nobody writes
    reminded_at = Moment(null=True)  # the asker was reminded of the open question
    nobody_at = Moment(null=True)  # the asker was told that nobody was found; the operators see it
    consented_at = Moment(null=True)  # they said by telephone that a volunteer may have their number
    introduced_at = Moment(null=True)  # for the first time
    answered_at = Moment(null=True)  # somebody told us whether help came
    helped = BooleanField(null=True)  # and whether it did
    created_at = Moment(index=True)

    class Meta:
        indexes = ((("person", "step"), False), (("step", "postcode"), False), (("step", "due_at"), False))

    def place(self) -> Place | None:
        """Where help is needed, once that is known."""
        return place(self.postcode) if self.postcode else None


class Offer(Table):
    """One request put to one volunteer."""

    request = ForeignKeyField(Request, backref="offers", on_delete="CASCADE")
    volunteer = ForeignKeyField(Volunteer, backref="offers", on_delete="CASCADE")
    step = TextField()
    moved_at = Moment()
    asked_at = Moment()

    class Meta:
        indexes = (
            (("request", "volunteer"), True),
            (("request", "step"), False),
            (("volunteer", "step"), False),
            (("volunteer", "asked_at"), False),
        )


class Text(Table):
    """One text as the carrier delivered it: whole, or one part of a long one."""

    account = TextField()
    message = TextField()  # the carrier's own number for it; a text delivered twice has the same one
    sender = TextField()
    recipient = TextField()
    words = TextField()
    part_of = TextField(null=True)  # what the parts of one long text share
    part = IntegerField(default=1)
    parts = IntegerField(default=1)
    received_at = Moment()
    state = TextField()  # waiting, heard, or set aside
    heard_at = Moment(null=True)
    heard_as = TextField(null=True)  # the intent
    fault = TextField(null=True)  # why it was set aside: never a word of it

    class Meta:
        indexes = (
            (("account", "message"), True),
            (("received_at",), False),  # and those of some of the rows: migrations 0005 and 0006
        )


class Letter(Table):
    """A notice owed to a person: worded and sent when its turn comes."""

    person = ForeignKeyField(Person, backref="letters", on_delete="CASCADE")
    number = TextField(null=True)  # where it goes, if its person was erased meanwhile
    notice = TextField()
    offer = ForeignKeyField(Offer, null=True, backref="letters", on_delete="SET NULL")  # what it is about
    offer_id: int | None
    details = TextField(default="{}")  # what else the sentence needs, as JSON
    state = TextField()  # waiting, claimed, sent, delivered, failed (what follows is due) or given up
    ref = TextField(unique=True)  # ours; the carrier's receipt brings it back
    carrier_ref = TextField(null=True, index=True)
    due_at = Moment()
    claimed_at = Moment(null=True)
    sent_at = Moment(null=True)
    receipt_at = Moment(null=True)
    attempts = IntegerField(default=0)
    cut_off = IntegerField(default=0)  # how often nobody knows whether it went
    failure = TextField(null=True)  # why it did not arrive: absent, gone, refused or uncertain
    fault = TextField(null=True)  # a reason in our words, or the carrier's code
    price = TextField(null=True)
    created_at = Moment()

    class Meta:
        indexes = (
            (("state", "due_at"), False),
            (("person", "state"), False),
            (("person", "notice", "created_at"), False),
            (("created_at",), False),
        )


class Health(Table):
    """How the service itself is doing: one row, kept by db/health.py."""

    trouble = TextField(null=True)  # why no letters go out, in plain words; none while they do
    trouble_since = Moment(null=True)
    trouble_times = IntegerField(default=0)  # how often it was met since
    retry_at = Moment(null=True)  # when one letter is tried again
    balance = TextField(null=True)  # what is left to spend, in euro, as the carrier last said
    balance_at = Moment(null=True)
    swept_at = Moment(null=True)  # when the worker last looked for what is due
    tidied_at = Moment(null=True)  # when what is old was last emptied


class Tally(Table):
    """Figures counted ahead, so that a page need not count a million rows: those of a day, or those of this moment."""

    of = TextField(unique=True)  # a day on the town's clock, as 2026-11-24; or what it is that was counted
    figures = TextField()  # as JSON
    counted_at = Moment()


class Concern(Table):
    """Something that needs a person: an emergency, a request nobody took, somebody to ring."""

    kind = TextField()
    notice = TextField(null=True)  # what somebody who gets no texts is to be told by telephone
    person = ForeignKeyField(Person, backref="concerns", on_delete="CASCADE")
    request = ForeignKeyField(Request, null=True, on_delete="CASCADE")
    letter = ForeignKeyField(Letter, null=True, on_delete="CASCADE")
    text = ForeignKeyField(Text, null=True, on_delete="CASCADE")
    opened_at = Moment()
    closed_at = Moment(null=True)
    closed_by = TextField(null=True)  # which operator; empty: it settled itself
    outcome = TextField(null=True)  # what came of it, in one of a few words

    class Meta:
        indexes = ((("closed_at", "kind", "opened_at"), False),)


class Deed(Table):
    """What an operator did, and when."""

    by = TextField()
    did = TextField()  # in a few fixed words
    note = TextField(default="")  # for whoever looks next
    person = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    request = ForeignKeyField(Request, null=True, on_delete="SET NULL")
    at = Moment(index=True)


def get_or_create_person(number: str, as_of: datetime) -> Person:
    """The person with this number (E.164 without the plus), who may be new to us."""
    known = _with_number(number)
    if known:
        return known[0]
    return insert_if_new(Person, number=number, seen_at=as_of, created_at=as_of) or _with_number(number)[0]


def the_volunteer(person: Person) -> Volunteer | None:
    """What this person is as a volunteer, if they are one."""
    volunteer = next(iter(_volunteer(person)), None)
    if volunteer:
        volunteer.person = person
    return volunteer


@statement
def _with_number(number: str) -> "ModelSelect[Person]":
    return Person.select().where(Person.number == number)


@statement
def _volunteer(person: Person) -> "ModelSelect[Volunteer]":
    return Volunteer.select().where(Volunteer.person == person)
