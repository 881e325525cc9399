"""PostgreSQL as it is on a bad day: addresses that are wrong, connections that are lost, two who want the same row."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Barrier, Event, Thread

import psycopg
import pytest
from peewee import DataError, IntegrityError, OperationalError, PeeweeException
from psycopg import errors

from db import connection, inbox, postgresql
from db.connection import WrongDatabase
from db.inbox import Incoming
from db.models import Person
from db.turns import Turn, turn, undisturbed
from smsgate import settings
from smsgate.clock import now
from tests.databases import Ground
from tests.town import SERVICE, Town

PASSWORD = "hunter2-and-more"
BOTH_AT_ONCE = 2

pytestmark = pytest.mark.only_on("postgresql", "SQLite has one process, and a file")


@pytest.fixture
def opened(database_url: str) -> Iterator[str]:
    connection.connect(database_url)
    yield database_url
    connection.close()


# --- the address


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://smsgate:{PASSWORD}@db.example",
        f"postgresql://smsgate:{PASSWORD}@db.example/",
        f"postgresql://smsgate:{PASSWORD}@db.example:port/smsgate",
        f"postgresql://smsgate:{PASSWORD}@@db.example/smsgate?wrong=1",
        f"postgresql://smsgate:%zz{PASSWORD}@db.example/smsgate",
    ],
)
def test_a_wrong_address_says_what_to_write_and_never_the_password(url: str) -> None:
    with pytest.raises(WrongDatabase, match=r"database\.url: write it as postgresql://user:password@host") as wrong:
        connection.connect(url)
    assert PASSWORD not in str(wrong.value)


def test_without_the_driver_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(WrongDatabase, match=r"pip install 'psycopg\[binary\]'"):
        connection.connect("postgresql://smsgate@db.example/smsgate")


def test_the_password_is_in_no_repr(database_url: str) -> None:
    url = database_url.replace("postgres:@", f"postgres:{PASSWORD}@")
    assert PASSWORD in url
    chosen = settings.read(environment={"SMSGATE_DATABASE_URL": url})
    opened = connection.connect(url)
    assert opened.execute_sql("SELECT 1").fetchone() == (1,)
    for shown in (repr(chosen), repr(opened), str(opened), repr(opened.connection())):
        assert PASSWORD not in shown
    connection.close()


def test_what_the_address_says_wins_over_our_manners() -> None:
    said = postgresql.parameters(
        "postgres://smsgate:a%40b@db/smsgate?connect_timeout=3&sslmode=require&options=-c%20x.y%3D1"
    )
    assert (said["password"], said["connect_timeout"], said["sslmode"]) == ("a@b", "3", "require")
    assert said["options"].startswith("-c synchronous_commit=on")
    assert said["options"].endswith("-c x.y=1")


# --- what its faults mean


@pytest.mark.parametrize(
    ("fault", "ours"),
    [
        (errors.AdminShutdown, True),
        (errors.CannotConnectNow, True),  # it starts up
        (errors.TooManyConnections, True),
        (errors.DiskFull, True),
        (errors.LockNotAvailable, True),
        (errors.DeadlockDetected, True),
        (errors.SerializationFailure, True),
        (errors.ReadOnlySqlTransaction, True),
        (errors.IdleInTransactionSessionTimeout, True),
        (errors.ConnectionFailure, True),
        (psycopg.OperationalError, True),  # psycopg's own: no server spoke
        (errors.UniqueViolation, False),
        (errors.NotNullViolation, False),
        (errors.UndefinedColumn, False),
        (errors.NumericValueOutOfRange, False),
        (errors.InFailedSqlTransaction, False),
    ],
)
def test_a_fault_of_the_servers_is_told_from_one_of_the_works(opened: str, fault: type[Exception], ours: bool) -> None:
    with pytest.raises(PeeweeException) as raised, peewee_s():
        raise fault("why")
    assert connection.is_out_of_order(raised.value) is ours


def peewee_s() -> object:
    from peewee import __exception_wrapper__

    return __exception_wrapper__


def test_real_faults_are_told_apart(opened: str, ground: Ground) -> None:
    Person.create(number="1", created_at=now())
    with pytest.raises(IntegrityError) as twice:
        Person.create(number="1", created_at=now())
    with pytest.raises(DataError) as too_large:
        Person.create(number="2", created_at=now(), question_about=2**40)
    assert not connection.is_out_of_order(twice.value)
    assert not connection.is_out_of_order(too_large.value)
    with psycopg.connect(opened) as another:
        another.execute("SELECT * FROM person FOR UPDATE")
        connection.database.execute_sql("SET lock_timeout = '10ms'")
        with pytest.raises(OperationalError) as waited:
            Person.update(name="x").execute()
        assert connection.is_out_of_order(waited.value)
    ground.hang_up()
    with pytest.raises(OperationalError) as lost:
        Person.select().count()
    assert connection.is_out_of_order(lost.value)
    assert Person.select().count() == 1, "the next question is asked on a new connection"


def test_nobody_listens_at_the_address() -> None:
    connection.connect("postgresql://nobody@127.0.0.1:9/nowhere")
    with pytest.raises(OperationalError) as nobody:
        Person.select().count()
    assert connection.is_out_of_order(nobody.value)


# --- a connection that is lost


def test_a_text_is_stored_on_a_new_connection_when_the_old_one_is_lost(opened: str, ground: Ground) -> None:
    inbox.store([Incoming("", "1", "32470000001", SERVICE, "AIDE", now())])
    ground.hang_up()
    inbox.store([Incoming("", "2", "32470000001", SERVICE, "AIDE", now())])
    assert inbox.is_any_waiting(now())


def test_a_transaction_begins_on_a_new_connection_when_the_old_one_is_lost(opened: str, ground: Ground) -> None:
    assert Person.select().count() == 0
    ground.hang_up()
    with connection.transaction():
        Person.create(number="1", created_at=now())
    assert Person.select().count() == 1


def test_a_transaction_that_is_cut_off_has_changed_nothing(opened: str, ground: Ground) -> None:
    @connection.transaction()
    def write() -> None:
        Person.create(number="1", created_at=now())
        ground.hang_up()
        Person.create(number="2", created_at=now())

    with pytest.raises(OperationalError) as lost:
        write()
    assert connection.is_out_of_order(lost.value)
    assert Person.select().count() == 0


def test_a_town_goes_on_when_every_connection_was_cut(town: Town, ground: Ground) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    ground.hang_up()
    with suppress(OperationalError):
        connection.database.execute_sql("SELECT 1")  # our own was cut too
    town.texts("amina", "AIDE 1050 courses")
    town.texts("bram", "OUI")
    assert "Bonne nouvelle" in town.unread("amina")[-1]


# --- side by side


def test_work_that_collides_begins_anew_and_sees_what_the_other_did(opened: str) -> None:
    Person.create(number="1", name="", created_at=now())
    together = Barrier(BOTH_AT_ONCE)
    begun: list[str] = []

    def add(letter: str) -> None:
        def work() -> None:
            begun.append(letter)
            person = Person.get(number="1")
            if len(begun) <= BOTH_AT_ONCE:
                together.wait()
            person.name += letter
            person.save()

        undisturbed(work)
        connection.close()

    threads = [Thread(target=add, args=letter) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Person.get().name) == ["a", "b"], "neither was lost"
    assert len(begun) == BOTH_AT_ONCE + 1, "one of them twice"


def test_two_in_a_deadlock_both_get_done(opened: str) -> None:
    for number in "12":
        Person.create(number=number, name="", created_at=now())
    together, met = Barrier(BOTH_AT_ONCE), Event()

    def rename(first: str, second: str) -> None:
        def work() -> None:
            Person.update(name=first).where(Person.number == first).execute()
            if not met.is_set():
                together.wait()
                met.set()
            Person.update(name=first).where(Person.number == second).execute()

        undisturbed(work)
        connection.close()

    threads = [Thread(target=rename, args=order) for order in ("12", "21")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({person.name for person in Person.select()}) == 1, "one after the other"


def test_a_turn_is_one_process_s_at_a_time_and_ends_with_its_connection(opened: str, ground: Ground) -> None:
    with turn(Turn.SEND) as ours, elsewhere(Turn.SEND) as theirs, elsewhere(Turn.SWEEP) as another:
        assert (ours(), theirs(), another()) == (True, False, True)
    with elsewhere(Turn.SEND) as theirs:
        assert theirs()
        with turn(Turn.SEND) as ours:
            assert not ours()
        ground.hang_up()
        with turn(Turn.SEND) as ours:
            assert ours()


@contextmanager
def elsewhere(of: Turn) -> Iterator[Callable[[], bool]]:
    """The turn as another process takes it: on a connection of its own."""
    answers: list[bool] = []
    taken, end = Event(), Event()

    def take() -> None:
        with turn(of) as ours:
            answers.append(ours())
            taken.set()
            end.wait(20)
        connection.close()

    thread = Thread(target=take)
    thread.start()
    taken.wait(20)
    yield lambda: answers == [True]
    end.set()
    thread.join()


def test_two_texts_of_one_person_are_never_in_two_hands(opened: str) -> None:
    for number, sender in enumerate(("32470000001", "32470000001", "32470000002")):
        inbox.store([Incoming("", str(number), sender, SERVICE, "AIDE", now())])
    with connection.transaction():
        (first,) = inbox.take_waiting(1, now())
        taken: list[str] = []

        def take() -> None:
            with connection.transaction():
                taken.extend(text.sender for text in inbox.take_waiting(5, now()))
            connection.close()

        thread = Thread(target=take)
        thread.start()
        thread.join()
    assert [first.sender, *taken] == ["32470000001", "32470000002"]
