"""Are the database and the queue fit for service? One line a fault, which says what to do."""

from pathlib import Path

import peewee

from db import connection
from db.connection import WrongDatabase
from smsgate.settings import Settings

UNUSABLE = (
    "database.url: the database cannot be used ({kind}); is it the right file, may we write there, "
    "and does no other program hold it?"
)
UNREACHABLE = (
    "database.url: the database cannot be used ({kind}); does the server run, are user, password and name right, "
    "and may that user make tables there?"
)


def database_faults(chosen: Settings) -> list[str]:
    """What is wrong with the database, or else with the queue beside it."""
    missing = no_file(chosen)
    if missing:
        return [missing]
    try:
        connection.connect(chosen["database.url"])
        connection.refuse_a_newer_database()
        pending = connection.pending_migrations()
    except WrongDatabase as wrong:
        return [str(wrong)]
    except (peewee.PeeweeException, OSError) as fault:
        return [unusable(fault)]
    finally:
        connection.close()
    if pending:
        return [f"the tables are not up to date ({len(pending)} steps behind); run `smsgate migrate`"]
    return queue_faults(chosen)


def no_file(chosen: Settings) -> str | None:
    """What to do where SQLite's file is not there, before it is made by looking for it."""
    scheme, _, name = chosen["database.url"].partition(":///")
    try:
        if scheme != "sqlite" or not name or Path(name).exists():
            return None
    except OSError:
        return None  # to be told by whoever opens it: we may not even look
    file = Path(name).absolute()
    return f"database.url: there is no database yet at {file}; run `smsgate migrate`, or go to its folder"


def unusable(fault: Exception) -> str:
    """What to do about a database that cannot be used; its kind, as its message may hold a piece of the address."""
    advice = UNREACHABLE if connection.is_postgresql() else UNUSABLE
    return advice.format(kind=type(fault).__name__)


def queue_faults(chosen: Settings) -> list[str]:
    """What is wrong with the queue."""
    from smsgate.tasks import Bells, close_storage, queue_file

    try:
        bells = Bells(chosen)
        bells.huey.pending_count()
        close_storage(bells.huey)
    except Exception as fault:  # noqa: BLE001 - the queue's database has its own kinds, by the driver in use
        if connection.is_postgresql():
            return [f"the queue cannot be used ({type(fault).__name__}); may the database's user make tables there?"]
        return [
            f"the queue {queue_file(chosen)} cannot be used ({type(fault).__name__}); remove it, or mend its folder"
        ]
    finally:
        connection.close()
    return []
