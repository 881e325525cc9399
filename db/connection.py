"""The one database, SQLite or PostgreSQL, and transaction(): everything inside happens together or not at all."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from peewee import BigIntegerField, Database, DatabaseProxy, OperationalError, SqliteDatabase
from playhouse.migrations import Migration, Runner

from db import postgresql
from db.postgresql import WrongDatabase as WrongDatabase
from db.sqlite import Sqlite

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MIGRATIONS = Path(__file__).parent / "migrations"
MAKING_TABLES = int.from_bytes(b"smsgate")  # the key of an advisory lock

database = DatabaseProxy()


def connect(url: str) -> Database:
    """Make url the database of this process, and return it. Raises WrongDatabase.

    url is `sqlite:///relative/path.db`, `sqlite:////absolute/path.db` or `postgresql://user:password@host:port/name`.
    """
    opened = open_database(url)
    database.initialize(opened)
    return opened


def open_database(url: str) -> Database:
    """The database at this url, which need not be that of this process. Raises WrongDatabase."""
    if url.startswith(postgresql.SCHEMES):
        return postgresql.database(url)
    scheme, found, path = url.partition(":///")
    if scheme != "sqlite" or not found or not path:
        raise WrongDatabase(
            "database.url must be sqlite:///file.db, with a file name after the three slashes, "
            "or postgresql://user:password@host:5432/name"
        )
    file = Path(path)
    if path.startswith(":") or "?" in path or file.is_dir():
        raise WrongDatabase("database.url must name a file, as in sqlite:///smsgate.db")
    if not file.parent.is_dir():
        raise WrongDatabase(f"database.url: the folder {file.parent} does not exist; make it first")
    file.touch(mode=0o600)  # people's numbers are in it: its owner alone may read it
    return Sqlite(path)


def is_postgresql(opened: Any = None) -> bool:
    """Whether several machines may work on this database, or on that of this process."""
    return isinstance(opened or database.obj, postgresql.Postgresql)


def transaction() -> AbstractContextManager[Any]:
    """Everything inside is kept together or not at all; inside another transaction, it is a savepoint of it."""
    return database.atomic()


def is_out_of_order(fault: Exception) -> bool:
    """Whether it was the database (busy, full, gone) and not the work, so that the same work may be tried again."""
    if is_postgresql():
        return postgresql.is_out_of_order(fault)
    signs = (
        *("locked", "busy", "full", "disk i/o", "unable to open", "readonly", "connection"),
        # Where the disk is full or fails, SQLite may end the whole transaction; whoever rolls back finds none.
        *("no such savepoint", "no transaction is active"),
    )
    return isinstance(fault, OperationalError) and any(sign in str(fault).lower() for sign in signs)


def close() -> None:
    """Close this thread's connection. Each thread that used the database calls it before it ends."""
    if database.obj is not None and not database.is_closed():
        database.close()


def backup(file: Path) -> None:
    """Write a consistent copy of the database to a new file, while it is in use. Raises WrongDatabase.

    The copy is checked before it gets its name; its owner alone may read it.
    """
    if not isinstance(database.obj, SqliteDatabase):
        raise WrongDatabase("smsgate backup copies a SQLite file; for PostgreSQL use its own pg_dump")
    if file.exists():
        raise WrongDatabase(f"{file} exists; a backup never overwrites one: choose another name")
    if not file.parent.is_dir():
        raise WrongDatabase(f"the folder {file.parent} does not exist; make it first")
    if not any(step.applied for step in steps(database.obj)):
        raise WrongDatabase(
            "database.url: that file holds nothing of smsgate, and nothing was copied; is it the right one?"
        )
    unchecked = file.with_name(f"{file.name}.unchecked")
    try:
        unchecked.unlink(missing_ok=True)
        unchecked.touch(mode=0o600)
    except OSError as fault:
        raise WrongDatabase(f"we may not write into {file.parent} ({fault.strerror}); choose another folder") from None
    try:
        database.execute_sql("VACUUM INTO ?", (str(unchecked),))
        copy: Database = SqliteDatabase(str(unchecked))
        found = copy.execute_sql("PRAGMA integrity_check").fetchone()[0]  # type: ignore[no-untyped-call]
        copy.close()
        if found != "ok":
            raise WrongDatabase(f"the copy is not sound ({found}): is the disk well?")
        unchecked.rename(file)
    finally:
        unchecked.unlink(missing_ok=True)


def let_go_of_the_past() -> bool:
    """Empty SQLite's log of changes: it still holds what was erased since the last time. False: not now."""
    return database.obj.empty_log() if isinstance(database.obj, Sqlite) else True


def migrate() -> list[str]:
    """Bring the tables up to date, and return the names of the steps that were applied. Safe to call twice."""
    refuse_a_newer_database()
    if is_postgresql():
        postgresql.refuse_another_encoding(database.obj)
    with transaction():
        only_we_make_tables()
        return list(Runner(database.obj, str(MIGRATIONS)).up())


def only_we_make_tables() -> None:
    """Until the transaction ends: two processes that start together must not make the same table."""
    if is_postgresql():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (MAKING_TABLES,))


def pending_migrations() -> list[str]:
    """The steps that `smsgate migrate` has yet to apply."""
    return [step.name for step in steps(database.obj) if not step.applied]


def refuse_a_newer_database() -> None:
    """Raise WrongDatabase if a newer smsgate has changed the tables."""
    unknown = [step.name for step in steps(database.obj) if step.path is None]
    if unknown:
        raise WrongDatabase(f"the database is newer than this smsgate (it knows {unknown[-1]}): update smsgate first")


def steps(of: Database) -> list[Migration]:
    """Every step this smsgate knows (those have a path) or a database has gone through (those were applied)."""
    return list(Runner(of, str(MIGRATIONS)).status())


class Moment(BigIntegerField):
    """A point in time: an aware datetime in UTC, kept as milliseconds since 1970: every database sorts it alike."""

    def db_value(self, value: datetime | int | None) -> int | None:
        if isinstance(value, datetime):
            return (value - EPOCH) // timedelta(milliseconds=1)  # never later than it was
        return value

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else EPOCH + timedelta(milliseconds=value)
