"""A small town with crashes and restarts in the middle ends with the same introductions as one without."""

import logging
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.days import Town
from bench.people import BRUSSELS, People
from bench.town import UNTIL_ALL_IS_CLOSED, Measured, most_in_a_week, settle
from db import connection, inbox, outbox, receipts
from db.models import Letter, Offer, Person, Request, Text
from db.receipts import Receipt
from db.rules import Quiet, Rules
from db.steps import OPEN_REQUESTS, OfferStep

SEED = 20261001
RULES = Rules(quiet=Quiet(time(20), time(8), BRUSSELS))
# Whoever answers does so by the time the letter was owed, not by when it came, and never within three minutes: so
# that a letter which a crash holds up for two minutes changes nothing in what people write.
QUICKEST = timedelta(minutes=3)


class Crash(BaseException):
    """The process is killed: nothing in it has a say any more."""


class CrashingTown(Town):
    """A town whose service is killed now and then, and goes on from what its files held at that instant."""

    def __init__(self, people: People, rules: Rules, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file = file
        self.crashes: Counter[str] = Counter()
        self.letters_put = self.claims = 0
        self.not_noted: list[Letter] = []
        super().__init__(people, rules, file)
        put = outbox.put

        def put_and_perhaps_die(*about: Any, **details: Any) -> None:
            put(*about, **details)
            self.letters_put += 1
            if self.letters_put % 97 == 0:
                self.die("in the middle of a text or a sweep")

        monkeypatch.setattr(outbox, "put", put_and_perhaps_die)

    def die(self, where: str) -> None:
        """The files stay as they are at this instant: what was not committed is lost."""
        self.crashes[where] += 1
        after = self.file.with_name(f"{sum(self.crashes.values())}.db")
        for end in ("", "-wal"):
            shutil.copy(f"{self.file}{end}", f"{after}{end}")
        self.file = after
        raise Crash

    def work(self) -> None:
        """As in any town; whoever was killed starts again, with new objects, on what the files hold."""
        try:
            super().work()
        except Crash:
            connection.close()
            self.open(self.file)
            # Receipts come by the gate, which was never away.
            receipts.note([receipt(letter, self.now) for letter in self.not_noted])
            self.not_noted = []
            self.work()

    def hand_over(self, letters: Iterable[Letter]) -> None:
        """Now and then killed with letters in hand: before the carrier has them, or before we noted that it has."""
        self.claims += 1
        if self.claims % 31 == 0:
            self.die("with letters claimed")
        if self.claims % 37 == 0:
            for letter in letters:
                self.carry(letter)
            self.not_noted = list(letters)
            self.die("with letters handed over")
        super().hand_over(letters)


def receipt(letter: Letter, as_of: datetime) -> Receipt:
    return Receipt(letter.ref, f"carrier-{letter.id}", True, False, "0", None, as_of)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of everybody, without times and without our own numbers for things."""

    introduced: set[tuple[str, str]]
    requests: list[tuple[str, str, str, str, int]]
    offers: list[tuple[str, str, str]]
    letters: Counter[tuple[str, str, str]]  # owed
    read: Counter[tuple[str, str]]  # on somebody's telephone
    texts: Counter[tuple[str, str]]


def outcome(town: Town) -> Outcome:
    requests = list(Request.select(Request, Person).join(Person))
    offers = [(one.request.person.number, one.volunteer.person.number, one.step) for one in Offer.select()]
    letters = Letter.select(Letter, Person).join(Person)
    return Outcome(
        {(asker, helper) for asker, helper, step in offers if step == OfferStep.INTRODUCED},
        sorted((one.person.number, str(one.need), str(one.postcode), one.step, one.waves) for one in requests),
        sorted(offers),
        Counter((letter.person.number, letter.notice, letter.details) for letter in letters),
        Counter((letter.number, letter.text) for _, letter in town.sent),
        Counter((text.sender, text.words) for text in Text.select()),
    )


@pytest.fixture
def people() -> Iterator[People]:
    yield People(SEED, volunteers=300, requests=24, days=7, quickest=QUICKEST)
    connection.close()


def lives(town: Town, people: People) -> Outcome:
    for text in people.texts():
        if text.at >= people.first_day:
            town.expect(text.at, text)
    town.live(people.first_day + timedelta(days=people.days) + UNTIL_ALL_IS_CLOSED)
    assert not Text.select().where(Text.state != inbox.HEARD).exists(), "a text was not heard"
    assert not Letter.select().where(Letter.state.not_in((outbox.SENT, outbox.DELIVERED))).exists(), "a letter stayed"
    assert not Request.select().where(Request.step.in_(OPEN_REQUESTS)).exists(), "a request never ended"
    assert not Person.select().where(Person.question.is_null(False)).exists(), "a question was never closed"
    assert not Offer.select().where(Offer.step.in_((OfferStep.ASKED, OfferStep.ACCEPTED))).exists(), "an offer stayed"
    assert most_in_a_week(Measured(town, people.pleas).asks_that_count()) <= RULES.asks_per_week
    return outcome(town)


def test_a_town_that_crashes_ends_with_the_same_introductions(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settle(people, tmp_path / "before.db")
    for name in ("without.db", "with.db"):
        shutil.copy(tmp_path / "before.db", tmp_path / name)
    without = lives(Town(people, RULES, tmp_path / "without.db"), people)
    connection.close()
    town = CrashingTown(people, RULES, tmp_path / "with.db", monkeypatch)
    crashed = lives(town, people)
    assert len(without.introduced) >= 15
    assert len(town.crashes) == 3
    assert min(town.crashes.values()) >= 3, town.crashes
    assert not [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert crashed == without, f"seed {SEED}, {town.crashes}"
