"""PostgreSQL, for more than one machine: how it is reached, and what its faults mean."""

from typing import Any

from peewee import OperationalError, PostgresqlDatabase

from db.changes import is_change

SCHEMES = ("postgresql://", "postgres://")  # libpq knows both

# Where the address says nothing else: a server that is gone is noticed within seconds.
MANNERS = {
    "application_name": "smsgate",
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
# And what a session asks of the server: that it too notices when we are gone; that nobody waits for another's lock
# longer than on SQLite; and that what is committed has reached the disk.
SESSION = {
    "synchronous_commit": "on",
    "lock_timeout": "15s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}

# Source: PostgreSQL, Appendix A, error codes. Two who changed the same rows at once: one of them begins anew.
COLLISIONS = ("40001", "40P01")  # serialization failure, deadlock
OUT_OF_ORDER = (
    *COLLISIONS,
    "08",  # the connection
    "53",  # the disk or the memory is full, too many connections
    "55P03",  # waited too long for a lock
    "57",  # shutting down, starting up, or told to stop this statement
    "58",  # the server's own disk
    "25006",  # it has become a copy that only reads: another server has taken over
    "25P03",  # it did not hear from us for a minute, and gave up our transaction
)


class WrongDatabase(Exception):
    """The database cannot be used as it is; the message says what to do, and never holds a password."""


class Postgresql(PostgresqlDatabase):
    """A lost connection is opened anew, but never in the middle of a transaction."""

    def begin(self, isolation_level: str | None = None) -> None:
        """As peewee's own; tried once more if the connection turns out to be lost, as nothing has been done yet."""
        try:
            super().begin(isolation_level)
        except OperationalError:
            if self.is_connection_usable():
                raise
            super().begin(isolation_level)

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """As peewee's own; a change by itself is a transaction, for what begin() does."""
        if self.in_transaction() or not is_change(sql):
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]
        with self.atomic():
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    def cursor(self, named_cursor: str | None = None) -> Any:
        """As peewee's own."""
        if not self.is_closed() and not self.in_transaction() and not self.is_connection_usable():
            self.close()
        return super().cursor(named_cursor)  # type: ignore[no-untyped-call]


def database(url: str) -> Postgresql:
    """The database at postgresql://user:password@host:port/name. Raises WrongDatabase; does not connect yet."""
    said = parameters(url)
    return Postgresql(said.pop("dbname"), prefer_psycopg3=True, **said)


def parameters(url: str, **session: str) -> dict[str, Any]:
    """What an address says, by libpq's names, and what we ask of the session. Raises WrongDatabase."""
    try:
        from psycopg import Error
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        install = "install the extra smsgate[postgresql], or: pip install 'psycopg[binary]'"
        raise WrongDatabase(f"database.url: PostgreSQL needs its driver; {install}") from None
    try:
        said: dict[str, Any] = dict(conninfo_to_dict(url))
    except Error:
        said = {}  # the message would hold a piece of the address
    ports = str(said.get("port") or "").split(",")
    if not said.get("dbname") or not all(port.isdigit() for port in ports if port):
        raise WrongDatabase(
            "database.url: write it as postgresql://user:password@host:5432/name, ending in the name of a database; "
            "in a password, write @ as %40, / as %2F, : as %3A, # as %23 and % as %25"
        )
    options = [f"-c {name}={value}" for name, value in (SESSION | session).items()]
    return MANNERS | said | {"options": " ".join([*options, said.get("options") or ""])}


def refuse_another_encoding(opened: Any) -> None:
    """Raise WrongDatabase if a database cannot keep what people write."""
    encoding = opened.execute_sql("SHOW server_encoding").fetchone()[0]
    if isinstance(encoding, bytes):  # as psycopg hands over what is text in no encoding
        encoding = encoding.decode("ascii")
    if encoding != "UTF8":
        make = "createdb --owner=smsgate --encoding=UTF8 --template=template0"
        raise WrongDatabase(f"database.url: that database keeps texts in {encoding}; make another with: {make}")


def is_collision(fault: Exception) -> bool:
    """Whether somebody else changed the same rows at the same time, so that the same work must begin anew."""
    return _code(fault) in COLLISIONS


def is_out_of_order(fault: Exception) -> bool:
    """Whether it was the server or the way to it, and not the work."""
    lost = isinstance(fault, OperationalError) and _code(fault) is None  # psycopg has no code where no server spoke
    return lost or (_code(fault) or "").startswith(OUT_OF_ORDER)


def _code(fault: Exception) -> str | None:
    code: str | None = getattr(getattr(fault, "orig", None), "sqlstate", None)
    return code
