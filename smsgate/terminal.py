"""What commands share: the settings read, the database opened, and every fault told in words."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import click
import peewee

from db import connection
from db.connection import WrongDatabase
from smsgate import fit, settings
from smsgate.listening import CannotListen
from smsgate.settings import Settings, WrongSettings


class Wrong(click.ClickException):
    """Something the person at the keyboard can mend: one fault a line, and exit code 1."""

    def format_message(self) -> str:
        return self.message

    def show(self, file: object = None) -> None:
        click.echo(self.message, err=True)


def who() -> str:
    """Who is at the keyboard, for what is kept of who did what."""
    return f"{getpass.getuser()} (command line)"


def read() -> Settings:
    """The settings. Raises Wrong."""
    try:
        return settings.read()
    except WrongSettings as wrong:
        raise Wrong(str(wrong)) from None


def fit_for_service() -> Settings:
    """The settings of a service that can start. Raises Wrong."""
    chosen = read()
    faults = settings.unfit_for_service(chosen)
    if faults:
        raise Wrong(
            "\n".join([*settings.lines(faults), "smsgate does not start like this; `smsgate demo` needs none of it"])
        )
    return chosen


@contextmanager
def port_told() -> Iterator[None]:
    """Where the port cannot be used, what to do about it. Raises Wrong."""
    try:
        yield
    except CannotListen as fault:
        taken, other = "End what runs there, or choose another: service.port", "Write an address of ours: service.host"
        raise Wrong(f"{fault} {taken if fault.is_taken else other}") from None


def migrate(chosen: Settings) -> list[str]:
    """Bring the tables up to date; return the steps. Raises Wrong."""
    with _connected(chosen):
        return connection.migrate()


@contextmanager
def open_database(up_to_date: bool = True) -> Iterator[Settings]:
    """The database open, with the settings it is in. Raises Wrong."""
    chosen = read()
    if up_to_date:
        must_be_up_to_date(chosen)
    elif missing := fit.no_file(chosen):
        raise Wrong(missing)
    with _connected(chosen):
        yield chosen


@contextmanager
def _connected(chosen: Settings) -> Iterator[None]:
    try:
        connection.connect(chosen["database.url"])
        yield
    except WrongDatabase as wrong:
        raise Wrong(str(wrong)) from None
    except (peewee.PeeweeException, OSError) as fault:
        raise Wrong(fit.unusable(fault)) from None
    finally:
        connection.close()


def ring(chosen: Settings) -> None:
    """A running worker sends at once what is now owed; without one, the next to start does."""
    from smsgate.tasks import Bells, close_storage

    bells = Bells(chosen)
    bells.send()
    close_storage(bells.huey)


def must_be_up_to_date(chosen: Settings) -> None:
    """Raise Wrong if the database is not, or does not answer."""
    faults = fit.database_faults(chosen)
    if faults:
        raise Wrong("\n".join(faults))
