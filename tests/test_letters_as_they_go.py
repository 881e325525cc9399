"""Random events, and each letter looked at when it goes: late, twice, after a block, an erasure or a withdrawal."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from db import connection, outage, outbox
from db.connection import transaction
from db.models import Letter, Person
from db.notices import INTRODUCTIONS, Notice
from db.outbox import Failure
from db.receipts import Receipt, note
from db.steps import OfferStep
from db.turns import undisturbed
from smsgate import numbers
from smsgate.sending import word
from tests.test_promises import People, lives_go_on


class BusyPeople(People):
    """The same few people; an operator who forgets and blocks, and a carrier that is slow, cut off, or says no."""

    @initialize()
    def open(self) -> None:
        """It begins where most can go wrong: two have just said yes, and their introductions have not gone."""
        super().open()
        for who, words in (
            (0, "AIDE 1050 courses rue des Roses"),
            (1, "BENEVOLE 1050"),
            (2, "BENEVOLE 1050"),
            (1, "OUI"),
        ):
            self.somebody_writes(who, words)
        Letter.update(state=outbox.SENT, sent_at=self.now).execute()
        self.somebody_writes(0, "OUI")

    @rule(who=st.integers(0, 2), words=st.sampled_from(["ANNULER", "STOP", "EFFACER"]))
    def somebody_lets_go(self, who: int, words: str) -> None:
        self.somebody_writes(who, words)
        if words == "EFFACER":
            self.somebody_writes(who, "OUI")

    @rule(which=st.integers(0, 4), what=st.sampled_from(["forget", "block", "unblock"]))
    def an_operator_does_something(self, which: int, what: str) -> None:
        person = Person.get_or_none(number=list(self.names)[which])
        if person and what == "forget":
            undisturbed(lambda: self.forgetting.forget(person, self.now))
        elif person and what == "block":
            undisturbed(lambda: self.journey.block(person, self.now))
        elif person:
            undisturbed(lambda: self.journey.unblock(person))

    @rule(
        how_many=st.integers(1, 6),
        outcome=st.sampled_from(["sent", "sent", "sent", "busy", "cut off", Failure.GONE, Failure.REFUSED]),
    )
    def letters_go(self, how_many: int, outcome: str) -> None:
        with transaction():
            letters = outbox.claim(how_many, self.now)
        for letter in letters:
            self.look_at(letter)
            with transaction():
                if outcome == "sent":
                    outbox.sent(letter, "ref", None, self.now)
                elif outcome == "busy":
                    outbox.put_back(letter, "busy", self.now)
                elif outcome != "cut off":
                    outbox.fail(letter, Failure(outcome), "no")
        self.undelivered.face_all(self.now)

    def look_at(self, letter: Letter) -> None:
        """Nobody is named or quoted who does not meet the reader at this moment; nobody erased is written to."""
        text, to = word(letter, "fr"), letter.number or letter.person.number
        assert "erased" not in f"{to} {text}", letter.notice
        others = [
            number
            for number, name in self.names.items()
            if number != to and (name in text or numbers.for_people(number) in text)
        ]
        if others or letter.notice == Notice.IN_THEIR_WORDS:
            met = (OfferStep.INTRODUCED,)
            if letter.notice not in (*INTRODUCTIONS, Notice.IN_THEIR_WORDS):
                met = (OfferStep.INTRODUCED, OfferStep.WITHDRAWN)  # "did help come?" may cross with the withdrawal
            assert letter.offer is not None
            assert letter.offer.step in met, letter.notice

    def sweep(self) -> None:
        outage.release_cut_off(lambda: self.now)
        self.undelivered.face_all(self.now)
        super().sweep()

    @precondition(lambda self: self.looked_at)
    @rule(which=st.integers(0, 200), failure=st.sampled_from(list(Failure)))
    def a_letter_does_not_arrive(self, which: int, failure: Failure) -> None:
        sent = list(Letter.select().where(Letter.state == outbox.SENT).order_by(Letter.id.desc()))
        if sent:
            ref = sent[which % len(sent)].ref
            with transaction():
                note([Receipt(ref, "ref", False, failure, "no", None, self.now)])
            self.undelivered.face_all(self.now)

    @invariant()
    def no_number_or_name_is_shared_before_both_said_yes(self) -> None:
        self.looked_at = {"when it goes"}


@pytest.fixture
def people(empty_database: Callable[[], str]) -> Iterator[type[BusyPeople]]:
    BusyPeople.new_database = staticmethod(empty_database)  # type: ignore[assignment]
    yield BusyPeople
    connection.close()


@pytest.mark.only_on("sqlite", "it is about the order of events; the other database would tell the same, slower")
def test_whatever_happens_between_owing_a_letter_and_sending_it_nothing_leaks(people: type[BusyPeople]) -> None:
    lives_go_on(people, lives=10, steps=30)
