"""SQLite, for one machine: one file, which many read at any time and one writes to in turn."""

from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from db.changes import is_change
from db.waiting_line import WaitingLine

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # an answered text survives a power cut
    "foreign_keys": 1,
    # Pages in the log before it is written back (16 MB): each page of an index goes to its place once for all of those
    # texts that changed it, and the gate carries a tenth more than with SQLite's own 1,000 (measured).
    "wal_autocheckpoint": 4000,
    "secure_delete": 1,  # what is erased is overwritten, not only let go of
}

# How long to wait for somebody who does not stand in our line: sqlite3 by hand, a backup of somebody else's.
STRANGER_SECONDS = 15
LOG_IS_READ_MS = 200  # milliseconds to wait for whoever reads the log that is to be emptied


class Sqlite(SqliteDatabase):
    """A transaction takes its turn at its start, not half-way, and whoever has just written lets others go first.

    A statement outside of one is its own, with half the calls of a transaction of one.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, pragmas=PRAGMAS, timeout=STRANGER_SECONDS, lock_type="IMMEDIATE")
        self.line = WaitingLine(Path(path))

    def begin(self, lock_type: str | None = None) -> None:
        """As peewee's own, in turn."""
        self.line.take_turn()
        try:
            super().begin(lock_type)
        except BaseException:
            self.line.leave()
            raise

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """As peewee's own; a change by itself takes its turn too."""
        if self.in_transaction() or not is_change(sql):
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        with self.line:
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    def commit(self) -> None:
        """As peewee's own; should it fail, peewee rolls back."""
        super().commit()
        self.line.leave()

    def rollback(self) -> None:
        """As peewee's own."""
        try:
            super().rollback()
        finally:
            self.line.leave()

    def empty_log(self) -> bool:
        """Write the log of changes back and empty it. False: somebody is reading it, a backup perhaps.

        Nobody can write while readers are waited for, so they hardly are.
        """
        with self.line:
            self.execute_sql(f"PRAGMA busy_timeout = {LOG_IS_READ_MS}")
            try:
                (is_read, _, _) = self.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                self.execute_sql(f"PRAGMA busy_timeout = {STRANGER_SECONDS * 1000}")
        return not is_read

    def close(self) -> Any:
        """As peewee's own."""
        closed = super().close()
        self.line.close()
        return closed
