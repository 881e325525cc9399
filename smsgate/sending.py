"""Empties the outbox: claim, word, send, note what happened."""

import json
import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

from peewee import OperationalError
from pyrate_limiter import Duration, Limiter, Rate

from db import health, outage, outbox
from db.connection import transaction
from db.models import Letter
from db.notices import NAMES_THE_OTHER
from db.outbox import Failure
from db.postcodes import place
from db.rules import Rules
from keywords.say import say
from smsgate import numbers
from smsgate.carrier import Carrier, SendFailed, Sent, Trouble
from smsgate.clock import Clock

log = logging.getLogger(__name__)

AT_ONCE = 8  # calls under way together; a call takes 50-300 ms, so that 30 a second need about eight
# Less than what makes a letter cut off (db/outage.py), the carrier's time to answer included.
NOTED_WITHIN_SECONDS = 90
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=15)
# So often is a letter tried that is refused for its sender; by then it has been tried for longer than the doubt.
SENDER_TRIES, SENDER_DOUBT = 8, timedelta(minutes=30)


class Sending:
    """Sends the letters that are due, at the pace the account allows."""

    def __init__(self, carrier: Carrier, messages_per_second: int, language: str, clock: Clock, rules: Rules) -> None:
        self.carrier = carrier
        self.rules = rules
        self.language = language
        self.clock = clock
        self.pace = Limiter(Rate(messages_per_second, Duration.SECOND))
        self.hands = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sender")

    def send_all_due(self, stopping: Callable[[], bool]) -> None:
        """Send until nothing is due, the account is in trouble, or we are asked to stop.

        Calls under way are refilled as they end, so that one that hangs holds up nobody else.
        """
        under_way: dict[Future[Sent | SendFailed], Letter] = {}
        while True:
            if not stopping():
                letters = self.claim(AT_ONCE, len(under_way))
                under_way |= {self.hands.submit(self.send, letter): letter for letter in letters}
            if not under_way:
                return
            ended, _ = wait(under_way, return_when=FIRST_COMPLETED)
            self.note_all([(under_way.pop(call), call.result()) for call in ended])

    def claim(self, at_once: int, under_way: int) -> list[Letter]:
        """The letters to send now: none while the account is in trouble, and one to try whether it still is."""
        with transaction():
            as_of = self.clock()
            if self.rules.is_night(as_of):
                outage.put_off(as_of, self.rules.waking(as_of))
            allowed = health.may_send(as_of)
            most = at_once if allowed is None else min(at_once, allowed)
            return outbox.claim(most - under_way, as_of) if most > under_way else []

    def note_all(self, outcomes: list[tuple[Letter, Sent | SendFailed]]) -> None:
        """Keep what happened to these letters; a database that is busy or away is waited for: else they go twice."""
        too_late = time.monotonic() + NOTED_WITHIN_SECONDS
        while True:
            try:
                with transaction():
                    for letter, outcome in outcomes:
                        self.note(letter, outcome)
            except OperationalError:
                if time.monotonic() > too_late:
                    raise
                time.sleep(1)
            else:
                return

    def close(self) -> None:
        """Let go of the threads."""
        self.hands.shutdown()
        self.pace.close()  # which forgets letters sent long ago in a thread of its own

    def send(self, letter: Letter) -> Sent | SendFailed:
        """Word one letter and hand it to the carrier. Runs beside others, and does not touch the database."""
        try:
            text = word(letter, self.language)
            self.pace.try_acquire("letter")
            return self.carrier.send(letter.number or letter.person.number, text, letter.ref)
        except SendFailed as failed:
            return failed
        except OSError as fault:  # no file descriptors, or no memory: the machine, not the letter
            return SendFailed(type(fault).__name__, Trouble.TEMPORARY)
        except Exception as fault:  # a fault of ours stops this letter only
            log.exception("letter cannot be sent letter=%d", letter.id)
            return SendFailed(type(fault).__name__, Trouble.PERMANENT)

    def note(self, letter: Letter, outcome: Sent | SendFailed) -> None:
        """Keep what happened to a letter."""
        as_of = self.clock()
        if isinstance(outcome, Sent):
            outbox.sent(letter, outcome.carrier_ref, outcome.price, as_of)
            if health.letters_go(outcome.balance, as_of):
                log.info("letters go out again")
            log.info("letter sent letter=%d notice=%s", letter.id, letter.notice)
            return
        log.warning(
            "letter not sent letter=%d attempt=%d %s: %s",
            letter.id,
            letter.attempts,
            outcome.trouble.value,
            outcome.reason,
        )
        match outcome.trouble:
            case Trouble.PERMANENT:
                outbox.fail(letter, Failure.REFUSED, outcome.reason)
            case Trouble.GONE:
                outbox.fail(letter, Failure.GONE, outcome.reason)
            case Trouble.UNCERTAIN:
                pass  # it stays claimed: its receipt settles it, or the sweep sends it again
            case Trouble.SENDER if letter.attempts >= SENDER_TRIES and outage.any_gone_since(as_of - SENDER_DOUBT):
                outbox.fail(letter, Failure.REFUSED, outcome.reason)
            case Trouble.ACCOUNT:
                health.account_in_trouble(outcome.reason, as_of)
                outbox.put_back(letter, outcome.reason, as_of)
            case Trouble.TEMPORARY | Trouble.SENDER:
                delay = max(timedelta(seconds=outcome.wait_seconds), backoff(letter.attempts))
                outbox.put_back(letter, outcome.reason, as_of + delay)


def backoff(attempts: int) -> timedelta:
    """How long a letter waits after its first, second, … attempt: never in step with the others."""
    doubled: timedelta = FIRST_DELAY * 2 ** min(attempts - 1, 10)
    return min(doubled, LONGEST_DELAY) * random.uniform(0.75, 1.25)  # noqa: S311 - nobody gains by guessing it


def word(letter: Letter, language: str) -> str:
    """The text of a letter, in the language of its person."""
    details: dict[str, str | None] = json.loads(letter.details)
    speaks = details.get("language") or letter.person.language or language
    other = outbox.the_other(letter) if letter.notice in NAMES_THE_OTHER else None
    if other:
        details |= {"name": other.name, "number": other.number}
    there = place(details.get("postcode") or "")
    if there:
        details["place"] = f"{there.postcode} {there.name(speaks)}"
    if details.get("number"):
        details["number"] = numbers.for_people(str(details["number"]))
    return say(letter.notice, speaks, details)
