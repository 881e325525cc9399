"""A town moves from one small server to PostgreSQL, and nobody in it notices."""

import sqlite3
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from db import connection, moving, outbox
from db.connection import WrongDatabase
from db.models import Letter, Person, Profile, Request, Table, Text
from db.moving import Moved
from db.outbox import Notice
from smsgate.clock import now
from tests.databases import Server, worker
from tests.fake_vonage import FakeVonage
from tests.town import Town

numbers = count(1)


@pytest.fixture
def there(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'town.db'}"


@pytest.fixture
def here(postgresql: Server) -> Iterator[str]:
    with postgresql.new(f"moved_{worker()}_{next(numbers)}") as url:
        migrate(url)
        yield url


@pytest.fixture
def town_at(tmp_path: Path, here: str, vonage: FakeVonage) -> Iterator[Callable[[str], Town]]:
    open_towns: list[Town] = []

    def found(url: str) -> Town:
        open_towns.append(Town(tmp_path, url, vonage))
        return open_towns[-1]

    yield found
    open_towns[-1].close()


def migrate(url: str) -> None:
    connection.connect(url)
    connection.migrate()
    connection.close()


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every value of every row."""
    connection.connect(url)
    tables = {table._meta.table_name: table.select().order_by(table.id).tuples() for table in Table.__subclasses__()}
    rows = {name: list(table) for name, table in tables.items()}
    connection.close()
    return rows


def test_a_conversation_that_began_on_sqlite_goes_on_on_postgresql(
    town_at: Callable[[str], Town], there: str, here: str
) -> None:
    before = town_at(there)
    before.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        chloe < courses
        bram  > OUI
        bram  < Nous demandons l'accord
        chloe < a déjà dit oui
        amina < Bonne nouvelle
    """)
    before.close()
    held = everything(there)
    moved = moving.move(there, here)
    assert everything(here) == held
    assert {one.table: (one.there, one.here) for one in moved} == {
        name: (len(rows), len(rows)) for name, rows in held.items()
    }
    after = town_at(here)
    after.read = before.read
    after.plays("""
        amina > OUI
        amina < Bram va vous aider
        bram  < au 0470 12 34 00
        dirk  > AIDE 1050 pharmacie
        dirk  < C'est noté
        bram  < pharmacie
        chloe < pharmacie
    """)
    assert Request.select().count() == 2


def test_every_table_is_moved(there: str, here: str) -> None:
    migrate(there)
    connection.connect(here)
    tables = set(connection.database.get_tables())
    connection.close()
    assert {one.table for one in moving.move(there, here)} == tables - {"schema_migration"}


def test_a_town_moves_back_as_well(tmp_path: Path, there: str, here: str) -> None:
    connection.connect(here)
    person = Person.create(number="32470123456", name="Chloé 😀", created_at=now())
    outbox.put(person, Notice.STOPPED, now())
    connection.close()
    migrate(there)
    assert Moved("person", 1, 1) in moving.move(here, there)
    assert everything(there) == everything(here)


def test_nobody_is_moved_in_with_others(there: str, here: str) -> None:
    migrate(there)
    connection.connect(here)
    Profile.create(postcode="1050", language="fr", languages="", needs="")
    connection.close()
    with pytest.raises(WrongDatabase, match="not empty: there are rows in profile"):
        moving.move(there, here)


def test_a_service_that_still_runs_is_not_left_behind(there: str, here: str) -> None:
    migrate(there)
    with sqlite3.connect(there.removeprefix("sqlite:///")) as at_work:
        at_work.execute("SELECT count(*) FROM person").fetchone()
        with pytest.raises(WrongDatabase, match="still runs on the first database: stop it"):
            moving.move(there, here)
    at_work.close()
    moving.move(there, here)


def test_a_move_that_breaks_off_has_moved_nothing(there: str, here: str, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(there)
    connection.connect(there)
    for number in range(3):
        Person.create(number=f"3247012345{number}", created_at=now())
    connection.close()
    before = everything(here)
    monkeypatch.setattr(Letter, "select", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        moving.move(there, here)
    monkeypatch.undo()
    assert everything(here) == before
    assert Moved("person", 3, 3) in moving.move(there, here)


@pytest.mark.parametrize("which", ["first", "second"])
def test_tables_that_are_not_up_to_date_are_a_clear_fault(there: str, here: str, which: str) -> None:
    Path(there.removeprefix("sqlite:///")).touch()  # no tables at all
    route = (there, here) if which == "first" else (here, there)
    with pytest.raises(WrongDatabase, match=f"the {which} database: the tables are not up to date"):
        moving.move(*route)


def test_a_source_that_is_not_there_is_not_made(tmp_path: Path, here: str) -> None:
    with pytest.raises(WrongDatabase, match="the first database: there is no such file"):
        moving.move(f"sqlite:///{tmp_path / 'nowhere.db'}", here)
    assert not (tmp_path / "nowhere.db").exists()


def test_the_new_rows_get_new_numbers(there: str, here: str) -> None:
    migrate(there)
    connection.connect(there)
    Text.create(account="", message="1", sender="1", recipient="2", words="", received_at=now(), state="heard", id=41)
    connection.close()
    moving.move(there, here)
    connection.connect(here)
    text = Text.create(account="", message="2", sender="1", recipient="2", words="", received_at=now(), state="heard")
    connection.close()
    assert text.id == 42
