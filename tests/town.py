"""A town to test in: the real service on a real database file, with Vonage at the border and a clock to turn."""

import hashlib
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx2

from db import connection, inbox, outbox
from db.models import Letter, Text
from smsgate import app, kinds, settings
from smsgate.carrier import Vonage
from smsgate.clock import MovableClock
from smsgate.server import web_server
from smsgate.settings import Settings
from smsgate.signatures import sign_fields
from smsgate.tasks import Bells, close_storage
from smsgate.worker import Worker
from tests.fake_vonage import FakeVonage

SECRET = "test-only-signature-secret"
SERVICE = "32460200300"
PEOPLE = {
    name: f"3247012340{digit}"
    for digit, name in enumerate(("amina", "bram", "chloe", "dirk", "elise", "fons", "greta", "hans", "iris", "jef"))
}
NO_LIMITS = {f"limits_{what}": "10000" for what in ("texts_per_hour", "requests_per_day", "volunteers_per_day")}
PATIENCE_SECONDS = 20  # with a machine that does much else
_message = itertools.count(1)


def environment(database_url: str, vonage_host: str, **more: str) -> dict[str, str]:
    """The settings of a test town, as the environment that gives them."""
    given = {
        "service_number": SERVICE,
        "service_port": "0",
        "database_url": database_url,
        "vonage_api_key": "abcd1234",
        "vonage_api_secret": "abcdef0123456789",
        "vonage_signature_secret": SECRET,
        "vonage_rest_host": vonage_host,
        "vonage_api_host": vonage_host,
        "vonage_messages_per_second": "1000",
        "matching_quiet_hours": "",
    } | more
    return {f"SMSGATE_{name}".upper(): value for name, value in given.items()}


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for a condition, and no longer than it takes."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.004)


class Town:
    """The service running in this process: a web server thread, huey's consumer threads, one real database."""

    def __init__(self, folder: Path, database_url: str, vonage: FakeVonage, workers: int = 1, **more: str) -> None:
        self.vonage = vonage
        given = environment(database_url, vonage.host, **more)
        self.settings: Settings = settings.read(folder / "none.ini", given)
        self.clock = MovableClock()
        connection.connect(self.settings["database.url"])
        connection.migrate()
        self.bells = Bells(self.settings)
        self.server = web_server(app.create(self.settings, self.bells, self.clock), self.settings)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        self.workers = [Worker(self.settings, Vonage(self.settings), self.clock) for _ in range(workers)]
        for worker in self.workers:
            worker.start()
        until(lambda: self.server.started, "the web server starts")
        self.address = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"
        self.http = httpx2.Client(base_url=self.address, timeout=PATIENCE_SECONDS)
        self.read: Counter[str] = Counter()

    def close(self) -> None:
        self.http.close()
        for worker in self.workers:
            worker.stop()
        self.server.should_exit = True
        self.thread.join()
        close_storage(self.bells.huey)
        connection.close()

    def next_worker(self) -> Worker:
        """Another worker in the place of the first, which was stopped; it has yet to start."""
        self.workers[0] = Worker(self.settings, Vonage(self.settings), self.clock)
        return self.workers[0]

    def fields(self, who: str, words: str, **more: str) -> dict[str, str]:
        """A text as Vonage brings it, signed."""
        number = next(_message)
        fields = {
            "api-key": "abcd1234",
            "msisdn": PEOPLE.get(who, who),
            "to": SERVICE,
            "messageId": f"0C{number:014X}",
            "text": words,
            "type": "text",
            "keyword": words.split()[0].upper() if words.split() else "",
            "message-timestamp": self.clock().strftime("%Y-%m-%d %H:%M:%S"),
            "timestamp": str(int(self.clock().timestamp())),
            "nonce": hashlib.md5(str(number).encode()).hexdigest(),
        } | more
        return fields | {"sig": sign_fields(fields, SECRET, self.settings["vonage.signature_method"])}

    def deliver(self, who: str, words: str, **more: str) -> None:
        """Somebody's text reaches the gate."""
        answer = self.http.post("/webhooks/inbound", data=self.fields(who, words, **more))
        assert answer.status_code == 200, answer.text

    def receipt(self, who: str, status: str, code: str = "0", nth: int = -1) -> None:
        """What became of a text to somebody, the last one if not said otherwise; what follows has happened."""
        sent = [sent for sent in self.vonage.sent if sent.to == PEOPLE[who]][nth]
        fields = {
            "api-key": "abcd1234",
            "msisdn": sent.to,
            "to": SERVICE,
            "messageId": f"0A{next(_message):014X}",
            "status": status,
            "err-code": code,
            "client-ref": sent.ref,
            "timestamp": str(int(self.clock().timestamp())),
        }
        fields["sig"] = sign_fields(fields, SECRET, self.settings["vonage.signature_method"])
        assert self.http.post("/webhooks/status", data=fields).status_code == 200
        self.sweep()
        self.settle()

    def texts(self, who: str, words: str) -> None:
        """Somebody writes, and all that follows has happened."""
        self.deliver(who, words)
        self.settle()

    def waiting_texts(self) -> bool:
        """Whether a text waits to be heard."""
        return inbox.is_any_waiting(self.clock())

    def rest(self) -> None:
        """Wait until no letter is in hand, sent or not."""
        until(lambda: not Letter.select().where(Letter.state == outbox.CLAIMED).exists(), "no letter in hand")

    def settle(self, broken: int = 0) -> None:
        """Wait until every text is heard and every letter that is due is sent; none was set aside but as expected."""

        def is_quiet() -> bool:
            # Whoever is just looking for a text knows what time it was, and must not find the next one at that time.
            if self.waiting_texts() or any(worker.hearing.running for worker in self.workers):
                return False
            # The clock is read again: what was heard a moment ago is owed from then on.
            return not outbox.owes_any(self.clock())

        until(is_quiet, "texts heard and letters sent")
        faults = [text.fault for text in Text.select().where(Text.state == inbox.SET_ASIDE)]
        assert len(faults) == broken, f"texts were set aside: {faults}"

    def pass_time(self, time: timedelta) -> None:
        """Let time pass, and whatever falls due happen."""
        self.clock.skip(time)
        self.sweep()
        self.settle()

    def sweep(self) -> None:
        """Whatever has fallen due happens, as every minute."""
        until(self.workers[0].sweep, "our turn to sweep comes")

    def unread(self, who: str) -> list[str]:
        """The texts somebody has received and not looked at yet."""
        return self.vonage.texts_to(PEOPLE[who])[self.read[who] :]

    def reads_all(self) -> None:
        """Everybody has read what they received."""
        self.read = Counter({who: len(self.vonage.texts_to(number)) for who, number in PEOPLE.items()})

    def plays(self, conversation: str) -> None:
        """A conversation written as on the phone: `amina > AIDE 1050`, `bram < courses`, `--- 24h`.

        Each `<` is the next text that person receives and holds those words; at the end nobody has an unread one.
        """
        for line in filter(None, map(str.strip, conversation.splitlines())):
            who, does, words = (*line.split(maxsplit=2), "")[:3]
            if who == "---":
                self.pass_time(kinds.duration(does))
            elif does == ">":
                self.texts(who, words)
            else:
                unread = self.unread(who)
                assert unread, f"{line}: {who} received nothing"
                assert words in unread[0], f"{line}: {who} received {unread[0]!r}"
                self.read[who] += 1
        unread_by = {who: self.unread(who) for who in PEOPLE if self.unread(who)}
        assert not unread_by, f"received, and not in the conversation: {unread_by}"
