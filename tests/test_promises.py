"""The promises of DESIGN.md, each with a test that fails when it is broken."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from huey.storage import PostgresStorage, SqliteStorage
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from db import connection, inbox, privacy, questions, volunteers
from db.desk import Caller, Desk
from db.followup import FollowUp
from db.forgetting import Forgetting
from db.inbox import Incoming
from db.journey import Journey
from db.leaving import looked_for
from db.models import Deed, Letter, Offer, Person, Request, Text, Volunteer
from db.notices import SAID_AFTER_STOP, Notice
from db.offering import offers
from db.outbox import Failure
from db.postcodes import names
from db.rules import Quiet, Rules
from db.steps import OFFER_STEPS, REQUEST_STEPS, OfferStep, OutOfStep, RequestStep, move
from db.undelivered import Undelivered
from keywords.hear import Listener
from keywords.meanings import Need
from smsgate import numbers, telephone
from smsgate.conversation import Conversation
from smsgate.logs import LINE, Discreet
from smsgate.sending import word
from smsgate.switchboard import Switchboard
from smsgate.telephone import Call, NotTaken
from tests import invariants
from tests.town import NO_LIMITS, PATIENCE_SECONDS, PEOPLE, SERVICE, Town

BRUSSELS = ZoneInfo("Europe/Brussels")

# --- 2. twice is once


def test_one_text_delivered_five_times_at_once_is_one_row_one_answer_and_five_times_200(town: Town) -> None:
    fields = town.fields("amina", "AIDE 1050 courses")
    together = Barrier(5)

    def deliver(_: int) -> int:
        with httpx2.Client(base_url=town.address, timeout=PATIENCE_SECONDS) as phone:
            together.wait()
            return phone.post("/webhooks/inbound", data=fields).status_code

    with ThreadPoolExecutor(5) as phones:
        assert list(phones.map(deliver, range(5))) == [200] * 5
    town.settle()
    assert Text.select().count() == 1
    assert len(town.unread("amina")) == 1
    town.deliver("amina", "", **{name: fields[name] for name in fields if name != "sig"})
    town.settle()
    assert len(town.unread("amina")) == 1


# --- 3 and 8. one yes wins


def test_of_two_volunteers_who_say_yes_at_the_same_instant_exactly_one_is_accepted_200_times_over(
    found_town: Callable[..., Town],
) -> None:
    # Two hearers beside each other, as on two machines; and nobody minds how much the same three people write.
    town = found_town(workers=2, matching_asks_per_week="10000", **NO_LIMITS)
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts("chloe", "BENEVOLE 1050 Chloé")
    with (
        ThreadPoolExecutor(2) as phones,
        httpx2.Client(base_url=town.address, timeout=PATIENCE_SECONDS) as first,
        httpx2.Client(base_url=town.address, timeout=PATIENCE_SECONDS) as second,
    ):
        for times in range(200):
            town.texts("amina", "AIDE 1050 courses")
            request = Request.select().order_by(Request.id.desc()).get()
            assert request.offers.where(Offer.step == OfferStep.ASKED).count() == 2, f"round {times}"
            calls = [(phone, town.fields(who, "OUI")) for phone, who in ((first, "bram"), (second, "chloe"))]
            together = Barrier(2)

            def say_yes(call: tuple[Any, dict[str, str]], together: Barrier = together) -> int:
                together.wait()
                return int(call[0].post("/webhooks/inbound", data=call[1]).status_code)

            assert list(phones.map(say_yes, calls)) == [200, 200]
            town.settle()
            steps = sorted(offer.step for offer in request.offers)
            assert steps == [OfferStep.ACCEPTED, OfferStep.TOO_LATE], f"round {times}: {steps}"
            assert Request.get_by_id(request.id).step == RequestStep.PROPOSED
            town.texts("amina", "ANNULER")
    accepted, faster = Notice.ACCEPTED, Notice.NEIGHBOUR_FASTER
    assert Letter.select().where(Letter.notice == accepted).count() == 200
    assert Letter.select().where(Letter.notice == faster).count() == 200


# --- 1. no number is shared before both have said yes, whatever happens in whatever order

WORDS = st.sampled_from(
    [
        "AIDE 1050 courses",
        "AIDE 1060",
        "AIDE",
        "HULP 1050 boodschappen",
        "BENEVOLE 1050",
        "VRIJWILLIGER 1060",
        "BENEVOLE",
        "OUI",
        "OUI",
        "OUI",
        "NON",
        "STOP",
        "START",
        "ANNULER",
        "PAUSE",
        "1050",
        "merci",
        "gjmptw",
        "LISTE pain, lait",
        "AIDE 1050 x2 courses",
        "EFFACER",
    ]
)


def reachable(before: str, table: Mapping[Any, set[Any]]) -> set[str]:
    """Where one text or one sweep can bring a row: along one or more steps of the table, or nowhere."""
    found, wanted = {before}, [before]
    while wanted:
        for step in table.get(wanted.pop(), set()):
            if step not in found:
                found.add(step)
                wanted.append(step)
    return found


class People(RuleBasedStateMachine):
    """A few people text whatever they like, whenever they like; a clerk looks at every letter."""

    new_database: Callable[[], str]
    how_many = 5
    met: tuple[OfferStep, ...] = (OfferStep.INTRODUCED,)
    knows_who_agreed = True
    listener = Listener(names())
    journey = Journey(Rules(wave_size=2, radius_km=10, quiet=Quiet(time(20), time(8), BRUSSELS)))
    follow_up = FollowUp(journey)
    forgetting = Forgetting(journey)
    undelivered = Undelivered(journey)

    @initialize()
    def open(self) -> None:
        connection.connect(self.new_database())
        connection.migrate()
        self.conversation = Conversation(self.listener, self.journey, BRUSSELS)
        self.now = datetime(2026, 11, 22, 9, tzinfo=UTC)
        self.texts = 0
        self.looked_at: set[str] = set()
        self.written: dict[int, set[str]] = {}  # to whoever gets no texts, before they said so
        self.agreed: set[int] = set()  # the requests whose askers said at their call that any volunteer may have it
        self.agreed_to: set[int] = set()  # the offers to which they have said yes, by text or by voice
        self.steps: dict[tuple[type[Any], int], str] = {}
        # Each gives a name of their own, that no sentence of ours holds.
        self.names = {number: f"Zz{who}" for who, number in list(PEOPLE.items())[: self.how_many]}
        for number, name in self.names.items():
            Person.create(number=number, name=name, created_at=self.now)

    @rule(who=st.integers(0, 4), words=WORDS)
    def somebody_writes(self, who: int, words: str) -> None:
        self.texts += 1
        number = list(self.names)[who]
        writer = Person.get_or_none(number=number)  # nobody, once they were erased
        if words == "OUI" and writer and writer.question == questions.Question.CONFIRM:
            self.agreed_to.add(writer.question_about)
        inbox.store([Incoming("", str(self.texts), number, "32460200300", words, self.now)])
        while self.conversation.hear_waiting(self.now):
            pass
        assert not Text.select().where(Text.state == inbox.SET_ASIDE).exists(), [t.fault for t in Text.select()]

    @rule(who=st.integers(0, 4), consented=st.booleans(), no_sms=st.booleans())
    def somebody_rings(self, who: int, consented: bool, no_sms: bool) -> None:
        caller = Caller(list(self.names)[who], no_sms=no_sms)
        call = Call(caller, "1050", (Need.SHOPPING,), consented=consented)
        with suppress(NotTaken):  # too many today
            deed = telephone.ask(call, self.journey.rules, "operator", self.now)
            if consented:
                self.agreed.add(Deed.get_by_id(deed).request_id)

    @precondition(lambda self: Request.select().exists())
    @rule(
        which=st.integers(0, 200), did=st.sampled_from(["agree", "refuse", "cancel", "retry", "helped", "not_helped"])
    )
    def somebody_rings_about_their_request(self, which: int, did: str) -> None:
        requests = list(Request.select().order_by(Request.id.desc()))
        request, again = requests[which % len(requests)], {"again": which % 2 == 0} if did == "not_helped" else {}
        spoken_of = offers(request, OfferStep.ACCEPTED)[:1]
        with suppress(OutOfStep), connection.transaction():  # it may have moved on
            getattr(Desk(self.journey), did)(request, as_of=self.now, **again)
            if did == "agree":
                self.agreed_to |= {offer.id for offer in spoken_of}

    @rule(minutes=st.sampled_from([1, 20, 130, 60 * 11, 60 * 25, 60 * 24 * 8]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.sweep()

    def sweep(self) -> None:
        volunteers.free_all_due(self.now)
        self.journey.lapse_all_due(self.now)
        self.journey.search_all_due(self.now)
        self.journey.give_up_incomplete_all_due(self.now)
        self.journey.remind_all_due(self.now)
        self.follow_up.ask_all_due(self.now)
        self.follow_up.close_all_unanswered(self.now)
        self.follow_up.forget_all_unanswered(self.now)
        self.forgetting.keep_all_unanswered(self.now)

    @precondition(lambda self: self.looked_at)
    @rule(which=st.integers(0, 200), failure=st.sampled_from(list(Failure)))
    def a_letter_does_not_arrive(self, which: int, failure: Failure) -> None:
        letters = list(Letter.select().order_by(Letter.id.desc()))
        if letters:
            letter = letters[which % len(letters)]
            Letter.update(state="failed", failure=failure, attempts=4).where(Letter.id == letter.id).execute()
            self.undelivered.face_all(self.now)

    @invariant()
    def no_number_or_name_is_shared_before_both_said_yes(self) -> None:
        for letter in Letter.select().where(Letter.ref.not_in(self.looked_at)).order_by(Letter.id):
            self.looked_at.add(letter.ref)
            text = word(letter, "fr")
            for number, name in self.names.items():
                if number == letter.person.number:
                    continue
                if name in text or numbers.for_people(number) in text or number in text:
                    assert self.both_said_yes(letter.person, number), f"{letter.notice}: {text}"

    def both_said_yes(self, reader: Person, number: str) -> bool:
        met = Offer.select().join(Request).switch(Offer).join(Volunteer).where(Offer.step.in_(self.met))
        return any(
            {offer.request.person.number, offer.volunteer.person.number} == {reader.number, number}
            and (offer.request_id in self.agreed or offer.id in self.agreed_to or not self.knows_who_agreed)
            for offer in met
        )

    @invariant()
    def nobody_is_looked_for_after_stop(self) -> None:
        stopped = Person.select().where(Person.stopped_at.is_null(False))
        assert not any(looked_for(person) for person in stopped)

    @invariant()
    def nobody_who_gets_no_texts_is_written_to(self) -> None:
        for person in Person.select().where(Person.no_sms):
            written = {letter.ref for letter in Letter.select().where(Letter.person == person)}
            assert written <= self.written.get(person.id, written), "written to since"
        self.written = {
            person.id: {letter.ref for letter in Letter.select().where(Letter.person == person)}
            for person in Person.select().where(Person.no_sms)
        }

    @invariant()
    def every_step_was_one_that_may_follow(self) -> None:
        for model, table in ((Request, REQUEST_STEPS), (Offer, OFFER_STEPS)):
            for row in model.select():
                before = self.steps.get((model, row.id), next(iter(table)))
                assert row.step in reachable(before, table), f"{before} -> {row.step}"
                self.steps[model, row.id] = row.step

    @invariant()
    def all_is_in_order(self) -> None:
        invariants.an_open_question_is_about_something_that_is_open()
        invariants.a_request_has_no_more_volunteers_than_it_wants()
        invariants.whoever_is_free_is_known_to_be_free()
        invariants.whoever_was_asked_has_the_question_open()
        invariants.no_request_waits_for_ever()
        if not self.journey.rules.is_night(self.now):
            invariants.an_asker_whose_volunteer_said_yes_is_asked_as_soon_as_no_other_question_is_open(self.now)

    @precondition(lambda self: self.looked_at)
    @invariant()
    def nobody_who_stopped_is_written_to(self) -> None:
        for person in Person.select().where(Person.stopped_at.is_null(False)):
            unsaid = Letter.select().where(
                (Letter.person == person)
                & (Letter.created_at > person.stopped_at)
                & Letter.notice.not_in((*SAID_AFTER_STOP, Notice.ERASED))
            )
            assert not unsaid.exists()

    @invariant()
    def of_whoever_was_erased_nothing_is_left(self) -> None:
        for person in Person.select().where(Person.number.startswith("erased")):
            rows = privacy.rows_of(person)
            for table, emptied in privacy.EMPTIED.items():
                for row in table.select().where(rows[table]):
                    if table is not Letter or row.notice != Notice.ERASED:  # which holds its language only
                        assert {field.name: getattr(row, field.name) for field in emptied} == {
                            field.name: value for field, value in emptied.items()
                        }

    def teardown(self) -> None:
        connection.close()


@pytest.fixture
def people(empty_database: Callable[[], str]) -> Iterator[type[People]]:
    People.new_database = staticmethod(empty_database)  # type: ignore[assignment]
    yield People
    connection.close()


def lives_go_on(people: type[People], lives: int, steps: int) -> None:
    """Play random events so often, so many at most each time; what breaks a promise is printed to be played again."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        people,
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_no_number_is_shared_before_both_said_yes(people: type[People]) -> None:
    lives_go_on(people, lives=40, steps=40)


# --- 6. STOP is heard at every step


@pytest.mark.parametrize("steps", range(7))
@pytest.mark.parametrize("who", ["amina", "bram"])
def test_stop_is_heard_at_every_step(town: Town, steps: int, who: str) -> None:
    way = [
        ("bram", "BENEVOLE 1050 Bram"),
        ("amina", "AIDE courses"),
        ("amina", "1050"),
        ("bram", "OUI"),
        ("amina", "OUI"),
        ("amina", "merci"),
    ]
    for writer, words in way[:steps]:
        town.texts(writer, words)
    town.texts(who, "STOP")
    before = len(town.unread(who))
    for writer, words in way[steps:]:
        if writer != who:
            town.texts(writer, words)
    town.pass_time(timedelta(days=2))
    assert "ne vous écrirons plus" in town.unread(who)[-1]
    assert len(town.unread(who)) == before


# --- 4. a text that breaks us is set aside, its writer hears so, and the next one is heard


def test_a_text_that_breaks_us_does_not_stop_the_next_one(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    hear = Listener.hear

    def breaks(self: Listener, text: str, *others: Any) -> Any:
        return 1 / 0 if text == "break" else hear(self, text, *others)

    monkeypatch.setattr(Listener, "hear", breaks)
    town.deliver("amina", "break")
    town.deliver("bram", "BENEVOLE 1050 Bram")
    town.settle(broken=1)
    assert "Une personne de l'équipe va le lire" in town.unread("amina")[0]
    assert "Bienvenue" in town.unread("bram")[0]
    assert Text.get(Text.words == "break").fault == "ZeroDivisionError"


# --- 7. names, numbers and words stay in the database


def test_the_queue_holds_row_numbers_only(found_town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[bytes] = []
    for storage in (SqliteStorage, PostgresStorage):

        def enqueue(self: Any, data: bytes, *more: Any, into: Callable[..., None] = storage.enqueue) -> None:
            kept.append(data)
            into(self, data, *more)

        monkeypatch.setattr(storage, "enqueue", enqueue)
    town = found_town()
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts("amina", "AIDE 1050 courses")
    assert len(kept) >= 4
    for secret in (PEOPLE["amina"], PEOPLE["bram"], "courses", "Bram"):
        assert secret.encode() not in b"".join(kept)


def test_details_of_letters_are_json(town: Town) -> None:
    town.texts("amina", "AIDE 1050 courses")
    assert json.loads(Letter.get().details) == {"need": "shopping", "postcode": "1050"}


def test_a_step_is_taken_once_whoever_holds_an_old_copy(town: Town) -> None:
    town.texts("amina", "AIDE 1050 courses")
    first, second = Request.get(), Request.get()
    move(first, RequestStep.WITHDRAWN, town.clock())
    with pytest.raises(OutOfStep):
        move(second, RequestStep.PROPOSED, town.clock())


def test_an_answered_text_survives_a_power_cut(town: Town, database: str) -> None:
    full = 2
    asked = {
        "sqlite": {"PRAGMA synchronous": full, "PRAGMA journal_mode": "wal"},
        "postgresql": {"SHOW synchronous_commit": "on"},
    }
    for question, answer in asked[database].items():
        assert connection.database.execute_sql(question).fetchone()[0] == answer


def test_what_a_broken_text_had_begun_is_undone_and_what_it_said_is_not_in_the_log(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks_late(*_: Any) -> None:
        Person.create(number="1", created_at=0)
        raise ValueError("AIDE wxyzzy 0470 12 34 00")

    monkeypatch.setattr(Switchboard, "step", breaks_late)
    town.deliver("amina", "AIDE 1050 wxyzzy")
    town.settle(broken=1)
    assert not Person.select().where(Person.number == "1").exists()
    shown = [Discreet(LINE).format(record) for record in caplog.records]
    assert any("ValueError" in line for line in shown)
    assert not any("wxyzzy" in line for line in shown)


@pytest.mark.parametrize("premium", ["3290212345", "3290312345", "3278123456"])
def test_numbers_that_cost_a_fortune_are_not_answered(town: Town, premium: str) -> None:
    town.texts(premium, "AIDE 1050 courses")
    assert town.vonage.sent == []


def test_a_reply_machine_is_not_answered_for_ever(town: Town) -> None:
    for _ in range(25):
        town.deliver("amina", "En cas d'urgence appelez le 112, je suis tombée")
    town.settle()
    assert 1 <= len(town.unread("amina")) <= 10


def test_an_echo_of_our_own_number_is_no_text(town: Town) -> None:
    town.deliver(SERVICE, "AIDE 1050 courses")
    assert Text.select().count() == 0


def test_what_is_understood_is_answered_also_after_three_puzzles(town: Town) -> None:
    for _ in range(4):
        town.texts("amina", "gjmptw")
    town.texts("amina", "INFO")
    assert len(town.unread("amina")) == 4
    assert "gratuitement" in town.unread("amina")[-1]


def test_one_number_cannot_hold_up_everybody_with_parts_of_texts_that_never_come(town: Town) -> None:
    for number in range(250):
        inbox.store([Incoming("", f"part-{number}", "32470999999", SERVICE, "x", town.clock(), f"ref-{number}", 1, 2)])
    town.texts("amina", "AIDE 1050 courses")
    assert len(town.unread("amina")) == 1


def test_two_long_texts_of_a_telephone_that_numbers_them_alike_are_both_heard(town: Town) -> None:
    town.texts("amina", "AIDE 1050")
    with town.workers[0].hearing.lock:  # so that all four wait
        for first, second in (("LISTE pommes, ", "poires"), ("LISTE café, ", "lait")):
            for part, words in enumerate((first, second), start=1):
                parts = {"concat-ref": "7", "concat-total": "2", "concat-part": str(part)}
                town.deliver("amina", words, concat="true", **parts)
    town.settle()
    assert all(item in Request.get().details for item in ("pommes", "poires", "café", "lait"))


def test_a_text_never_overtakes_a_long_one_of_the_same_person_whose_parts_are_late(town: Town) -> None:
    parts = {"concat": "true", "concat-ref": "7", "concat-total": "2"}
    town.deliver("amina", "AIDE 1050 ", **parts, **{"concat-part": "1"})
    town.deliver("amina", "ANNULER")
    town.deliver("amina", "courses", **parts, **{"concat-part": "2"})
    town.settle()
    assert ["noté" in text or "libre" in text for text in town.unread("amina")] == [True, False]
    assert Request.get().step == RequestStep.WITHDRAWN
