"""Two months in minutes: a town lives through the real Inbox, Conversation, Journey and Outbox on a turned clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from heapq import heappop, heappush
from pathlib import Path
from typing import ClassVar

from bench.people import BRUSSELS, Answer, People
from db import connection, inbox, outage, outbox, volunteers
from db.connection import database, transaction
from db.followup import ANSWER_WITHIN, FollowUp
from db.inbox import Incoming
from db.journey import Journey
from db.models import Letter
from db.notices import Notice
from db.outage import CUT_OFF_AFTER
from db.postcodes import names
from db.questions import Question
from db.rules import Rules
from db.waiting import LAPSES_AFTER
from keywords.hear import Listener
from keywords.meanings import Heard
from keywords.meanings import Question as Open
from smsgate.conversation import Conversation
from smsgate.sending import word

SERVICE = "32460200300"
MINUTE, MILLISECOND = timedelta(minutes=1), timedelta(milliseconds=1)
ON_ITS_WAY = timedelta(seconds=4)  # from the carrier to the telephone
AT_LEAST = timedelta(seconds=10)  # nobody answers faster than this
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
AT_ONCE = 100  # letters claimed together

# Whoever reads one of these does not answer the question of before any more.
NEVER_MIND = (
    Notice.NEIGHBOUR_FASTER,
    Notice.NO_LONGER_NEEDED,
    Notice.NO_ANSWER_FROM_ASKER,
    Notice.REQUEST_CANCELLED,
)
# Whoever reads one of these has a question, and answers that one.
QUESTIONS = (
    Notice.OFFER,
    Notice.VOLUNTEER_FOUND,
    Notice.CONFIRM_REMINDER,
    Notice.FOLLOW_UP,
    Notice.FOLLOW_UP_VOLUNTEER,
    Notice.LOOK_AGAIN,
)

# Letters to volunteers who come and go: no request is behind them.
COME_AND_GO = (Notice.WELCOME, Notice.RESTING, Notice.STOPPED)

# When each sweep finds something next, after a moment. A sweep asks nine questions of a millisecond each; here they are
# asked in one, so that only those with an answer are asked again.
NEXT_DUE = f"""
    SELECT (SELECT MIN(claimed_at) + {CUT_OFF_AFTER // MILLISECOND} FROM letter
            WHERE state = 'claimed' AND claimed_at > :since - {CUT_OFF_AFTER // MILLISECOND}),
        (SELECT MIN(resting_until) FROM volunteer WHERE resting_until > :since),
        (SELECT MIN(spared_until) FROM volunteer WHERE spared_until > :since),
        (SELECT MIN(asked_at) + {LAPSES_AFTER // MILLISECOND} FROM offer
            WHERE step = 'asked' AND asked_at > :since - {LAPSES_AFTER // MILLISECOND}),
        (SELECT MIN(due_at) FROM request WHERE step = 'searching' AND due_at > :since),
        (SELECT MIN(due_at) FROM request WHERE step = 'incomplete' AND due_at > :since),
        (SELECT MIN(due_at) FROM request WHERE step = 'proposed' AND due_at > :since),
        (SELECT MIN(due_at) FROM request WHERE step = 'introduced' AND due_at > :since),
        (SELECT MIN(due_at) FROM request WHERE step = 'followed_up' AND due_at > :since),
        (SELECT MIN(question_at) + {ANSWER_WITHIN // MILLISECOND} FROM person
            WHERE question = 'again' AND question_at > :since - {ANSWER_WITHIN // MILLISECOND}),
        (SELECT MIN(due_at) FROM letter WHERE state = 'waiting' AND due_at > :since)
"""
# What a letter's question is about: whose request, their how manieth, and which volunteer (the last one introduced).
ABOUT_OFFER = """
    SELECT asker.number, (SELECT COUNT(*) FROM request r WHERE r.person_id = asker.id AND r.id <= request.id),
        helper.number
    FROM offer JOIN request ON request.id = offer.request_id JOIN person asker ON asker.id = request.person_id
    JOIN volunteer ON volunteer.id = offer.volunteer_id JOIN person helper ON helper.id = volunteer.person_id
    WHERE offer.id = ?
"""
ABOUT_REQUEST = """
    SELECT asker.number, (SELECT COUNT(*) FROM request r WHERE r.person_id = asker.id AND r.id <= request.id),
        (SELECT MAX(volunteer_id) FROM offer WHERE offer.request_id = request.id AND offer.step = 'introduced')
    FROM request JOIN person asker ON asker.id = request.person_id WHERE request.id = ?
"""
# A reminder asks the same again: an answer to the first is one to both.
CHANGES_THE_ANSWER = (*NEVER_MIND, *(notice for notice in QUESTIONS if notice != Notice.CONFIRM_REMINDER))
TOLD_SINCE = f"""
    SELECT 1 FROM letter JOIN person ON person.id = letter.person_id
    WHERE person.number = ? AND letter.due_at > ? AND letter.due_at <= ?
    AND letter.notice IN ({", ".join(f"'{notice}'" for notice in CHANGES_THE_ANSWER)}) LIMIT 1
"""
IS_ABOUT_OFFER = (Question.OFFER, Question.CONFIRM)


class QuickListener(Listener):
    """The listener, who remembers what the same words meant: a town says "oui" a thousand times."""

    def hear(self, text: str, open: Open | None = None, language: str | None = None) -> Heard:
        """As Listener.hear."""
        key = (text, open, language)
        if key not in self.heard:
            self.heard[key] = super().hear(text, open, language)
        return self.heard[key]

    heard: ClassVar[dict[tuple[str, Open | None, str | None], Heard]] = {}


@cache
def listener() -> QuickListener:
    """One is enough: it keeps nothing of what it hears but the meaning of words."""
    return QuickListener(names())


@dataclass(frozen=True, slots=True)
class Read:
    """A letter as it was handed to the carrier, and what it was about."""

    letter: int
    number: str
    notice: str
    about: tuple[object, ...]
    due_at: datetime
    text: str


class Town:
    """People and a service, an event at a time: a text is written, a letter is read, or something falls due."""

    def __init__(self, people: People, rules: Rules, file: Path) -> None:
        self.people, self.rules = people, rules
        self.now = people.first_day - timedelta(days=1)
        self.events: list[tuple[datetime, str, int, Answer | Read, Read | None]] = []
        self.numbered = 0
        self.sent: list[tuple[datetime, Read]] = []
        self.texts_in = self.sweeps = 0
        self.open(file)

    # --- the service

    def open(self, file: Path) -> None:
        """The service starts on this file, and knows nothing but what is in it."""
        connection.connect(f"sqlite:///{file}")
        database.execute_sql("PRAGMA synchronous = off")  # this is no test of the disk
        connection.migrate()
        self.journey = Journey(self.rules)
        self.follow_up = FollowUp(self.journey)
        self.conversation = Conversation(listener(), self.journey, BRUSSELS)
        self.swept_at = 0
        self.calm = False

    def work(self) -> None:
        """All that the service does now: texts heard, what is due found, letters sent."""
        while self.is_text_waiting() and self.conversation.hear_waiting(self.now):
            self.calm = False
        if self.next_sweep() == self.now:
            self.sweep()
        self.send()

    def sweep(self) -> None:
        """As smsgate.worker.Worker.sweep, in the same order."""
        before = self.changes()
        sweeps = (
            lambda _: outage.release_cut_off(lambda: self.now),
            volunteers.free_all_due,  # who has rested
            volunteers.free_all_due,  # who was spared
            self.journey.lapse_all_due,
            self.journey.search_all_due,
            self.journey.give_up_incomplete_all_due,
            self.journey.remind_all_due,
            self.follow_up.ask_all_due,
            self.follow_up.close_all_unanswered,
            self.follow_up.forget_all_unanswered,
        )
        for number, do in enumerate(sweeps):
            due = self.next_due(since=0)[number]  # asked anew, as each sweep may be what the next one finds
            if due is not None and due <= milliseconds(self.now):
                with transaction():
                    do(self.now)
        self.sweeps += 1
        self.swept_at = milliseconds(self.now)
        self.calm = self.changes() == before

    def next_sweep(self) -> datetime:
        """The next whole minute at which a sweep can find anything.

        One that changed nothing will change nothing until somebody writes, something else falls due, or it is day.
        """
        since = self.swept_at if self.calm else 0
        found = [datetime.fromtimestamp(due / 1000, UTC) for due in self.next_due(since) if due is not None]
        if self.rules.quiet and self.rules.is_night(self.now):
            found.append(self.rules.quiet.next_end(self.now))
        already = self.swept_at == milliseconds(self.now)
        return whole_minute(max(min(found, default=NEVER), self.now + MINUTE if already else self.now))

    def next_due(self, since: int) -> Sequence[int | None]:
        """When each sweep has something to find, after this moment in milliseconds; the last is for letters."""
        found: tuple[int | None, ...] = database.execute_sql(NEXT_DUE.replace(":since", str(since))).fetchone()
        return found

    def changes(self) -> int:
        """How many rows this connection has ever changed."""
        return int(database.connection().total_changes)

    def send(self) -> None:
        """Hand every letter that is due to the carrier."""
        while self.is_letter_due():
            with transaction():
                letters = outbox.claim(AT_ONCE, self.now)
            if not letters:
                return  # they wait behind one that was cut off
            self.hand_over(letters)

    def hand_over(self, letters: Iterable[Letter]) -> None:
        """The carrier takes these letters; people read them some seconds later."""
        with transaction():
            for letter in letters:
                self.carry(letter)
                outbox.sent(letter, f"carrier-{letter.id}", None, self.now)

    def carry(self, letter: Letter) -> None:
        """One letter is on its way."""
        read = Read(
            letter.id, letter.person.number, letter.notice, self.about(letter), letter.due_at, word(letter, "fr")
        )
        self.sent.append((self.now, read))
        self.expect(self.now + ON_ITS_WAY, read)

    def is_text_waiting(self) -> bool:
        """Whether a text waits to be heard."""
        return database.execute_sql("SELECT 1 FROM text WHERE state = 'waiting' LIMIT 1").fetchone() is not None

    def is_letter_due(self) -> bool:
        """Whether a letter waits to be sent."""
        due = "SELECT 1 FROM letter WHERE state = 'waiting' AND due_at <= ? LIMIT 1"
        return database.execute_sql(due, (milliseconds(self.now),)).fetchone() is not None

    def about(self, letter: Letter) -> tuple[object, ...]:
        """What a letter is about, as far as its reader could tell."""
        person = letter.person
        if letter.notice in QUESTIONS and person.question:
            sql = ABOUT_OFFER if person.question in IS_ABOUT_OFFER else ABOUT_REQUEST
            return tuple(database.execute_sql(sql, (person.question_about,)).fetchone())
        return (letter.notice, letter.details)

    # --- the people

    def expect(self, at: datetime, event: Answer | Read, question: Read | None = None) -> None:
        """Something will happen: a letter is read, or a text is written, perhaps to answer a question."""
        heappush(self.events, (at, event.number, self.numbered, event, question))
        self.numbered += 1

    def write(self, text: Answer, question: Read | None) -> None:
        """A text reaches the Inbox, unless its writer was told something since that makes it pointless."""
        if question and self.is_pointless(text, question):
            return
        self.texts_in += 1
        message = f"{milliseconds(self.now)}-{self.texts_in}"
        inbox.store([Incoming("", message, text.number, SERVICE, text.words, self.now)])

    def is_pointless(self, text: Answer, question: Read) -> bool:
        """Whether another question came, or this one was taken back, more than a minute ago: within one, they cross."""
        since = (text.number, milliseconds(question.due_at), milliseconds(text.at - MINUTE))
        return database.execute_sql(TOLD_SINCE, since).fetchone() is not None

    def read(self, letter: Read, at: datetime) -> None:
        """A letter is read, and perhaps answered some time later."""
        answer = self.people.answer(letter.notice, letter.number, letter.about, letter.due_at)
        if answer:
            self.expect(max(answer.at, at + AT_LEAST), answer, letter)

    # --- time

    def live(self, until: datetime) -> None:
        """Let everything happen that happens before this moment."""
        while True:
            at = min(self.next_sweep(), self.events[0][0] if self.events else until)
            if at >= until:
                return
            self.now = at
            while self.events and self.events[0][0] <= at:
                _, _, _, event, question = heappop(self.events)
                if isinstance(event, Answer):
                    self.write(event, question)
                else:
                    self.read(event, at)
            self.work()


def milliseconds(moment: datetime) -> int:
    """As the database keeps it."""
    return round(moment.timestamp() * 1000)


def whole_minute(moment: datetime) -> datetime:
    """This moment, or the next whole minute."""
    begun = moment.replace(second=0, microsecond=0)
    return begun if begun == moment else begun + MINUTE
