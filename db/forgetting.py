"""Being forgotten: after one question at a person's wish, or with age after a warning; what is open is closed first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db import limits, outbox, privacy, questions
from db.journey import Journey
from db.leaving import open_request
from db.models import Offer, Person, Volunteer
from db.notices import Notice
from db.offering import full_offers
from db.questions import Question
from db.steps import OfferStep, RequestStep
from db.sweeps import each

# Without an answer by then nothing is erased.
ANSWER_WITHIN = timedelta(hours=48)
# Between the warning and the forgetting of someone who has not written for long.
WARNED_FOR = timedelta(days=14)
AT_ONCE = 200  # people warned or forgotten in one sweep: a year's silence is no reason for a flood


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The ways to be forgotten."""

    journey: Journey

    def ask(self, person: Person, as_of: datetime) -> None:
        """Is that what they want? The question takes the place of whatever was open."""
        questions.replace(person, Question.ERASE, as_of)
        self.journey.tell(person, Notice.ERASE_REALLY, as_of, reply=True)

    def answer(self, person: Person, yes: bool, as_of: datetime) -> None:
        """It is, or it is not."""
        if yes:
            self.forget(person, as_of)
            return
        self.keep(person, as_of)
        self.journey.tell(person, Notice.NOT_ERASED, as_of, reply=True)

    def keep(self, person: Person, as_of: datetime) -> None:
        """Nothing is erased: the question that was open before is open again."""
        questions.close(person, Question.ERASE)
        asked = full_offers().where((Volunteer.person == person) & (Offer.step == OfferStep.ASKED)).first()
        request = open_request(person)
        if asked:
            questions.put(person, Question.OFFER, asked.id, as_of)
        elif request and request.step == RequestStep.INCOMPLETE:
            questions.put(person, Question.POSTCODE, None, as_of)
        elif request and request.step == RequestStep.FOLLOWED_UP and request.reminded_at is None:
            questions.put(person, Question.FOLLOWUP, request.id, as_of)

    def forget(self, person: Person, as_of: datetime, goodbye: bool = True) -> None:
        """Close what is open, tell the others, say goodbye, and empty every row that tells of this person."""
        questions.close(person, Question.ERASE)
        self.journey.close_all(person, as_of)
        number, language, no_sms = person.number, person.language, person.no_sms
        key = self.journey.rules.key
        has_asked_today = limits.requests_today(person, key, as_of) > 0
        privacy.empty(person, as_of, limits.mark_of(person, key) if has_asked_today else None)
        if goodbye and not no_sms:
            outbox.say_goodbye(person, number, language, as_of)

    def keep_all_unanswered(self, as_of: datetime) -> int:
        """Nobody said yes to being erased. Returns for how many."""
        silent = (Person.question == Question.ERASE) & (Person.question_at <= as_of - ANSWER_WITHIN)
        return each(Person.select().where(silent), lambda person: self.keep(person, as_of))

    def forget_all_unseen(self, as_of: datetime, keep: timedelta) -> int:
        """Whoever has not written for so long is warned, and two weeks later forgotten. Returns how many."""
        if self.journey.rules.is_night(as_of):
            return 0
        warned = Person.warned_at.is_null() | (Person.warned_at <= as_of - WARNED_FOR)
        unseen = Person.select().where((Person.seen_at <= as_of - keep) & warned).order_by(Person.seen_at)
        return each(unseen.limit(AT_ONCE), lambda person: self.warn_or_forget(person, as_of))

    def warn_or_forget(self, person: Person, as_of: datetime) -> None:
        """A warning first, to whoever may be written to."""
        if person.warned_at is None and outbox.may_be_told(person, Notice.FORGET_SOON):
            person.warned_at = as_of
            person.save(only=[Person.warned_at])
            self.journey.tell(person, Notice.FORGET_SOON, as_of)
        else:
            self.forget(person, as_of, goodbye=False)
