"""One writer, many callers: calls that arrive together share one commit, and each is answered only after it."""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

from db import connection

log = logging.getLogger(__name__)

ENOUGH_TOGETHER = 500
BELL_EVERY_SECONDS = 0.05  # at the most: a bell costs as much as ten texts
WRITTEN_WITHIN_SECONDS = 12  # Vonage waits for 15; what is stored after all is not stored twice
Keep = Callable[[Sequence[Any]], None]


class Together:
    """Calls of one kind that came in one turn of the event loop: handed over together, and answered together."""

    def __init__(self, keep: Keep, loop: asyncio.AbstractEventLoop) -> None:
        self.keep, self.loop = keep, loop
        self.rows: list[Any] = []
        self.callers: list[asyncio.Future[None]] = []
        # One alarm for all: one for each call would cost 3 % of the gate (measured).
        self.too_late = loop.call_later(WRITTEN_WITHIN_SECONDS, self.answer, repeat(TimeoutError()))

    def add(self, row: Any) -> "asyncio.Future[None]":
        """One more."""
        written = self.loop.create_future()
        self.rows.append(row)
        self.callers.append(written)
        return written

    def answer(self, faults: Iterator[Exception | None]) -> None:
        """Tell each caller what went wrong, None for nothing."""
        for written, fault in zip(self.callers, faults, strict=False):  # more may follow for others
            if written.done():  # the caller hung up, or was told that it is too late
                continue
            if fault:
                written.set_exception(fault)
            else:
                written.set_result(None)
        self.too_late.cancel()


class Writer:
    """A thread with the only connection that the web process writes on (measured: five times a commit per request).

    What comes in one turn of the event loop is handed over at its end: to wake the thread costs as much as a text.
    """

    def __init__(self, after_commit: Callable[[], None]) -> None:
        self.after_commit = after_commit
        self.coming: dict[Keep, Together] = {}
        self.handed_over: queue.SimpleQueue[Iterable[Together] | None] = queue.SimpleQueue()
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
        if keep not in self.coming:
            loop = asyncio.get_running_loop()
            if not self.coming:
                loop.call_soon(self._hand_over)
            self.coming[keep] = Together(keep, loop)
        await self.coming[keep].add(row)

    def _hand_over(self) -> None:
        coming, self.coming = self.coming, {}
        self.handed_over.put(coming.values())

    def _run(self) -> None:
        ended, rung = False, 0.0
        while not ended:
            batch: list[Together] = []
            until_bell = rung + BELL_EVERY_SECONDS - time.monotonic()
            with contextlib.suppress(queue.Empty):
                coming = self.handed_over.get(timeout=max(until_bell, 0) if self.unheard else None)
                while coming is not None:
                    batch += coming
                    if sum(len(one.rows) for one in batch) >= ENOUGH_TOGETHER:
                        break
                    coming = self.handed_over.get_nowait()
                ended = coming is None
            for keep in dict.fromkeys(one.keep for one in batch):
                self._write(keep, [one for one in batch if one.keep == keep])
            if self.unheard and (ended or time.monotonic() - rung >= BELL_EVERY_SECONDS):
                rung = time.monotonic()
                self._ring()
        connection.close()

    def _write(self, keep: Keep, batch: list[Together]) -> None:
        rows = [row for one in batch for row in one.rows]
        fault = _fault_of(keep, rows)
        is_the_rows = fault is not None and not connection.is_out_of_order(fault)
        if is_the_rows and len(batch) > 1:  # those who came earlier are answered earlier
            for one in batch:
                self._write(keep, [one])
            return
        faults = _fault_of_each(keep, rows) if is_the_rows and len(rows) > 1 else [fault] * len(rows)
        with contextlib.suppress(RuntimeError):  # the event loop has ended: nobody waits for the answer
            batch[0].loop.call_soon_threadsafe(_answer, batch, faults)
        self.unheard = self.unheard or None in faults

    def _ring(self) -> None:
        self.unheard = False
        try:
            self.after_commit()
        except Exception:
            log.exception("the bell did not ring; the next sweep finds what was stored")


def _fault_of_each(keep: Keep, rows: list[Any]) -> list[Exception | None]:
    """One that cannot be kept does not take its neighbours with it; once the database fails, all that follow fail."""
    faults: list[Exception | None] = []
    for row in rows:
        before = faults[-1] if faults else None
        faults.append(before if before and connection.is_out_of_order(before) else _fault_of(keep, [row]))
    return faults


def _fault_of(keep: Keep, rows: list[Any]) -> Exception | None:
    try:
        keep(rows)
    except Exception as fault:  # noqa: BLE001 - each caller is told, and answers 503
        return fault
    return None


def _answer(batch: list[Together], faults: list[Exception | None]) -> None:
    left = iter(faults)
    for one in batch:
        one.answer(left)
