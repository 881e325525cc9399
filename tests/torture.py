"""A town whose service is killed, cut off and refused at random moments, and must lose nothing all the same.

Real web and worker processes, a real database, the real SDK; the carrier and the people are simulated at the
border. `python -m tests.torture --seconds 180 --seed 7`: a seed brings the same troubles in the same order, though
not at the same instruction.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from db import connection, inbox
from db.models import Letter, Text
from smsgate import settings
from smsgate.signatures import sign_fields
from smsgate.tasks import Bells, close_storage
from tests import lost
from tests.databases import BOTH, Server
from tests.fake_vonage import FakeVonage, Sent, accepted, refused
from tests.installation import free_port
from tests.town import NO_LIMITS, SECRET, SERVICE, environment, until

FASTER = 60  # a minute of the town passes in a second
VOLUNTEERS, ASKERS = 20, 30
KILL_EVERY_SECONDS = 0.45
PATIENCE_SECONDS = 90  # for all to be settled once the troubles are over: a quarter of an hour is 15 s here

MOODS: dict[str, Callable[[Sent, int], tuple[int, str] | None] | None] = {
    "well": None,
    "busy": lambda *_: (503, "<html>busy</html>"),
    "throttled": lambda *_: (429, '{"title": "Rate Limit Hit"}'),
    "internal error": lambda *_: (200, refused("5", "Internal Error")),
    "no credit": lambda *_: (200, refused("9", "Quota Exceeded")),
    "html": lambda *_: (200, "<html>welcome</html>"),
    "drops before": lambda *_: None,
    "drops after": None,  # accepted, and then nobody hears of it
    "hangs": None,
}


class Torture:
    """A town, its people, and what befalls it."""

    def __init__(self, folder: Path, database_url: str, seed: int, vonage: FakeVonage) -> None:
        self.folder, self.database_url, self.vonage = folder, database_url, vonage
        self.fate, self.chance = random.Random(seed), random.Random(seed + 1)  # what befalls it; what people do
        self.port = free_port()
        self.began = datetime.now(UTC)
        limits = {**NO_LIMITS, "matching_asks_per_week": "10000", "matching_quiet_hours": ""}
        self.environment = os.environ | environment(database_url, vonage.host, service_port=str(self.port), **limits)
        self.environment |= {"HURRIED_FROM": self.began.isoformat(), "HURRIED_BY": str(FASTER)}
        self.settings = settings.read(folder / "none.ini", self.environment)
        self.tried: Counter[str] = Counter()
        self.mood, self.over, self.ended = "well", threading.Event(), False
        self.taken: dict[str, tuple[str, str]] = {}  # every text that was answered 200: who and what
        self.arrived: list[Sent] = []  # every letter the carrier took, in order
        self.errands = ThreadPoolExecutor(24)
        self.begun: list[Future[None]] = []  # every errand there ever was
        self.running: dict[str, int] = {}
        self.unsent: dict[str, list[str]] = defaultdict(list)
        self.lock_of: dict[str, threading.Lock] = defaultdict(threading.Lock)
        vonage.otherwise = self.carry

    # --- the service

    def start(self) -> None:
        """The tables are made, and both processes run."""
        connection.connect(self.settings["database.url"])
        connection.migrate()
        self.bells = Bells(self.settings)
        with (self.folder / "log.txt").open("ab") as log:
            self.zygote = subprocess.Popen(
                [sys.executable, "-m", "tests.zygote"],
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        for what in self.processes():
            self.begin(what)

    def processes(self) -> tuple[str, ...]:
        """What runs: on PostgreSQL there may be another worker, that goes on when one is killed."""
        return ("web", "work", "work beside it") if connection.is_postgresql() else ("web", "work")

    def begin(self, what: str) -> None:
        """One process starts, as a supervisor would start it again."""
        assert self.zygote.stdin
        assert self.zygote.stdout
        self.zygote.stdin.write(f"{what.split()[0]}\n")
        self.zygote.stdin.flush()
        self.running[what] = int(self.zygote.stdout.readline())

    def kill(self, *which: str) -> None:
        """These end without a word, and start again once they are gone, as a supervisor would see to it."""
        for what in which:
            os.kill(self.running[what], signal.SIGKILL)
        for what in which:
            until(lambda dying=f"/proc/{self.running[what]}": not Path(dying).exists(), f"{what} is gone")
            self.begin(what)
        self.tried[f"kills of {' and '.join(which)}"] += 1

    def now(self) -> datetime:
        """What time it is in the town."""
        return self.began + (datetime.now(UTC) - self.began) * FASTER

    # --- the border

    def post(self, door: str, fields: dict[str, str]) -> None:
        """As Vonage does: again and again, signed anew, until it is answered 200; and now and then once more."""
        with httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=15) as phone:
            status = 0
            while status != 200 and not self.ended:
                signed = fields | {"timestamp": str(int(self.now().timestamp()))}
                signed["sig"] = sign_fields(signed, SECRET, "md5hash")
                try:
                    status = phone.post(f"/webhooks/{door}", data=signed).status_code
                except httpx2.TransportError:
                    status = 0
                if status == 200 and self.chance.random() < 0.1:
                    self.tried[f"{door} brought twice"] += 1
                    status = 0 if self.chance.random() < 0.5 else status
                if status != 200:
                    time.sleep(0.1)
        self.tried[f"{door} answered 200"] += 1

    def text(self, who: str, words: str) -> None:
        """Somebody writes; their texts reach the gate in the order they were written."""
        with self.lock_of[who]:
            self.unsent[who].append(words)
            if len(self.unsent[who]) == 1:
                self.begun.append(self.errands.submit(self.bring, who))

    def bring(self, who: str) -> None:
        """The texts of one telephone reach the gate."""
        while True:
            with self.lock_of[who]:
                if not self.unsent[who] or self.ended:
                    return
                words = self.unsent[who][0]
            message = f"{who}-{len(self.taken)}-{words}"
            self.post(
                "inbound", {"api-key": "abcd1234", "msisdn": who, "to": SERVICE, "messageId": message, "text": words}
            )
            with self.lock_of[who]:
                self.taken[message] = (who, words)
                self.unsent[who].pop(0)

    def carry(self, sent: Sent, number: int) -> tuple[int, str] | None:
        """The carrier's mood decides; a letter it takes is read, answered and receipted."""
        mood = self.mood
        answer = MOODS[mood]
        if answer:
            return answer(sent, number)
        if mood == "hangs":
            self.over.wait(1.5)
        self.arrived.append(sent)
        self.begun.append(self.errands.submit(self.read, sent, self.chance.random(), self.chance.random() * 2))
        return None if mood == "drops after" else accepted(sent, number)

    def read(self, sent: Sent, thrown: float, wait: float) -> None:
        """A phone gets a text; its receipt comes early, late, twice or never; its owner answers."""
        time.sleep(wait)
        if thrown < 0.85:
            receipt = {"api-key": "abcd1234", "msisdn": sent.to, "to": SERVICE, "messageId": f"receipt-{sent.ref}"}
            status = "buffered" if thrown < 0.1 else "delivered"
            self.post("status", receipt | {"status": status, "err-code": "0", "client-ref": sent.ref})
        if "Pouvez-vous aider?" in sent.text:
            self.text(sent.to, "OUI" if thrown < 0.6 else "NON")
        elif "Pouvons-nous lui donner" in sent.text or "quelqu'un d'autre?" in sent.text:
            self.text(sent.to, "OUI")

    # --- what befalls it

    def people(self, seconds: float) -> None:
        """Volunteers join, then people ask, write lists and change their minds, all through the troubles."""
        for helper in range(VOLUNTEERS):
            self.text(f"324701{helper:05}", f"BENEVOLE 10{helper % 4}0 Bram")
        for asker in range(ASKERS):
            time.sleep(seconds / ASKERS)
            number = f"324702{asker:05}"
            self.text(number, f"AIDE 10{asker % 4}0 courses")
            self.text(number, f"LISTE pain{asker + 1}a")
            self.text(number, f"LISTE lait{asker + 1}b")
            if asker % 10 == 9:
                self.text(f"324702{asker - 1:05}", "ANNULER")

    def troubles(self, seconds: float) -> None:
        """One after the other, at random."""
        until_when = time.monotonic() + seconds
        while time.monotonic() < until_when:
            time.sleep(self.fate.expovariate(1 / KILL_EVERY_SECONDS))
            match self.fate.choices(("web", "work", "both", "lock", "mood"), (4, 5, 2, 1, 4))[0]:
                case "both":
                    self.kill("web", "work")
                case "lock":
                    self.lock(self.fate.uniform(0.1, 2))
                case "mood":
                    self.mood = self.fate.choice(list(MOODS))
                    self.tried[f"carrier: {self.mood}"] += 1
                case one:
                    self.kill(one)
            self.bells.sweep()

    def lock(self, seconds: float) -> None:
        """Somebody else writes to the database and takes their time."""
        other = connection.open_database(self.database_url)
        with other.atomic():
            if connection.is_postgresql():
                other.execute_sql("LOCK TABLE text IN EXCLUSIVE MODE")
            time.sleep(seconds)
        other.close()
        self.tried["locked databases"] += 1

    def settle(self) -> None:
        """The troubles are over: everything owed is done."""
        self.mood = "well"
        self.over.set()

        def is_settled() -> bool:
            self.bells.sweep()
            time.sleep(0.3)
            owed = Letter.select().where(Letter.state.in_(("waiting", "claimed", "failed"))).exists()
            unheard = Text.select().where(Text.state == inbox.WAITING).exists()
            return not (owed or unheard or any(self.unsent.values())) and all(errand.done() for errand in self.begun)

        until(is_settled, "all is settled", PATIENCE_SECONDS)
        until(is_settled, "all is settled", PATIENCE_SECONDS)

    def run(self, seconds: float) -> list[str]:
        """Live through it. Returns what was lost, doubled or stuck."""
        self.start()
        try:
            people = threading.Thread(target=self.people, args=(seconds * 0.9,))
            people.start()
            self.troubles(seconds)
            people.join()
            self.settle()
            return lost.anything(self.taken, self.arrived, self.now())
        finally:
            self.end()

    def end(self) -> None:
        """Nothing of it stays behind."""
        self.over.set()
        self.ended = True
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.zygote.kill()
        self.zygote.communicate()
        self.errands.shutdown(cancel_futures=True)
        close_storage(self.bells.huey)
        connection.close()


def main() -> None:
    """As long as wanted, then what was tried and what was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--database", choices=BOTH, default="sqlite")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    wanted = parser.parse_args()
    vonage = FakeVonage()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as afterwards:
        bundle = Path(folder) / "ca.pem"
        vonage.authority.cert_pem.write_to_path(str(bundle))
        os.environ["REQUESTS_CA_BUNDLE"] = str(bundle)
        url = f"sqlite:///{folder}/town.db"
        if wanted.database == "postgresql":
            server = Server(f"torture-{os.getpid()}")
            afterwards.callback(server.close)
            url = afterwards.enter_context(server.new("town"))
        torture = Torture(Path(folder), url, wanted.seed, vonage)
        missing = torture.run(wanted.seconds)
        print(f"seed {wanted.seed}, {wanted.database}, {wanted.seconds:.0f} s at {FASTER} times the pace")
        print(*(f"{times:>6}  {what}" for what, times in sorted(torture.tried.items())), sep="\n")
        print(f"{len(torture.arrived):>6}  letters the carrier took, of {Letter.select().count()} owed")
        print("lost, doubled or stuck:", *(missing or ["nothing"]), sep="\n  ")
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
