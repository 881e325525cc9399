"""The work behind the gate: texts heard, letters sent, what is due found."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from huey.consumer import Consumer

from db import concerns, connection, health, limits, outage, privacy, tally, volunteers
from db.followup import FollowUp
from db.forgetting import Forgetting
from db.journey import Journey
from db.postcodes import names
from db.turns import Turn, turn
from db.undelivered import Undelivered
from keywords.hear import Listener
from smsgate.carrier import Carrier
from smsgate.clock import Clock
from smsgate.conversation import Conversation
from smsgate.sending import Sending
from smsgate.settings import Settings
from smsgate.tasks import Bells, Drain, close_storage

log = logging.getLogger(__name__)

SEND_EVERY = 50  # texts
TURN_SECONDS = 0.1  # how often to ask whether the process that sends has finished
TIDY_FROM_HOUR = 3  # on the town's clock
EMPTIED_AT_ONCE = 2_000  # of each kind; a few hundredths of a second


class Worker:
    """Answers the bells."""

    def __init__(self, settings: Settings, carrier: Carrier, clock: Clock) -> None:
        self.clock = clock
        self.timezone = settings["service.timezone"]
        self.keep_texts, self.keep_people = settings["privacy.keep_texts"], settings["privacy.keep_people"]
        self.journey = Journey(settings.rules())
        self.follow_up = FollowUp(self.journey)
        self.undelivered = Undelivered(self.journey)
        self.forgetting = Forgetting(self.journey)
        self.conversation = Conversation(Listener(names()), self.journey, self.timezone)
        pace, language = settings["vonage.messages_per_second"], settings["service.language"]
        self.sending = Sending(carrier, pace, language, clock, self.journey.rules)
        self.hearing = Drain(self.hear)
        self.bells = Bells(settings, self.hearing, Drain(self.send), Drain(self.sweep))
        self.bells.huey.on_shutdown("connection")(connection.close)
        self.consumer: Consumer = self.bells.consumer()

    def hear(self) -> None:
        """Hear every text that is waiting."""
        heard = next_bell = 0
        while not self.stopping() and (some := self.conversation.hear_waiting(self.clock())):
            if heard >= next_bell:  # the first letters go out while the rest is heard
                self.bells.send()
                next_bell = heard + SEND_EVERY
            heard += some
        if heard:
            self.bells.send()

    def send(self) -> None:
        """Send every letter that is due; where one cannot arrive, what follows from that."""
        while not self.stopping():
            with turn(Turn.SEND) as is_ours:
                if is_ours():
                    self.sending.send_all_due(lambda: self.stopping() or not is_ours())
                    break
            self.consumer.stop_flag.wait(TURN_SECONDS)
        if self.undelivered.face_all(self.clock()):
            self.bells.send()

    def sweep(self) -> bool:
        """Find what has fallen due, and what a lost bell or a crash left behind. False: another process is at it."""
        with turn(Turn.SWEEP) as is_ours:
            if is_ours():
                self.sweep_all()
            return is_ours()

    def sweep_all(self) -> None:
        """What people have written comes first: it may be what we are waiting for. Due is what was due before that."""
        as_of = self.clock()
        due: tuple[tuple[str, Callable[..., int]], ...] = (
            ("letters that did not arrive", self.undelivered.face_all),
            ("volunteers rested", volunteers.free_all_due),
            ("offers lapsed", self.journey.lapse_all_due),
            ("requests put to the next volunteers", self.journey.search_all_due),
            ("requests without a postcode closed", self.journey.give_up_incomplete_all_due),
            ("askers reminded", self.journey.remind_all_due),
            ("introductions followed up", self.follow_up.ask_all_due),
            ("follow-ups without an answer", self.follow_up.close_all_unanswered),
            ("questions forgotten", self.follow_up.forget_all_unanswered),
            ("people not erased after all", self.forgetting.keep_all_unanswered),
            ("people erased whom limits need not know any more", limits.forget_marks_all_due),
            ("people warned or forgotten", partial(self.forgetting.forget_all_unseen, keep=self.keep_people)),
            ("concerns that settled themselves", concerns.close_settled),
            ("figures counted", partial(tally.count_all_due, timezone=self.timezone)),
        )
        self.hearing()
        self.attempt("letters cut off", partial(outage.release_cut_off, self.clock))
        for what, do in due:
            self.attempt(what, partial(do, as_of))
        self.attempt("old words emptied", partial(self.tidy, as_of))
        self.bells.hear()
        self.bells.send()

    def attempt(self, what: str, do: Callable[[], int]) -> None:
        """One part of the sweep; should it fail, the others are done all the same."""
        try:
            how_many = do()
        except Exception:
            log.exception("not done, tried again in a minute: %s", what)
            return
        if how_many:
            log.info("%s: %d", what, how_many)

    def tidy(self, as_of: datetime) -> int:
        """Note that we looked; and once a day, in the small hours, empty what has been kept long enough."""
        health.swept(self.clock())
        tidied_at, here = health.health().tidied_at, as_of.astimezone(self.timezone)
        if tidied_at and (here.hour < TIDY_FROM_HOUR or tidied_at.astimezone(self.timezone).date() == here.date()):
            return 0
        emptied = 0
        while some := privacy.empty_old(as_of, self.keep_texts, EMPTIED_AT_ONCE):
            emptied += some
        if connection.let_go_of_the_past():  # else it is tried again in a minute
            health.tidied(as_of)
        return emptied

    def stopping(self) -> bool:
        """Whether we were asked to end."""
        return bool(self.consumer.stop_flag.is_set())

    def run(self) -> None:
        """Answer the bells until SIGTERM or SIGINT; the sweep comes first, for what was left behind."""
        self.bells.sweep()
        self.consumer.run()
        self.consumer.stop(graceful=True)
        self.close()

    def start(self) -> None:
        """Answer the bells in threads of this process, until stop()."""
        self.bells.sweep()
        self.consumer.start()

    def stop(self) -> None:
        """Finish the work at hand, and end."""
        self.consumer.stop(graceful=True)
        self.close()

    def close(self) -> None:
        """Let go of threads and connections."""
        self.sending.close()
        connection.close()
        close_storage(self.bells.huey)
