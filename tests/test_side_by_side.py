"""Several who hear side by side, as on several machines, leave everything as one alone would have."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from db import connection, inbox
from db.inbox import Incoming
from db.models import Letter, Person, Text
from db.steps import OfferStep
from smsgate.conversation import Conversation
from tests.test_promises import BRUSSELS, People
from tests.town import PEOPLE, SERVICE

HEARERS = 4
WORDS = (
    ["AIDE 1050 courses", "AIDE 1060", "AIDE 1050 x2 courses", "BENEVOLE 1050", "BENEVOLE 1060", "BENEVOLE"]
    + ["OUI"] * 12
    + ["NON"] * 3
    + ["ANNULER", "STOP", "START", "PAUSE", "LISTE pain, lait", "1050", "merci"]
)


class Crowd(People):
    """More people, who all write at once, and several who hear them."""

    how_many = len(PEOPLE)
    knows_who_agreed = False  # their texts are heard in another order than they were written in
    met = (OfferStep.INTRODUCED, OfferStep.WITHDRAWN)  # taken back since, by another text of the same moment

    def write(self, chance: random.Random) -> None:
        """Each writes one text or two."""
        for number in self.names:
            for _ in range(chance.choice((0, 1, 1, 2))):
                self.texts += 1
                words = chance.choice(WORDS)
                inbox.store([Incoming("", str(self.texts), number, SERVICE, words, self.now)])

    def hear_together(self, sweeping: bool) -> None:
        """Everybody hears until nothing is left; one of them looks for what is due as well."""
        together = Barrier(HEARERS)

        def hear(hearer: int) -> None:
            conversation = Conversation(self.listener, self.journey, BRUSSELS)
            try:
                together.wait()
                if sweeping and hearer == 0:
                    self.sweep()
                while conversation.hear_waiting(self.now):
                    pass
            finally:
                connection.close()

        with ThreadPoolExecutor(HEARERS) as hearers:
            list(hearers.map(hear, range(HEARERS)))

    def check(self) -> None:
        """All that must hold of a town, after any text."""
        for invariant in self.invariants:
            invariant.function(self)


@pytest.fixture
def crowd(empty_database: Callable[[], str]) -> Iterator[Crowd]:
    crowd = Crowd()
    crowd.new_database = empty_database
    crowd.open()
    yield crowd
    connection.close()


@pytest.mark.parametrize("seed", range(2))
def test_a_town_heard_by_four_at_once_keeps_every_promise(crowd: Crowd, seed: int) -> None:
    chance = random.Random(seed)
    for step in range(25):
        crowd.write(chance)
        crowd.hear_together(sweeping=chance.random() < 0.5)
        faults = [(text.words, text.fault) for text in Text.select().where(Text.state == inbox.SET_ASIDE)]
        assert not faults, f"seed {seed}, step {step}: {faults}"
        assert not Text.select().where(Text.state != inbox.HEARD).exists(), f"seed {seed}, step {step}"
        crowd.check()
        crowd.now += timedelta(minutes=chance.choice((1, 20, 130, 60 * 25)))
    assert Letter.select().count() > 80
    assert Person.select().count() == len(crowd.names)
