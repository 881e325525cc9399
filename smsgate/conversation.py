"""One text from one person is heard: marked so, its step taken and its letters owed, together or not at all."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from db import concerns, inbox, limits, outbox, questions, volunteers
from db.concerns import Kind
from db.connection import is_out_of_order, transaction
from db.inbox import Waiting
from db.journey import Journey
from db.models import Person, get_or_create_person
from db.notices import Notice
from db.offering import missed_offer
from db.postcodes import place
from db.statements import change
from db.turns import undisturbed
from keywords.hear import Listener
from keywords.meanings import Heard, Intent, Question
from smsgate import numbers
from smsgate.switchboard import Switchboard

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
# A commit costs as much as hearing a text or two; but whoever brings the next one waits for it.
HEARD_TOGETHER, TOGETHER_FOR_SECONDS = 10, 0.015
# What is still heard from someone who wanted no more messages.
HEARD_AFTER_STOP = (Intent.START, Intent.REQUEST, Intent.JOIN, Intent.STOP, Intent.EMERGENCY, Intent.FORGET)
HEARD_IN_A_FLOOD = (Intent.STOP, Intent.EMERGENCY)


class Conversation:
    """Hears the texts of the Inbox, each in a savepoint of its own."""

    def __init__(self, listener: Listener, steps: Journey, timezone: ZoneInfo) -> None:
        self.listener = listener
        self.journey = steps
        self.switchboard = Switchboard(steps, timezone)

    def hear_waiting(self, as_of: datetime) -> int:
        """Hear some of the texts that wait, oldest first. Returns how many; 0 when none is waiting.

        They share a transaction, for as long as nobody minds waiting for it. Each is marked heard, with its moves and
        its letters, together or not at all; one that breaks us is set aside, and never stops the next one.
        """
        return undisturbed(lambda: self._hear_waiting(as_of))

    def _hear_waiting(self, as_of: datetime) -> int:
        began, heard = time.monotonic(), 0
        for text in inbox.take_waiting(HEARD_TOGETHER, as_of):
            self._hear(text, as_of)
            heard += 1
            if time.monotonic() - began > TOGETHER_FOR_SECONDS:
                break  # the others stay as they are: they are next
        return heard

    def _hear(self, text: Waiting, as_of: datetime) -> None:
        try:
            with transaction():
                intent = self.answer(text, as_of)
        except Exception as fault:
            if is_out_of_order(fault):
                raise  # the database, not the text: it is as good as new
            log.exception("text set aside text=%s", text.rows[0])
            inbox.set_aside(text, type(fault).__name__, as_of)
            self.apologise(text, as_of)
        else:
            inbox.heard(text, intent, as_of)

    def answer(self, text: Waiting, as_of: datetime) -> Intent | None:
        """Understand one text and take its step. Returns what it was heard as; None if it is not listened to."""
        if not numbers.can_be_answered(text.sender):
            log.info("text from a machine, left unanswered text=%s", text.rows[0])
            return None
        person = get_or_create_person(text.sender, as_of)
        if person.blocked_at:
            log.info("text from a blocked number, left unanswered text=%s person=%s", text.rows[0], person.id)
            return None
        heard = self.hear(person, text, as_of)
        self.get_to_know(person, heard, as_of)
        if self.is_left_unanswered(person, heard.intent, text, as_of):
            log.info("left unanswered %s text=%s person=%s", heard.intent, text.rows[0], person.id)
            return heard.intent
        self.switchboard.step(person, heard, text, as_of)
        self.journey.ask_to_confirm(person, as_of)  # what waited for the question just answered
        log.info("heard %s text=%s person=%s", heard.intent, text.rows[0], person.id)
        return heard.intent

    def is_left_unanswered(self, person: Person, intent: Intent, text: Waiting, as_of: datetime) -> bool:
        """After STOP, until something new is begun; beyond what anybody writes in an hour, after one warning."""
        if person.is_stopped() and intent not in HEARD_AFTER_STOP and person.question != questions.Question.ERASE:
            return True
        most = self.journey.rules.texts_per_hour
        if intent in HEARD_IN_A_FLOOD or not limits.is_one_too_many(text, most):
            return False
        concerns.open_concern(Kind.FLOOD, person, as_of)
        if not outbox.put_recently(person, [Notice.TOO_MANY_TEXTS], as_of - DAY):
            outbox.put(person, Notice.TOO_MANY_TEXTS, as_of)
        return True

    def hear(self, person: Person, text: Waiting, as_of: datetime) -> Heard:
        """What a text means to someone with this question open; a late OUI still means the offer that was missed."""
        match person.question:
            case None:
                heard = self.listener.hear(text.words, None, person.language)
                if heard.intent is Intent.UNKNOWN and missed_offer(person, as_of):
                    late = self.listener.hear(text.words, Question.OFFER, person.language)
                    return late if late.intent in (Intent.YES, Intent.NO) else heard
                return heard
            case questions.Question.ERASE:
                return self.listener.hear(text.words, Question.CONFIRM, person.language)
            case questions.Question.AGAIN:
                return self.listener.hear(text.words, Question.OFFER, person.language)
            case question:
                return self.listener.hear(text.words, Question(question), person.language)

    def get_to_know(self, person: Person, heard: Heard, as_of: datetime) -> None:
        """Remember the name a person gives and the language they write in; and that somebody is there."""
        now: dict[str, Any] = {"gone_at": None, "no_sms": False}
        if not person.is_stopped() or heard.intent in HEARD_AFTER_STOP:
            speaks = heard.switch or heard.language or person.language or self.language_near(heard.postcode)
            now |= {"name": heard.name or person.name, "language": speaks}
        if person.seen_at is None or as_of - person.seen_at > DAY:  # to the day is exact enough
            now |= {"seen_at": as_of, "warned_at": None}
        changed = {name: value for name, value in now.items() if getattr(person, name) != value}
        if changed:
            change(person, **changed)
        if "gone_at" in changed or "no_sms" in changed:
            volunteers.note_free(person)

    def language_near(self, postcode: str | None) -> str | None:
        """The language of the region, for someone whose words do not tell."""
        there = place(postcode) if postcode else None
        return there.languages[0] if there else None

    def apologise(self, text: Waiting, as_of: datetime) -> None:
        """Nobody is left in silence, not even when we are at fault."""
        if numbers.can_be_answered(text.sender):
            person = get_or_create_person(text.sender, as_of)
            concerns.open_concern(Kind.SET_ASIDE, person, as_of, text=text.rows[0])
            outbox.put(person, Notice.A_PERSON_WILL_READ, as_of)
