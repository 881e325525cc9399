"""One writer, many callers: calls that arrive together share one commit, and each is answered only after it."""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from db import connection

log = logging.getLogger(__name__)

ENOUGH_TOGETHER = 500
BELL_EVERY_SECONDS = 0.05  # at the most: a bell costs as much as ten texts
WRITTEN_WITHIN_SECONDS = 12  # Vonage waits for 15; what is stored after all is not stored twice
Keep = Callable[[Sequence[Any]], None]
Row = tuple[Any, "asyncio.Future[None]"]
Wanted = tuple[Keep, Any, "asyncio.Future[None]"]


class Writer:
    """A thread with the only connection that the web process writes on (measured: five times a commit per request).

    What comes in one turn of the event loop is handed over at its end: to wake the thread costs as much as a text.
    """

    def __init__(self, after_commit: Callable[[], None]) -> None:
        self.after_commit = after_commit
        self.coming: list[Wanted] = []
        self.handed_over: queue.SimpleQueue[list[Wanted] | None] = queue.SimpleQueue()
        self.stopped = self.unheard = False
        self.thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self.thread.start()

    def is_alive(self) -> bool:
        """Whether anything can be written."""
        return self.thread.is_alive() and not self.stopped

    def stop(self) -> None:
        """Write what is still wanted, then end; what cannot be written was not answered, and comes again."""
        self.stopped = True
        self._hand_over()
        self.handed_over.put(None)
        self.thread.join(WRITTEN_WITHIN_SECONDS)

    async def write(self, keep: Keep, row: Any) -> None:
        """Have keep([row, …]) called once for many; returns after it, or raises what went wrong.

        keep() commits what it is given, all or nothing.
        Raises TimeoutError where that takes too long; the row may be written all the same.
        """
        if not self.is_alive():
            raise RuntimeError("the writer has ended")
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        if not self.coming:
            loop.call_soon(self._hand_over)
        self.coming.append((keep, row, written))
        too_late = loop.call_later(WRITTEN_WITHIN_SECONDS, _answer, [written], TimeoutError())
        try:
            await written
        finally:
            too_late.cancel()

    def _hand_over(self) -> None:
        together, self.coming = self.coming, []
        self.handed_over.put(together)

    def _run(self) -> None:
        ended, rung = False, 0.0
        while not ended:
            batch: list[Wanted] = []
            until_bell = rung + BELL_EVERY_SECONDS - time.monotonic()
            with contextlib.suppress(queue.Empty):
                together = self.handed_over.get(timeout=max(until_bell, 0) if self.unheard else None)
                while together is not None:
                    batch += together
                    if len(batch) >= ENOUGH_TOGETHER:
                        break
                    together = self.handed_over.get_nowait()
                ended = together is None
            for keep, rows in _of_each_kind(batch):
                self._write(keep, rows)
            if self.unheard and (ended or time.monotonic() - rung >= BELL_EVERY_SECONDS):
                rung = time.monotonic()
                self._ring()
        connection.close()

    def _write(self, keep: Keep, rows: list[Row]) -> None:
        fault = _fault_of(keep, rows)
        if fault and len(rows) > 1 and not connection.is_out_of_order(fault):
            for one in rows:  # one that cannot be kept does not take its neighbours with it
                self._write(keep, [one])
            return
        with contextlib.suppress(RuntimeError):  # the event loop has ended: nobody waits for the answer
            rows[0][1].get_loop().call_soon_threadsafe(_answer, [written for _, written in rows], fault)
        self.unheard = self.unheard or not fault

    def _ring(self) -> None:
        self.unheard = False
        try:
            self.after_commit()
        except Exception:
            log.exception("the bell did not ring; the next sweep finds what was stored")


def _of_each_kind(batch: list[Wanted]) -> Iterable[tuple[Keep, list[Row]]]:
    kinds = defaultdict(list)
    for keep, row, written in batch:
        kinds[keep].append((row, written))
    return kinds.items()


def _fault_of(keep: Keep, rows: list[Row]) -> Exception | None:
    try:
        keep([row for row, _ in rows])
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
