"""What is measured: each function does one thing to real processes and returns its figures."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from bench.installed import Process, Service
from bench.load import Answers, Words, at_pace, calls, everyday, flat_out
from db import connection, inbox
from db.models import Offer, Person, Text, Volunteer
from db.steps import OfferStep
from smsgate import settings
from smsgate.clock import now
from smsgate.tasks import Bells, close_storage
from tests.fake_vonage import Sent, accepted
from tests.town import SERVICE

WARM_UP = 1000
PATIENCE_SECONDS = 300
LOST_AFTER_SECONDS = 10  # an answer that has not come by then counts as this late
TOWNS = ("1000", "1050", "1030", "1180", "9000", "2000", "4000", "5000")


def answered(one: Service, connections: int, many: int, seed: int, ports: Sequence[int] = ()) -> Answers:
    """A web server that runs is written to by so many connections at once, each as fast as it is answered."""
    made = calls(everyday(many + WARM_UP, seed), seed)
    ports = ports or [one.port]
    flat_out(ports, made[:WARM_UP], connections)
    return flat_out(ports, made[WARM_UP:], connections)


def answered_at_pace(one: Service, per_second: int, seconds: int, seed: int) -> Answers:
    """A web server that runs is written to at a pace of its callers' choosing."""
    made = calls(everyday(WARM_UP + per_second * seconds, seed), seed)
    flat_out([one.port], made[:WARM_UP], 8)
    return at_pace(one.port, made[WARM_UP:], per_second)


def heard_in(since: float) -> float:
    """Wait until no text waits to be heard; returns the seconds since then."""
    while inbox.is_any_waiting(now() + timedelta(hours=1)):
        if time.monotonic() - since > PATIENCE_SECONDS:
            raise RuntimeError("the texts are not heard")
        time.sleep(0.02)
    return time.monotonic() - since


class Mix:
    """The texts of an ordinary day: volunteers join, askers ask, a third of those asked says yes, askers confirm."""

    def __init__(self, seed: int, take_in: Callable[[list[Words]], None]) -> None:
        self.chance, self.take_in = random.Random(seed), take_in
        self.texts, self.seconds, self.numbers = 0, 0.0, iter(range(seed * 1_000_000, (seed + 1) * 1_000_000))

    def number(self) -> str:
        """Somebody new."""
        return f"3247{next(self.numbers):07}"

    def write(self, texts: list[Words]) -> None:
        """These are written at once; wait until they are heard."""
        began = time.monotonic()
        self.take_in(texts)
        self.seconds += heard_in(began)
        self.texts += len(texts)

    def join(self, many: int) -> None:
        """So many volunteers join; they are not counted."""
        self.write([(self.number(), f"BENEVOLE {self.chance.choice(TOWNS)} Bram") for _ in range(many)])
        self.texts, self.seconds = 0, 0.0

    def day(self, askers: int) -> None:
        """So many askers and what follows."""
        began = now()
        self.write([(self.number(), f"AIDE {self.chance.choice(TOWNS)} courses") for _ in range(askers)])
        asked = [
            offer.volunteer.person.number
            for offer in Offer.select(Offer, Volunteer, Person)
            .join(Volunteer)
            .join(Person)
            .where((Offer.step == OfferStep.ASKED) & (Offer.asked_at >= began))
        ]
        self.chance.shuffle(asked)
        answers = asked[: int(len(asked) * 0.55)]
        self.write([(number, "OUI" if self.chance.random() < 0.35 else "NON") for number in answers])
        self.write([(person.number, "oui") for person in Person.select().where(Person.question == "confirm")])


def heard(one: Service, volunteers: int, askers: int, days: int, seed: int) -> float:
    """Texts a second that a worker which runs hears, its letters going out meanwhile. They are stored beforehand."""
    connection.connect(one.settings["SMSGATE_DATABASE_URL"])
    bells = Bells(settings.read(environment=one.settings))
    message = iter(range(seed * 1_000_000, (seed + 1) * 1_000_000))

    def store(texts: list[Words]) -> None:
        rows = [inbox.Incoming("m", str(next(message)), number, SERVICE, words, now()) for number, words in texts]
        for first in range(0, len(rows), 500):
            inbox.store(rows[first : first + 500])
        bells.hear()

    try:
        mix = Mix(seed, store)
        mix.join(volunteers)
        for _ in range(days):
            mix.day(askers)
        return mix.texts / mix.seconds
    finally:
        close_storage(bells.huey)
        connection.close()


def carried(one: Service, ports: Sequence[int], volunteers: int, askers: int, days: int, seed: int) -> float:
    """Texts a second from the webhook's call to heard, through these web servers and whatever workers run."""
    connection.connect(one.settings["SMSGATE_DATABASE_URL"])
    calls_seed = iter(range(seed * 1000, seed * 1000 + 999))
    try:
        mix = Mix(seed, lambda texts: _all_taken(flat_out(ports, calls(texts, next(calls_seed)), 32)))
        mix.join(volunteers)
        for _ in range(days):
            mix.day(askers)
        return mix.texts / mix.seconds
    finally:
        connection.close()


def appeal(one: Service, many: int, seconds: int, seed: int) -> tuple[Answers, int, float]:
    """An appeal on the radio: so many texts in so many seconds. How they were answered, how many are stored and heard,
    and how long after the last one that was."""
    connection.connect(one.settings["SMSGATE_DATABASE_URL"])
    try:
        before = Text.select().count()
        answers = at_pace(one.port, calls(everyday(many, seed), seed), many / seconds)
        after = heard_in(time.monotonic())
        return answers, Text.select().where(Text.state == inbox.HEARD).count() - before, after
    finally:
        connection.close()


def latency(one: Service, many: int, seed: int) -> list[float]:
    """Milliseconds from the webhook's call to the answer in the carrier's hands, each text on an idle service."""
    chance, arrived = random.Random(seed), dict[str, float]()

    def noted(sent: Sent, number: int) -> tuple[int, str] | None:
        arrived.setdefault(sent.to, time.perf_counter())
        return accepted(sent, number)

    one.vonage.otherwise, before = noted, one.vonage.otherwise
    took: list[float] = []
    try:
        for number, words in everyday(many * 4 + 10, seed):
            if len(took) > many:
                break
            if words.startswith(("OUI", "non")):
                continue  # an answer to nothing is answered too, but says little
            call = calls([(number, words)], chance.randrange(1 << 30))
            began = time.perf_counter()
            _all_taken(flat_out([one.port], call, 1))
            while number not in arrived and time.perf_counter() - began < LOST_AFTER_SECONDS:
                time.sleep(0.001)
            took.append((arrived.get(number, began + LOST_AFTER_SECONDS) - began) * 1000)
            time.sleep(chance.uniform(0.1, 0.5))  # idle again, and out of step with whoever polls
    finally:
        one.vonage.otherwise = before
    return sorted(took[1:])  # the first one waits for the worker, which starts after the web server


def at_rest(process: Process, seconds: float) -> tuple[float, float]:
    """MB in use, and per cent of a core, of a service nobody writes to."""
    before = process.cpu_seconds()
    time.sleep(seconds)
    return process.resident_mb(), (process.cpu_seconds() - before) / seconds * 100


def _all_taken(answers: Answers) -> None:
    if set(answers.statuses) != {200}:
        raise RuntimeError(f"not all were taken in: {dict(answers.statuses)}")
