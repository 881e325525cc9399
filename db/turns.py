"""What one process at a time does, of all that run side by side; the turn of one that dies ends with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum

from peewee import PeeweeException

from db.connection import database, is_postgresql

OURS = int.from_bytes(b"smsg")  # so that nobody else's advisory locks are taken for ours


class Turn(IntEnum):
    """The number is the second key of an advisory lock."""

    SWEEP = 1
    SEND = 2


@contextmanager
def turn(of: Turn) -> Iterator[Callable[[], bool]]:
    """Whether it is our turn, asked as often as you like; on SQLite it always is.

    PostgreSQL keeps the turn on this thread's connection: where that is lost, so is the turn.
    """
    if not is_postgresql():
        yield lambda: True
        return
    taken = database.execute_sql("SELECT pg_try_advisory_lock(%s, %s)", (OURS, of)).fetchone()[0]
    taken_on = database.connection()
    try:
        yield lambda: taken and not taken_on.closed
    finally:
        if taken and not taken_on.closed:
            with suppress(PeeweeException):
                database.execute_sql("SELECT pg_advisory_unlock(%s, %s)", (OURS, of))
