"""A town taken over into another database: every table, with its ids, counted; all of it or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peewee import OperationalError, chunked, fn

from db import connection
from db.connection import WrongDatabase, is_postgresql
from db.models import Health, Table

Opened = Any  # a Database of peewee's, whose type hints leave out most of what it can
TOGETHER = 500  # rows
LOCK_WAIT_SECONDS = 1
OTHERS_OF_OURS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND application_name = 'smsgate'"
)


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows of a table were there, and are now here."""

    table: str
    there: int
    here: int


def move(source_url: str, target_url: str) -> list[Moved]:
    """Take the town at source_url over into the empty, migrated database at target_url. Returns a count for each table.

    Raises WrongDatabase, and has then changed nothing: if either is not as it should be, if smsgate still runs on the
    source, if somebody is in the target already, or if the counts should differ.
    """
    if source_url == target_url:
        raise WrongDatabase("the first and the second database are the same one: there is nothing to move")
    source = _opened(source_url, "the first database")
    target = _opened(target_url, "the second database")
    tables = Table.__subclasses__()  # in the order they are written in: who is referred to comes first
    try:
        _refuse_to_move(source, "the first database")
        _refuse_to_move(target, "the second database")
        with _alone(source), target.atomic():
            _lock(target, tables)
            for table in tables:
                if table is Health:
                    Health.delete().execute(target)  # the one row that new tables begin with
                elif _count(target, table):
                    raise WrongDatabase(f"the second database is not empty: there are rows in {_name(table)}")
            for table in tables:
                _copy(source, target, table)
            moved = [Moved(_name(table), _count(source, table), _count(target, table)) for table in tables]
            if any(table.there != table.here for table in moved):
                raise WrongDatabase("the counts differ, and nothing was moved")
        if is_postgresql(target):
            target.execute_sql("ANALYZE")  # so that it plans for a full town from the first minute
    finally:
        source.close()
        target.close()
    return moved


def _opened(url: str, which: str) -> Opened:
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        raise WrongDatabase(f"{which}: there is no such file")
    try:
        return connection.open_database(url)
    except WrongDatabase as wrong:
        raise WrongDatabase(f"{which}: {str(wrong).removeprefix('database.url: ')}") from None


def _refuse_to_move(database: Opened, which: str) -> None:
    steps = connection.steps(database)
    if any(step.path is None for step in steps):
        raise WrongDatabase(f"{which} is newer than this smsgate: update smsgate first")
    if not all(step.applied for step in steps):
        raise WrongDatabase(f"{which}: the tables are not up to date; run `smsgate migrate` with it as database.url")


@contextmanager
def _alone(source: Opened) -> Iterator[None]:
    """One look at the source, that shows everything as it is at this instant; nobody may be at work on it."""
    still_runs = WrongDatabase("smsgate still runs on the first database: stop it, so that no text is left behind")
    if is_postgresql(source):
        if source.execute_sql(OTHERS_OF_OURS).fetchone()[0]:
            raise still_runs
        with source.atomic("REPEATABLE READ"):
            yield
        return
    source.timeout = LOCK_WAIT_SECONDS
    source.execute_sql("PRAGMA locking_mode = exclusive")  # from the first transaction on, until it is closed
    try:
        with source.atomic():
            pass
    except OperationalError:
        raise still_runs from None
    with source.atomic():
        yield


def _lock(target: Opened, tables: list[type[Table]]) -> None:
    """Nobody else writes here until the end. SQLite has seen to it."""
    if is_postgresql(target):
        target.execute_sql("LOCK TABLE " + ", ".join(f'"{_name(table)}"' for table in tables))


def _copy(source: Opened, target: Opened, table: type[Table]) -> None:
    rows = table.select().order_by(table.id).tuples().iterator(source)
    for some in chunked(rows, TOGETHER):
        table.insert_many(some, fields=table._meta.sorted_fields).execute(target)
    last = table.select(fn.MAX(table.id)).scalar(target)
    if last and is_postgresql(target):  # the next row gets the next number
        target.execute_sql("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (f'"{_name(table)}"', last))


def _count(database: Opened, table: type[Table]) -> int:
    return int(table.select().count(database))


def _name(table: type[Table]) -> str:
    return str(table._meta.table_name)
