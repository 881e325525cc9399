"""Several processes side by side: who comes second begins anew, a row is taken by one, and some work has its turn."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import Any, TypeVar

from peewee import ModelSelect, PeeweeException

from db import postgresql
from db.connection import database, is_postgresql, transaction

Done = TypeVar("Done")

# Work that met somebody else's so often is put off until the next bell.
MOST_ATTEMPTS = 20
LONGEST_PAUSE = 0.02  # seconds, times the attempt

OURS = int.from_bytes(b"smsg")  # so that nobody else's advisory locks are taken for ours


def undisturbed(work: Callable[[], Done]) -> Done:
    """Do this in a transaction in which nobody else changes what it read and then writes; return what it returns.

    On SQLite nobody else writes meanwhile. PostgreSQL refuses whoever comes second, and that work begins anew: it must
    leave nothing behind but what is in the database.
    """
    if database.in_transaction():
        with transaction():
            return work()
    attempt = 1
    while True:
        try:
            with database.atomic("REPEATABLE READ") if is_postgresql() else transaction():
                return work()
        except PeeweeException as fault:
            if not postgresql.is_collision(fault) or attempt == MOST_ATTEMPTS:
                raise
        time.sleep(random.uniform(0, LONGEST_PAUSE * attempt))  # noqa: S311 - so that the two do not meet again
        attempt += 1


def left_alone(rows: "ModelSelect[Any]") -> "ModelSelect[Any]":
    """Of these rows, those that nobody else has in hand; they are ours until the transaction ends."""
    return rows.for_update(skip_locked=True) if is_postgresql() else rows


class Turn(IntEnum):
    """The number is the second key of an advisory lock."""

    SWEEP = 1
    SEND = 2


@contextmanager
def turn(of: Turn) -> Iterator[Callable[[], bool]]:
    """Whether it is our turn, of all processes, asked as often as you like; on SQLite it always is.

    PostgreSQL keeps the turn with this thread's connection: it ends with the process, or where the connection is lost.
    """
    if not is_postgresql():
        yield lambda: True
        return
    with transaction():  # which opens a lost connection anew; the turn outlasts it
        taken = database.execute_sql("SELECT pg_try_advisory_lock(%s, %s)", (OURS, of)).fetchone()[0]
    taken_on = database.connection()
    try:
        yield lambda: taken and not taken_on.closed
    finally:
        if taken and not taken_on.closed:
            with suppress(PeeweeException):
                database.execute_sql("SELECT pg_advisory_unlock(%s, %s)", (OURS, of))
