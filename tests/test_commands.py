"""The command line of those who run it: a copy of a live database, and what a person may ask of theirs."""

import json
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from smsgate.cli import main
from tests.installation import Installation
from tests.town import until


@pytest.mark.only_on("sqlite", "PostgreSQL has its own pg_dump")
def test_a_backup_of_a_live_and_busy_database_is_sound_and_starts(installation: Installation) -> None:
    service = installation.start("serve")
    until(installation.is_ready, "the service is ready")
    enough = Event()

    def write(writer: int) -> int:
        sent = 0
        while not enough.is_set():
            sent += installation.text("amina", f"LISTE pain {sent}", f"busy-{writer}-{sent}") == 200
        return sent

    with ThreadPoolExecutor(3) as writers:
        writing = [writers.submit(write, writer) for writer in range(2)]
        try:
            until(lambda: len(installation.received("amina")) >= 3, "the service is busy")
            copied = installation.command("backup", "copy.db")
        finally:
            enough.set()
        sent = sum(writer.result() for writer in writing)
    assert copied.returncode == 0, copied.stderr
    copy = installation.folder / "copy.db"
    assert copy.stat().st_mode & 0o077 == 0
    with sqlite3.connect(copy) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert 3 <= opened.execute("SELECT COUNT(*) FROM text").fetchone()[0] <= sent
    opened.close()
    service.send_signal(signal.SIGTERM)
    service.wait(20)
    restored = installation.start("serve", SMSGATE_DATABASE_URL="sqlite:///copy.db")
    until(installation.is_ready, "the copy starts")
    before = len(installation.received("bram"))
    installation.converse("bram", "INFO", before + 1)
    restored.send_signal(signal.SIGTERM)
    assert restored.wait(20) == 0


@pytest.mark.only_on("postgresql", "SQLite is copied")
def test_a_backup_of_postgresql_is_its_own_affair(installation: Installation) -> None:
    installation.command("migrate")
    refused = installation.command("backup", "copy.db")
    assert (refused.returncode, "use its own pg_dump" in refused.stderr) == (1, True)


@pytest.mark.only_on("sqlite", "PostgreSQL has its own pg_dump")
def test_a_backup_overwrites_nothing_and_says_what_to_do(installation: Installation) -> None:
    installation.command("migrate")
    (installation.folder / "letters.txt").write_text("dear")
    refused = installation.command("backup", "letters.txt")
    assert (refused.returncode, (installation.folder / "letters.txt").read_text()) == (1, "dear")
    assert "choose another name" in refused.stderr
    assert "make it first" in installation.command("backup", "nowhere/copy.db").stderr
    assert [file.name for file in installation.folder.iterdir() if "unchecked" in file.name] == []


@pytest.mark.only_on("sqlite", "PostgreSQL has its own pg_dump")
def test_a_backup_of_no_town_is_refused_and_leaves_nothing_behind(installation: Installation) -> None:
    refused = installation.command("backup", "copy.db")
    assert (refused.returncode, "no database yet" in refused.stderr) == (1, True)
    assert not list(installation.folder.glob("*.db*"))
    Path(installation.database_url.removeprefix("sqlite:///")).touch()
    refused = installation.command("backup", "copy.db")
    assert (refused.returncode, "nothing was copied" in refused.stderr) == (1, True)
    assert not (installation.folder / "copy.db").exists()


def test_what_is_known_of_a_number_is_shown_and_erased_and_exported_from_the_command_line(
    installation: Installation,
) -> None:
    installation.start("serve")
    until(installation.is_ready, "the service is ready")
    installation.converse("amina", "AIDE 1050 courses, je suis Zenobie", 1)
    shown = installation.command("person", "0470 12 34 00")
    assert "0470 12 34 00  Zenobie  fr" in shown.stdout
    assert "shopping at 1050, searching" in shown.stdout
    exported = json.loads(installation.command("person", "+32470123400", "--export").stdout)
    assert exported["text"][0]["words"] == "AIDE 1050 courses, je suis Zenobie"
    forgotten = installation.command("person", "0470123400", "--forget")
    assert "everything is erased" in forgotten.stdout
    until(lambda: any("est effacé" in text for text in installation.received("amina")), "Amina hears so")
    unknown = installation.command("person", "0470123400")
    assert (unknown.returncode, unknown.stderr) == (1, "Nobody with the number 0470 12 34 00 is known here.\n")
    assert "Write it as" in installation.command("person", "shopping").stderr
    assert "Choose one" in installation.command("person", "0470123400", "--forget", "--block").stderr


def test_a_number_is_blocked_before_it_ever_writes(installation: Installation) -> None:
    installation.start("serve")
    until(installation.is_ready, "the service is ready")
    assert "left unanswered" in installation.command("person", "0470123402", "--block").stdout
    assert installation.text("chloe", "AIDE 1050 courses", "blocked") == 200
    installation.converse("amina", "AIDE 1050 courses", 1)
    assert installation.received("chloe") == []
    assert "answered again" in installation.command("person", "0470123402", "--unblock").stdout
    installation.converse("chloe", "INFO", 1)


def test_a_password_becomes_a_hash_that_opens_the_operators_page(installation: Installation) -> None:
    made = CliRunner().invoke(main, ["password"], input="open sesame\nopen sesame\n")
    kept = made.output.splitlines()[-1].removeprefix("password_hash = ")
    assert "open sesame" not in made.output
    installation.start("serve", SMSGATE_STATUS_PASSWORD_HASH=kept)
    until(installation.is_ready, "the service is ready")
    assert installation.http.get("/status", auth=("operator", "open sesame")).status_code == 200
    assert installation.http.get("/status", auth=("operator", "open barley")).status_code == 401


def test_a_telephonist_takes_a_request_down_at_a_terminal(installation: Installation) -> None:
    installation.command("migrate")
    said = ("--name", "Lucie", "--language", "fr", "--words", "deux pains gris", "--consented")
    taken = installation.command("ask", "02 512 34 56", "Ixelles", "shopping", *said)
    assert taken.returncode == 0, taken.stderr
    assert "Request 1: shopping (deux pains gris) at 1050 for 02 512 34 56" in taken.stdout
    more = installation.command("ask", "02 512 34 56", "Ixelles", "transport", "--words", "\udce0 midi")
    assert "Request 1: shopping (deux pains gris un trajet à midi)" in more.stdout, "what is wanted too, in Latin 1"
    known = installation.command("person", "02 512 34 56").stdout
    assert "Lucie" in known
    assert "gets no texts" in known
    assert "shopping at 1050, searching" in known
    service = installation.start("serve")
    until(installation.is_ready, "the service is ready")
    installation.converse("bram", "BENEVOLE 1050 Bram", 2)
    installation.converse("bram", "OUI", 4)
    assert "Appelez Lucie au 02 512 34 56" in installation.received("bram")[2]
    assert "deux pains gris un trajet à midi" in installation.received("bram")[3]
    service.send_signal(signal.SIGTERM)
    service.wait(20)


def test_what_cannot_be_taken_down_at_a_terminal_is_said_a_line_each(installation: Installation) -> None:
    installation.command("migrate")
    refused = installation.command("ask", "12", "Atlantis", "dog")
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 2
    assert "0470 12 34 56" in refused.stderr
    assert "no such place" in refused.stderr
