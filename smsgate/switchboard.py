"""The switchboard: one meaning, one step of the journey."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from db import concerns, inbox, outbox, questions
from db.concerns import Kind
from db.connection import transaction
from db.followup import FollowUp
from db.forgetting import Forgetting
from db.inbox import Waiting
from db.journey import Journey
from db.leaving import open_request, start
from db.models import Offer, Person, Request
from db.notices import Notice
from db.offering import missed_offer, the_offer
from db.steps import OfferStep, OutOfStep, move
from keywords.meanings import Heard, Intent, Question

# Two machines must not talk to each other for ever: beyond this many a day, no answer.
NOT_UNDERSTOOD_A_DAY = 3
SAME_ANSWER_A_DAY = 10
NOT_UNDERSTOOD = (Notice.NOT_UNDERSTOOD, Notice.YES_OR_NO, Notice.ANY_LANGUAGE)
# Whoever writes this does not want to be erased, whatever they were asked.
GOES_ON = (Intent.REQUEST, Intent.JOIN, Intent.START, Intent.POSTCODE, Intent.LIST)
DAY = timedelta(days=1)
REST_DAYS = 14


class Switchboard:
    """Connects what a person means with what the journey can do."""

    def __init__(self, steps: Journey, timezone: ZoneInfo) -> None:
        self.journey = steps
        self.follow_up = FollowUp(steps)
        self.forgetting = Forgetting(steps)
        self.timezone = timezone

    def step(self, person: Person, heard: Heard, text: Waiting, as_of: datetime) -> None:
        """One meaning, one step."""
        if person.question == questions.Question.ERASE and heard.intent in GOES_ON:
            self.forgetting.keep(person, as_of)
        match heard.intent:
            case Intent.EMERGENCY:
                concerns.open_concern(Kind.EMERGENCY, person, as_of, text=text.rows[0])
                self.reply(person, Notice.EMERGENCY, as_of)
            case Intent.STOP:
                self.journey.stop(person, as_of)
                self.reply(person, Notice.STOPPED, as_of)
            case Intent.FORGET:
                self.forgetting.ask(person, as_of)
            case Intent.START:
                self.start(person, as_of)
            case Intent.REQUEST if self.follow_up.is_asked_again(person, heard.postcode, heard.need):
                self.follow_up.ask_again(person, heard.details, as_of)
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
            case Intent.UNKNOWN if heard.acknowledged and self.was_told_something(person, as_of):
                pass  # “ok” to what we have said: as a thank-you, it wants no answer
            case _:
                self.not_understood(person, as_of)

    def yes_or_no(self, person: Person, yes: bool, text: Waiting, as_of: datetime) -> None:
        """OUI and NON always answer the one question that is open."""
        about, asks = person.question_about, questions.Question
        match person.question:
            case asks.OFFER:
                self.answer_offer(the_offer(about), yes, as_of)
            case asks.CONFIRM if yes and person.question_at and text.received_at < person.question_at:
                self.not_understood(person, as_of)  # a yes to something else: this they had not been asked yet
            case asks.CONFIRM if yes:
                self.journey.confirm(the_offer(about), as_of)
            case asks.CONFIRM:
                self.journey.refuse(the_offer(about), as_of)
            case asks.FOLLOWUP:
                self.follow_up.answer(person, Request.get_by_id(about), yes, as_of)
            case asks.ERASE:
                inbox.heard(text, Intent.YES if yes else Intent.NO, as_of)  # what is still waiting is not forgotten
                self.forgetting.answer(person, yes, as_of)
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
            outbox.put(person, Notice.RESTING, as_of, day=str(day.day), month=str(day.month))
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

    def was_told_something(self, person: Person, as_of: datetime) -> bool:
        """Today, and nothing asked."""
        return person.question is None and outbox.told_since(person, as_of - DAY)

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
