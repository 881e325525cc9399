"""What machines do: a full disk, a locked database, no file descriptors, a clock set back. A 5xx, and recovery."""

import contextlib
import resource
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import pytest
from peewee import OperationalError

from db import connection, health, inbox
from db.connection import database
from db.models import Letter, Person, Text
from db.notices import Notice
from smsgate import writer
from tests.installation import Installation, processes_in
from tests.town import Town, until


def kept(installation: Installation) -> int:
    """How many texts are in the database."""
    connection.connect(installation.database_url)
    try:
        return int(Text.select().count())
    finally:
        connection.close()


def limit(installation: Installation, what: int, most: int) -> dict[int, tuple[int, int]]:
    """Let the processes of an installation have only so much of something; returns what they had."""
    return {
        process: resource.prlimit(process, what, (most, resource.prlimit(process, what)[1]))
        for process in processes_in(installation.folder)
    }


def unlimit(what: int, before: dict[int, tuple[int, int]]) -> None:
    """Give back what limit() took."""
    for process, had in before.items():
        resource.prlimit(process, what, had)


@pytest.mark.only_on("sqlite", "PostgreSQL has its own disk; tests/test_postgresql.py has what comes of it")
def test_while_the_disk_is_full_no_text_is_answered_200_and_afterwards_all_goes_on(installation: Installation) -> None:
    service = installation.start("serve")
    until(lambda: installation.is_ready() and len(processes_in(installation.folder)) == 2, "both run")
    installation.converse("amina", "INFO", 1)
    # To a process that may write no longer files, each disk is full.
    before = limit(installation, resource.RLIMIT_FSIZE, 1024)
    assert installation.text("amina", "AIDE 1050 courses", "full-disk") == 503
    assert kept(installation) == 1
    unlimit(resource.RLIMIT_FSIZE, before)
    assert installation.text("amina", "AIDE 1050 courses", "full-disk") == 200, "Vonage brings it again"
    until(lambda: len(installation.received("amina")) == 2, "Amina is answered")
    assert kept(installation) == 2
    service.send_signal(signal.SIGTERM)
    assert service.wait(20) == 0


@pytest.mark.only_on("sqlite", "PostgreSQL has its own disk; tests/test_postgresql.py has what comes of it")
def test_a_disk_that_fills_up_while_a_letter_is_under_way_stops_nobody_once_there_is_room(
    installation: Installation,
) -> None:
    installation.start("serve")
    until(lambda: installation.is_ready() and len(processes_in(installation.folder)) == 2, "both run")
    before: dict[int, tuple[int, int]] = {}

    def fill(sent: object, number: int) -> tuple[int, str] | None:
        before.update(limit(installation, resource.RLIMIT_FSIZE, 1024))
        return None  # and the line is cut at the same moment

    installation.vonage.answers.append(fill)
    assert installation.text("amina", "INFO", "one") == 200
    until(lambda: bool(before), "the letter is on its way")
    assert installation.text("bram", "INFO", "two") == 503
    unlimit(resource.RLIMIT_FSIZE, before)
    assert installation.text("bram", "INFO", "two") == 200
    until(lambda: len(installation.received("bram")) == 1, "Bram is answered")


@pytest.mark.only_on("sqlite", "PostgreSQL is read and written while it is backed up")
def test_a_database_locked_by_a_backup_is_waited_for_and_meanwhile_the_web_server_answers(
    installation: Installation,
) -> None:
    installation.start("serve")
    until(installation.is_ready, "the service is ready")
    other = sqlite3.connect(installation.folder / "town.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(2) as phones:
        calls = [phones.submit(installation.text, "amina", "INFO", f"locked-{number}") for number in range(2)]
        for _ in range(20):
            assert installation.is_ready(), "whoever only looks is answered"
        assert not any(call.done() for call in calls), "no 200 for what is not stored"
        other.execute("ROLLBACK")
        assert [call.result() for call in calls] == [200, 200]
    other.close()
    until(lambda: len(installation.received("amina")) == 2, "Amina is answered")


@pytest.mark.only_on("sqlite", "PostgreSQL locks rows")
def test_whoever_changes_one_thing_stands_in_line_like_everybody_who_writes(town: Town) -> None:
    Person.create(number="32470123456", created_at=town.clock())

    def change_one_thing() -> None:
        Person.update(name="Amina").execute()
        connection.close()

    with ThreadPoolExecutor(1) as another:
        with database.obj.line:
            changed = another.submit(change_one_thing)
            with pytest.raises(TimeoutError):
                changed.result(0.5)
        changed.result(20)
    assert Person.get().name == "Amina"


@pytest.mark.only_on("sqlite", "PostgreSQL keeps no log of changes in a file of ours")
def test_the_log_of_changes_is_emptied_when_a_backup_that_reads_it_has_ended_and_nobody_waits_for_that(
    town: Town,
) -> None:
    town.sweep()
    town.workers[0].stop()
    worker = town.next_worker()
    backup = sqlite3.connect(database.obj.database, isolation_level=None)
    backup.execute("BEGIN")
    backup.execute("SELECT count(*) FROM person").fetchone()
    town.clock.skip(timedelta(days=1))
    town.deliver("amina", "INFO")  # which the backup does not see
    before = health.health().tidied_at
    worker.sweep()
    assert health.health().tidied_at == before, "tried again in a minute"
    backup.close()
    worker.sweep()
    assert health.health().tidied_at != before
    worker.start()


@pytest.mark.only_on("sqlite", "PostgreSQL has its own disk")
def test_a_database_that_is_full_in_the_middle_of_a_text_sets_no_text_aside(town: Town) -> None:
    """SQLite ends the whole transaction there; where that happens depends on what still fits."""
    town.workers[0].stop()
    worker = town.next_worker()
    for number in range(200):
        town.deliver(f"3247100{number:04}", "AIDE 1050 courses je m'appelle Christophe-Emmanuel")
    heard = 0
    while inbox.is_any_waiting(town.clock()):
        (pages,) = database.execute_sql("PRAGMA page_count").fetchone()
        database.execute_sql(f"PRAGMA max_page_count = {pages + heard % 3}")
        with contextlib.suppress(OperationalError):
            while worker.conversation.hear_waiting(town.clock()):
                pass
        database.execute_sql("PRAGMA max_page_count = 1000000")
        heard += worker.conversation.hear_waiting(town.clock())
    assert Text.select().where(Text.state == inbox.SET_ASIDE).count() == 0
    assert Letter.select().where(Letter.notice == Notice.NOBODY_NEAR).count() == 200
    worker.start()


@pytest.mark.only_on("sqlite", "PostgreSQL lets others write")
def test_a_web_server_ends_although_somebody_keeps_everybody_from_writing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WRITTEN_WITHIN_SECONDS", 0.2)
    with database.obj.line:
        with pytest.raises(AssertionError, match="not stored in time"):
            town.deliver("amina", "INFO")
        town.server.should_exit = True
        until(lambda: not town.thread.is_alive(), "the web server has ended")


def test_a_process_without_file_descriptors_recovers_when_there_are_some(installation: Installation) -> None:
    installation.command("migrate")
    installation.start("web")
    until(installation.is_ready, "the web server is ready")
    # Fewer than it has: what it lets go of meanwhile, as a connection nobody uses any more, is not free for another.
    before = limit(installation, resource.RLIMIT_NOFILE, 3)
    with (
        httpx2.Client(base_url=installation.http.base_url, timeout=0.5) as stranger,
        pytest.raises(httpx2.TransportError),
    ):
        stranger.get("/healthz")
    unlimit(resource.RLIMIT_NOFILE, before)
    assert installation.text("amina", "INFO", "later") == 200
    assert kept(installation) == 1


def test_a_clock_set_back_an_hour_leaves_no_letter_behind(town: Town) -> None:
    town.workers[0].stop()
    town.deliver("amina", "INFO")
    town.workers[0].conversation.hear_waiting(town.clock())
    Letter.update(state="claimed", claimed_at=town.clock()).execute()  # a process ended with this letter in hand
    town.clock.skip(-timedelta(hours=1))
    town.next_worker().start()
    town.pass_time(timedelta(minutes=3))
    assert len(town.unread("amina")) == 1


def test_half_of_a_long_text_keeps_nobody_waiting_until_a_clock_set_back_has_caught_up(town: Town) -> None:
    first_half = {"concat": "true", "concat-ref": "7", "concat-total": "2", "concat-part": "1"}
    town.deliver("amina", "AIDE 1050 ", **first_half)
    town.clock.skip(-timedelta(hours=1))
    town.sweep()
    town.settle()
    assert "1050 Ixelles" in town.unread("amina")[0]


def test_while_our_clock_is_an_hour_slow_texts_are_refused_for_now_and_brought_again(town: Town) -> None:
    fields = town.fields("amina", "INFO")
    town.clock.skip(-timedelta(hours=1))
    assert town.http.post("/webhooks/inbound", data=fields).status_code == 503
    assert Text.select().count() == 0
    town.clock.skip(timedelta(hours=1))
    assert town.http.post("/webhooks/inbound", data=fields).status_code == 200
    town.settle()
    assert len(town.unread("amina")) == 1
