"""One writer, many callers: calls that arrive together share one commit, and each is answered only after it."""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from db import connection

log = logging.getLogger(__name__)

MOST_TOGETHER = 500
BELL_EVERY_SECONDS = 0.05  # while texts come faster than they are written: a bell costs as much as ten of them
WRITTEN_WITHIN_SECONDS = 12  # Vonage waits for 15; what is stored after all is not stored twice
Keep = Callable[[Sequence[Any]], None]


class Writer:
    """A thread with the only connection that the web process writes on (measured: five times a commit per request)."""

    def __init__(self, after_commit: Callable[[], None]) -> None:
        self.after_commit = after_commit
        self.wanted: queue.SimpleQueue[tuple[Keep, Any, asyncio.Future[None]] | None] = queue.SimpleQueue()
        self.stopped = self.unheard = False
        self.thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self.thread.start()

    def is_alive(self) -> bool:
        """Whether anything can be written."""
        return self.thread.is_alive() and not self.stopped

    def stop(self) -> None:
        """Write what is still wanted, then end."""
        self.stopped = True
        self.wanted.put(None)
        self.thread.join()

    async def write(self, keep: Keep, row: Any) -> None:
        """Have keep([row, …]) called in a shared transaction; returns after the commit, or raises what went wrong.

        Raises TimeoutError where that takes too long; the row may be written all the same.
        """
        if not self.is_alive():
            raise RuntimeError("the writer has ended")
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        too_late = loop.call_later(WRITTEN_WITHIN_SECONDS, _answer, [written], TimeoutError())
        self.wanted.put((keep, row, written))
        try:
            await written
        finally:
            too_late.cancel()

    def _run(self) -> None:
        ended, rung = False, 0.0
        while not ended:
            together = [self.wanted.get()]
            while len(together) < MOST_TOGETHER and not self.wanted.empty():
                together.append(self.wanted.get())
            ended = None in together
            batch = [wanted for wanted in together if wanted is not None]
            if batch:
                self._write(batch)
            if self.unheard and (self.wanted.empty() or time.monotonic() - rung > BELL_EVERY_SECONDS):
                rung = time.monotonic()
                self._ring()
        connection.close()

    def _write(self, batch: list[tuple[Keep, Any, asyncio.Future[None]]]) -> None:
        fault = _keep_all(batch)
        if fault and len(batch) > 1 and not connection.is_out_of_order(fault):
            for one in batch:  # one that cannot be kept does not take its neighbours with it
                self._write([one])
            return
        with contextlib.suppress(RuntimeError):  # the event loop has ended: nobody waits for the answer
            batch[0][2].get_loop().call_soon_threadsafe(_answer, [written for _, _, written in batch], fault)
        self.unheard = self.unheard or not fault

    def _ring(self) -> None:
        self.unheard = False
        try:
            self.after_commit()
        except Exception:
            log.exception("the bell did not ring; the next sweep finds what was stored")


def _keep_all(batch: list[tuple[Keep, Any, asyncio.Future[None]]]) -> Exception | None:
    try:
        with connection.transaction():
            for keep, rows in groupby(batch, key=lambda wanted: wanted[0]):
                keep([row for _, row, _ in rows])
    except Exception as fault:  # noqa: BLE001 - each caller is told, and answers 503
        return fault
    return None


def _answer(callers: "Sequence[asyncio.Future[None]]", fault: Exception | None) -> None:
    for written in callers:
        if written.done():  # the caller hung up
            continue
        if fault:
            written.set_exception(fault)
        else:
            written.set_result(None)
