"""Huey: the queue and the clock; each task is one line.

Tasks are bells, not memory: huey forgets a task before it runs it, so all a bell says is "look", and a sweep
every minute finds what a lost bell left behind.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from huey import Huey, SqliteHuey, crontab
from huey.consumer import Consumer
from huey.storage import PostgresStorage

from db import connection, postgresql
from smsgate.settings import Settings

log = logging.getLogger(__name__)
closing = threading.Lock()

# How often an idle queue is looked at: huey's own 0.1 to 10 s would make each text wait 1.2 s (measured).
FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.02, 0.1
# PostgreSQL tells at once. How often to look up from listening, and how long to wait while it cannot be reached.
LISTEN_SECONDS = 1.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 5.0


class Drain:
    """Work that one thread does at a time: a bell that rings meanwhile makes it look once more."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.work = work
        self.lock = threading.Lock()
        self.running = self.again = False

    def __call__(self) -> None:
        """Do the work, or have the thread that is at it look again."""
        with self.lock:
            self.again = True
            if self.running:
                return
            self.running = True
        try:
            while self._is_wanted():
                self.work()
        except BaseException:
            with self.lock:  # a failed drain leaves the door open for the next bell
                self.running = False
            raise

    def _is_wanted(self) -> bool:
        with self.lock:
            wanted, self.again = self.again, False
            self.running = wanted
        return wanted


def nothing() -> None:
    """What a process does that rings the bells and does not answer them."""


class Bells:
    """The bells of this installation: hear and send; and the minute's sweep."""

    def __init__(
        self,
        settings: Settings,
        hear: Callable[[], None] = nothing,
        send: Callable[[], None] = nothing,
        sweep: Callable[[], None] = nothing,
    ) -> None:
        self.huey = _queue(settings)
        self.hear = self.huey.task(name="hear")(hear)
        self.send = self.huey.task(name="send")(send)
        self.sweep = self.huey.task(name="sweep")(sweep)
        self.huey.periodic_task(crontab(), name="sweep_every_minute")(sweep)
        self.huey.on_shutdown("queue")(lambda: close_storage(self.huey))

    def consumer(self) -> Consumer:
        """Whoever answers the bells: two threads, so that letters go out while texts are heard."""
        told = self.huey.storage.blocking
        return _Consumer(
            self.huey,
            workers=2,
            initial_delay=FIRST_PAUSE_SECONDS if told else FIRST_POLL_SECONDS,
            max_delay=LONGEST_PAUSE_SECONDS if told else LONGEST_POLL_SECONDS,
            graceful_signal="TERM",  # SIGTERM lets the work at hand finish
            shutdown_timeout=8,
        )


class _PostgresQueue(PostgresStorage):  # type: ignore[misc]
    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        try:
            super().enqueue(data, priority)
        except Exception:  # noqa: BLE001 - its connection was lost since the last bell; if it still is, this says so
            super().enqueue(data, priority)


class _PostgresHuey(Huey):  # type: ignore[misc]
    storage_class = _PostgresQueue


class _Consumer(Consumer):  # type: ignore[misc]
    def _set_signal_handlers(self) -> None:
        if threading.current_thread() is threading.main_thread():
            super()._set_signal_handlers()


def _queue(settings: Settings) -> Huey:
    # A bell lost in a power cut is found by the sweep: no need to wait for the disk.
    url: str = settings["database.url"]
    if url.startswith(postgresql.SCHEMES):
        server = postgresql.parameters(url, synchronous_commit="off")
        with connection.transaction():
            connection.only_we_make_tables()
            return _PostgresHuey("smsgate", results=False, read_timeout=LISTEN_SECONDS, **server)
    file = queue_file(settings)
    file.touch(mode=0o600)
    return SqliteHuey("smsgate", filename=str(file), results=False, fsync=False)


def queue_file(settings: Settings) -> Path:
    """Where the bells of an SQLite database are kept: beside it, so that ringing never waits for it."""
    url: str = settings["database.url"]
    return Path(f"{url.removeprefix('sqlite:///')}.queue")


def close_storage(huey: Huey) -> None:
    """Let go of this thread's connections to the queue; one thread after the other, as huey does not see to that."""
    with closing:
        huey.storage.close()
