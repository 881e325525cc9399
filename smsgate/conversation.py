"""The switchboard: one text from one person → one step of the journey."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from db import inbox, outbox, questions
from db.connection import is_out_of_order, transaction
from db.followup import FollowUp
from db.inbox import Waiting
from db.journey import Journey
from db.leaving import open_request, start
from db.models import Offer, Person, Request, get_or_create_person
from db.offering import missed_offer
from db.outbox import Notice
from db.postcodes import place
from db.steps import OfferStep, OutOfStep, move
from db.turns import undisturbed
from keywords.hear import Listener
from keywords.meanings import Heard, Intent, Question
from smsgate import numbers

log = logging.getLogger(__name__)

# Two machines must not talk to each other for ever: beyond this many a day, no answer.
NOT_UNDERSTOOD_A_DAY = 3
SAME_ANSWER_A_DAY = 10
NOT_UNDERSTOOD = (Notice.NOT_UNDERSTOOD, Notice.YES_OR_NO, Notice.ANY_LANGUAGE)
DAY = timedelta(days=1)
REST_DAYS = 14
# What is still heard from someone who wanted no more messages.
HEARD_AFTER_STOP = (Intent.START, Intent.REQUEST, Intent.JOIN, Intent.STOP, Intent.EMERGENCY, Intent.FORGET)


class Conversation:
    """Hears the texts of the Inbox, one transaction each, and takes the steps they mean."""

    def __init__(self, listener: Listener, steps: Journey, timezone: ZoneInfo) -> None:
        self.listener = listener
        self.journey = steps
        self.follow_up = FollowUp(steps)
        self.timezone = timezone

    def hear_next(self, as_of: datetime) -> bool:
        """Hear the oldest waiting text: marked heard, the moves and the letters, together or not at all.

        Returns False when none is waiting. A text that breaks us is set aside, and never stops the next one.
        """
        return undisturbed(lambda: self._hear_next(as_of))

    def _hear_next(self, as_of: datetime) -> bool:
        text = inbox.take_next(as_of)
        if text is None:
            return False
        try:
            with transaction():
                self.answer(text, as_of)
        except Exception as fault:
            if is_out_of_order(fault):
                raise  # the database, not the text: it is as good as new
            log.exception("text set aside text=%s", text.rows[0])
            inbox.set_aside(text, type(fault).__name__, as_of)
            self.apologise(text, as_of)
        else:
            inbox.heard(text, as_of)
        return True

    def answer(self, text: Waiting, as_of: datetime) -> None:
        """Understand one text and take its step."""
        if not numbers.can_be_answered(text.sender):
            log.info("text from a machine, left unanswered text=%s", text.rows[0])
            return
        person = get_or_create_person(text.sender, as_of)
        heard = self.hear(person, text, as_of)
        if person.is_stopped() and heard.intent not in HEARD_AFTER_STOP:
            return
        self.get_to_know(person, heard)
        self.step(person, heard, text, as_of)
        self.journey.ask_to_confirm(person, as_of)  # what waited for the question just answered
        log.info("heard %s text=%s person=%s", heard.intent, text.rows[0], person.id)

    def hear(self, person: Person, text: Waiting, as_of: datetime) -> Heard:
        """What a text means to someone with this question open; a late OUI still means the offer that was missed."""
        match person.question:
            case None:
                heard = self.listener.hear(text.words, None, person.language)
                if heard.intent is Intent.UNKNOWN and missed_offer(person, as_of):
                    late = self.listener.hear(text.words, Question.OFFER, person.language)
                    return late if late.intent in (Intent.YES, Intent.NO) else heard
                return heard
            case questions.Question.AGAIN:
                return self.listener.hear(text.words, Question.OFFER, person.language)
            case question:
                return self.listener.hear(text.words, Question(question), person.language)

    def step(self, person: Person, heard: Heard, text: Waiting, as_of: datetime) -> None:
        """One meaning, one step."""
        match heard.intent:
            case Intent.EMERGENCY:
                log.warning("emergency text=%s person=%s", text.rows[0], person.id)
                self.reply(person, Notice.EMERGENCY, as_of)
            case Intent.STOP:
                self.journey.stop(person, as_of)
            case Intent.FORGET:
                self.forget(person, text, as_of)
            case Intent.START:
                self.start(person, as_of)
            case Intent.REQUEST:
                self.journey.ask(person, heard.postcode, heard.need, heard.details, as_of, heard.count or 1)
            case Intent.JOIN:
                self.journey.join(person, heard.postcode, " ".join(heard.needs), " ".join(heard.languages), as_of)
            case Intent.YES | Intent.NO:
                self.yes_or_no(person, heard.intent is Intent.YES, text, as_of)
            case Intent.POSTCODE:
                self.place(person, heard.postcode, as_of)
            case Intent.LIST:
                self.add_to_list(person, heard, as_of)
            case Intent.CANCEL:
                self.cancel(person, as_of)
            case Intent.PAUSE:
                self.rest(person, as_of + timedelta(days=heard.days or REST_DAYS), as_of)
            case Intent.INFO:
                self.reply(person, Notice.HOW_IT_WORKS, as_of)
            case Intent.THANKS:
                pass
            case Intent.UNKNOWN if heard.switch:
                outbox.put(person, Notice.LANGUAGE_SET, as_of)
            case _:
                self.not_understood(person, as_of)

    def yes_or_no(self, person: Person, yes: bool, text: Waiting, as_of: datetime) -> None:
        """OUI and NON always answer the one question that is open."""
        about, asks = person.question_about, questions.Question
        match person.question:
            case asks.OFFER:
                self.answer_offer(Offer.get_by_id(about), yes, as_of)
            case asks.CONFIRM if yes:
                self.journey.confirm(Offer.get_by_id(about), as_of)
            case asks.CONFIRM:
                self.journey.refuse(Offer.get_by_id(about), as_of)
            case asks.FOLLOWUP:
                self.follow_up.answer(person, Request.get_by_id(about), yes, as_of)
            case asks.AGAIN:
                self.follow_up.look_again(person, Request.get_by_id(about), yes, as_of)
            case _:
                self.late_answer(person, yes, text, as_of)

    def answer_offer(self, offer: Offer, yes: bool, as_of: datetime) -> None:
        """The first yes wins; whoever comes after hears that a neighbour was faster."""
        if not yes:
            self.journey.decline(offer, as_of)
            return
        try:
            with transaction():
                self.journey.accept(offer, as_of)
        except OutOfStep:
            self.journey.close_offer(offer, OfferStep.TOO_LATE, as_of)
            outbox.put(offer.volunteer.person, Notice.NEIGHBOUR_FASTER, as_of)

    def late_answer(self, person: Person, yes: bool, text: Waiting, as_of: datetime) -> None:
        """OUI or NON with nothing open: perhaps to an offer of before."""
        missed = missed_offer(person, as_of)
        if missed is None:
            self.not_understood(person, as_of)
        elif yes:
            self.journey.accept_late(missed, text.received_at, as_of)
        else:
            move(missed, OfferStep.DECLINED, as_of)
            outbox.put(person, Notice.DECLINED, as_of)

    def place(self, person: Person, postcode: str | None, as_of: datetime) -> None:
        """A bare postcode answers the question for it; given unasked, it says that somebody is there."""
        if postcode and self.journey.place(person, postcode, as_of):
            return
        self.reply(person, Notice.ASK_POSTCODE if person.question == Question.POSTCODE else Notice.HOW_IT_WORKS, as_of)

    def start(self, person: Person, as_of: datetime) -> None:
        """Messages are welcome again."""
        start(person)
        outbox.put(person, Notice.STARTED, as_of)

    def cancel(self, person: Person, as_of: datetime) -> None:
        """Take back a request or a promise."""
        asked = open_request(person) is not None and person.question != questions.Question.OFFER
        if not self.journey.cancel(person, as_of):
            self.reply(person, Notice.NOTHING_TO_CANCEL, as_of)
        else:
            outbox.put(person, Notice.REQUEST_CANCELLED if asked else Notice.DECLINED, as_of)

    def rest(self, person: Person, until: datetime, as_of: datetime) -> None:
        """A volunteer rests for a while."""
        if self.journey.rest(person, until, as_of):
            day = until.astimezone(self.timezone)
            outbox.put(person, Notice.RESTING, as_of, date=f"{day.day}/{day.month}")
        else:
            self.reply(person, Notice.HOW_IT_WORKS, as_of)

    def add_to_list(self, person: Person, heard: Heard, as_of: datetime) -> None:
        """A list goes with the open request; without one, it is a request; without items, we show a model."""
        if not heard.details:
            self.reply(person, Notice.LIST_MODEL, as_of)
        elif self.journey.add_to_list(person, heard.details, as_of):
            outbox.put(person, Notice.LIST_KEPT, as_of)
        else:
            self.journey.ask(person, heard.postcode, heard.need, heard.details, as_of)

    def forget(self, person: Person, text: Waiting, as_of: datetime) -> None:
        """Someone wants to be erased: no more messages at once, and the text waits for an operator."""
        self.journey.stop(person, as_of)
        outbox.call_back(person)
        outbox.put(person, Notice.TO_BE_ERASED, as_of)
        log.warning("a person asks to be erased person=%s text=%s", person.id, text.rows[0])

    def not_understood(self, person: Person, as_of: datetime) -> None:
        """Ask again, and change nothing; at most three times a day."""
        if person.question == Question.POSTCODE:
            self.reply(person, Notice.ASK_POSTCODE, as_of)
        elif outbox.put_recently(person, NOT_UNDERSTOOD, as_of - DAY) < NOT_UNDERSTOOD_A_DAY:
            outbox.put(person, Notice.YES_OR_NO if person.question else self.example_for(person), as_of)

    def example_for(self, person: Person) -> Notice:
        """What to text; in four languages at once for someone whose language we do not know yet."""
        return Notice.NOT_UNDERSTOOD if person.language else Notice.ANY_LANGUAGE

    def reply(self, person: Person, notice: Notice, as_of: datetime) -> None:
        """An answer that changes nothing; a machine that goes on asking for it is left alone."""
        if outbox.put_recently(person, [notice], as_of - DAY) < SAME_ANSWER_A_DAY:
            outbox.put(person, notice, as_of)

    def get_to_know(self, person: Person, heard: Heard) -> None:
        """Remember the name a person gives, and the language they write in."""
        known = (person.name, person.language)
        person.name = heard.name or person.name
        person.language = heard.switch or heard.language or person.language or self.language_near(heard.postcode)
        if (person.name, person.language) != known:
            person.save(only=[Person.name, Person.language])

    def language_near(self, postcode: str | None) -> str | None:
        """The language of the region, for someone whose words do not tell."""
        there = place(postcode) if postcode else None
        return there.languages[0] if there else None

    def apologise(self, text: Waiting, as_of: datetime) -> None:
        """Nobody is left in silence, not even when we are at fault."""
        if numbers.can_be_answered(text.sender):
            outbox.put(get_or_create_person(text.sender, as_of), Notice.A_PERSON_WILL_READ, as_of)
