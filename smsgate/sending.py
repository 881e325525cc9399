"""Empties the outbox: claim, word, send, note what happened."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta

from pyrate_limiter import Duration, Limiter, Rate

from db import outbox
from db.connection import transaction
from db.models import Letter
from db.postcodes import place
from keywords.say import say
from smsgate import numbers
from smsgate.carrier import Carrier, SendFailed, Sent, Trouble
from smsgate.clock import Clock

log = logging.getLogger(__name__)

AT_ONCE = 8  # calls under way together; a call takes 50-300 ms, so that 30 a second need about eight
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=15)


class Sending:
    """Sends the letters that are due, at the pace the account allows."""

    def __init__(self, carrier: Carrier, messages_per_second: int, language: str, clock: Clock) -> None:
        self.carrier = carrier
        self.language = language
        self.clock = clock
        self.pace = Limiter(Rate(messages_per_second, Duration.SECOND))
        self.hands = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sender")

    def send_all_due(self, stopping: Callable[[], bool]) -> None:
        """Send until nothing is due, the account is in trouble, or we are asked to stop."""
        while not stopping():
            with transaction():
                letters = outbox.claim(AT_ONCE, self.clock())
            if not letters:
                return
            calls = {self.hands.submit(self.send, letter): letter for letter in letters}
            trouble = [self.note(calls[call], call.result()) for call in as_completed(calls)]
            if Trouble.ACCOUNT in trouble:
                return

    def close(self) -> None:
        """Let go of the threads."""
        self.hands.shutdown()

    def send(self, letter: Letter) -> Sent | SendFailed:
        """Word one letter and hand it to the carrier. Runs beside others, and does not touch the database."""
        try:
            text = word(letter, self.language)
            self.pace.try_acquire("letter")
            return self.carrier.send(letter.person.number, text, letter.ref)
        except SendFailed as failed:
            return failed
        except Exception as fault:  # a fault of ours stops this letter only
            log.exception("letter cannot be sent letter=%d", letter.id)
            return SendFailed(type(fault).__name__, Trouble.PERMANENT)

    def note(self, letter: Letter, outcome: Sent | SendFailed) -> Trouble | None:
        """Keep what happened to a letter."""
        as_of = self.clock()
        if isinstance(outcome, Sent):
            outbox.sent(letter, outcome.carrier_ref, outcome.price, as_of)
            log.info("letter sent letter=%d notice=%s", letter.id, letter.notice)
            return None
        log.warning(
            "letter not sent letter=%d attempt=%d %s: %s",
            letter.id,
            letter.attempts,
            outcome.trouble.value,
            outcome.reason,
        )
        match outcome.trouble:
            case Trouble.PERMANENT:
                outbox.fail(letter, outcome.reason)
            case Trouble.UNCERTAIN:
                pass  # it stays claimed: its receipt settles it, or the sweep sends it again
            case _:
                delay = max(timedelta(seconds=outcome.wait_seconds), backoff(letter.attempts))
                outbox.put_back(letter, outcome.reason, as_of + delay)
        return outcome.trouble


def backoff(attempts: int) -> timedelta:
    """How long a letter waits after its first, second, … attempt."""
    doubled: timedelta = FIRST_DELAY * 2 ** min(attempts - 1, 10)
    return min(doubled, LONGEST_DELAY)


def word(letter: Letter, language: str) -> str:
    """The text of a letter, in the language of its person."""
    speaks = letter.person.language or language
    details: dict[str, str | None] = json.loads(letter.details)
    there = place(details.get("postcode") or "")
    if there:
        details["place"] = f"{there.postcode} {there.name(speaks)}"
    if details.get("number"):
        details["number"] = numbers.for_people(str(details["number"]))
    return say(letter.notice, speaks, details)
