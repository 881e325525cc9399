"""The service as it is run: real processes, real signals, and what they write to the log."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from db import connection
from smsgate import settings
from smsgate.listening import listen
from smsgate.tasks import Bells, close_storage
from tests.installation import SMSGATE, Installation, processes_in
from tests.town import PEOPLE, SECRET, until


def introduce(service: Installation) -> None:
    service.converse("bram", "BENEVOLE 1050 Barnabas", 1)
    service.converse("amina", "AIDE 1050 courses, je suis Zenobie", 1)
    until(lambda: len(service.received("bram")) == 2, "Bram is asked")
    service.converse("bram", "OUI", 3)
    until(lambda: len(service.received("amina")) == 2, "Amina is asked")
    service.converse("amina", "OUI", 3)
    until(lambda: len(service.received("bram")) >= 5, "both have the other's number")


def test_the_whole_service_introduces_two_people_and_ends_cleanly(installation: Installation) -> None:
    service = installation.start("serve")
    until(installation.is_ready, "the service is ready")
    introduce(installation)
    assert "0470 12 34 01" in installation.received("amina")[2]
    service.send_signal(signal.SIGTERM)
    assert service.wait(20) == 0
    assert processes_in(installation.folder) == []
    log = installation.log.read_text()
    assert "Fatal" not in log
    assert "Traceback" not in log
    assert "ERROR" not in log


def test_the_log_of_a_whole_run_holds_no_number_name_or_word_of_a_person(installation: Installation) -> None:
    service = installation.start("serve")
    until(installation.is_ready, "the service is ready")
    introduce(installation)
    installation.vonage.answers.append(lambda *_: (422, '{"to": "32470123402", "text": "C\'est fait"}'))
    installation.text("chloe", "STOP wxyzzy", "refused")
    installation.http.post("/webhooks/inbound", data={"msisdn": PEOPLE["amina"], "text": "wxyzzy"})
    installation.http.get("/webhooks/inbound", params={"msisdn": PEOPLE["amina"], "text": "wxyzzy", "sig": "0"})
    until(lambda: "letter not sent" in installation.log.read_text(), "the refusal is in the log")
    service.send_signal(signal.SIGTERM)
    service.wait(20)
    log = installation.log.read_text()
    assert "heard" in log
    assert "letter sent" in log
    assert "call refused status=503" in log
    assert not re.search(r"47\d ?\d\d ?\d\d ?\d\d|0?4?70123", log)
    for word in ("arnabas", "enobie", "courses", "wxyzzy", "fait", "nouvelle"):
        assert word not in log, word


def test_web_and_work_run_apart(installation: Installation) -> None:
    assert "0001_first_tables" in installation.command("migrate").stdout
    web, work = installation.start("web"), installation.start("work")
    until(installation.is_ready, "the web server is ready")
    installation.converse("amina", "AIDE 1050 courses", 1)
    for process in (web, work):
        process.send_signal(signal.SIGTERM)
    assert [web.wait(20), work.wait(20)] == [0, 0]


def test_a_text_that_came_while_no_worker_ran_is_heard_when_one_starts(installation: Installation) -> None:
    installation.command("migrate")
    installation.start("web")
    until(installation.is_ready, "the web server is ready")
    assert installation.text("amina", "AIDE 1050 courses", "early") == 200
    connection.connect(installation.database_url)
    bells = Bells(settings.read(installation.folder / "none.ini", installation.environment))
    bells.huey.flush()  # and every bell is lost
    close_storage(bells.huey)
    connection.close()
    installation.start("work")
    until(lambda: len(installation.received("amina")) == 1, "Amina is answered")


def test_when_the_web_process_is_killed_the_worker_ends_too(installation: Installation) -> None:
    service = installation.start("serve")
    until(lambda: installation.is_ready() and len(processes_in(installation.folder)) == 2, "both run")
    service.kill()
    service.wait()
    until(lambda: processes_in(installation.folder) == [], "the worker has ended")


def test_when_the_worker_is_killed_the_service_ends_with_an_error_so_that_it_is_started_again(
    installation: Installation,
) -> None:
    service = installation.start("serve")
    until(lambda: installation.is_ready() and len(processes_in(installation.folder)) == 2, "both run")
    (worker,) = set(processes_in(installation.folder)) - {service.pid}
    os.kill(worker, signal.SIGKILL)
    assert service.wait(20) == 1


# --- settings that are not fit


def test_check_names_every_fault_at_once(installation: Installation) -> None:
    checked = installation.command(
        "check",
        SMSGATE_SERVICE_LANGUAGE="es",
        SMSGATE_MATCHING_WAVE_TIMEOUT="soon",
        SMSGATE_MATCHING_QUIET_HOURS="at night",
        SMSGATE_SERVICE_TIMEZONE="Mars",
        SMSGATE_VONAGE_SIGNATURE_METHOD="rot13",
    )
    assert checked.returncode == 1
    for fault in ("service.language", "wave_timeout", "quiet_hours", "timezone", "signature_method"):
        assert any(fault in line for line in checked.stderr.splitlines()), fault


def test_check_names_wrong_and_missing_settings_together(installation: Installation) -> None:
    checked = installation.command("check", SMSGATE_SERVICE_LANGUAGE="es", SMSGATE_VONAGE_SIGNATURE_SECRET="")
    assert "service.language" in checked.stderr
    assert "vonage.signature_secret" in checked.stderr


def test_a_wrong_number_of_ours_is_told_once(installation: Installation) -> None:
    installation.command("migrate")
    checked = installation.command("check", SMSGATE_SERVICE_NUMBER="0460200300")
    assert len(checked.stderr.splitlines()) == 1
    assert checked.stderr.startswith("service.number: write the number with its country code")


@pytest.mark.parametrize("value", ["99999999999999d", "0s", "-1h", "3651d", "1.5h", "٣d"])
def test_a_duration_out_of_reason_is_a_clear_fault(installation: Installation, value: str) -> None:
    checked = installation.command("check", SMSGATE_MATCHING_FOLLOW_UP_AFTER=value)
    assert checked.returncode == 1
    assert "matching.follow_up_after: write" in checked.stderr
    assert "Traceback" not in checked.stderr


@pytest.mark.only_on("sqlite", "PostgreSQL keeps its files to itself")
@pytest.mark.parametrize("command", ["check", "migrate", "serve"])
def test_a_file_that_is_no_database_is_a_clear_fault(installation: Installation, command: str) -> None:
    (installation.folder / "town.db").write_text("shopping list: bread, milk\n" * 100)
    refused = installation.command(command)
    assert refused.returncode == 1
    assert "database.url: the database cannot be used" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_settings_file_that_is_named_must_be_there(installation: Installation) -> None:
    checked = installation.command("check", SMSGATE_SETTINGS="elsewhere.ini")
    assert "SMSGATE_SETTINGS: there is no file elsewhere.ini" in checked.stderr


def test_check_says_what_is_missing_and_then_that_all_is_well(installation: Installation) -> None:
    missing = installation.command("check", SMSGATE_VONAGE_SIGNATURE_SECRET="", SMSGATE_VONAGE_API_KEY="")
    assert missing.returncode == 1
    assert len(missing.stderr.splitlines()) == 3
    for fault in ("vonage.signature_secret", "vonage.api_key", "smsgate migrate"):
        assert fault in missing.stderr
    installation.command("migrate")
    well = installation.command("check")
    assert (well.returncode, well.stdout) == (0, "Fit for service.\n")


@pytest.mark.parametrize("command", ["serve", "web", "work"])
def test_nothing_starts_without_a_signature_secret(installation: Installation, command: str) -> None:
    refused = installation.command(command, SMSGATE_VONAGE_SIGNATURE_SECRET="")
    assert refused.returncode == 1
    assert "vonage.signature_secret: missing" in refused.stderr
    assert SECRET not in refused.stderr


def test_a_secret_is_never_printed(installation: Installation) -> None:
    chosen = settings.read(installation.folder / "none.ini", installation.environment)
    assert SECRET not in repr(chosen)
    assert "abcdef0123456789" not in repr(chosen)


def test_settings_ini_holds_every_setting_with_its_default(installation: Installation) -> None:
    shipped = Path(__file__).parent.parent / "settings.ini"
    written = settings._written(shipped, must_exist=True)
    assert written == {name: default for name, (default, _) in settings.KEYS.items()}


def test_a_misspelt_setting_is_pointed_out(tmp_path: Path) -> None:
    file = tmp_path / "settings.ini"
    file.write_text("[vonage]\napikey = x\n")
    with pytest.raises(settings.WrongSettings, match=r"vonage\.apikey: settings.ini has no such setting"):
        settings.read(file, {})


def test_a_misspelt_variable_is_pointed_out(tmp_path: Path) -> None:
    with pytest.raises(settings.WrongSettings, match="SMSGATE_MATCHING_QUIET_HOUR: there is no such setting"):
        settings.read(tmp_path / "none.ini", {"SMSGATE_MATCHING_QUIET_HOUR": "22:00-07:00"})


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("service.number", "0460 20 03 00", "with its country code"),
        ("service.number", "+0460200300", "with its country code"),
        ("service.public_url", "sms.example.org", "the whole address"),
        ("service.public_url", "https://sms example.org", "the whole address"),
        ("vonage.api_secret", '"x"', "without quotes"),
        ("vonage.signature_secret", "x ; of the dashboard", "nothing after it"),
        ("vonage.rest_host", "https://rest.nexmo.com", "without https://"),
        ("service.host", "127.0.0.1 8000", "the name of the server alone"),
        ("service.helpline", "Marie, 02 123 45 67", "the number alone"),
        ("service.helpline", "02 123 45 67 / 02 123 45 68", "the number alone"),
        ("status.user", "", "write something"),
        ("matching.quiet_hours", "08:00-08:00", "two different times"),
        ("matching.quiet_hours", "20:00Z-08:00Z", "two times, as in 20:00-08:00"),
        ("status.user", "nadia:night", "without a colon"),
    ],
)
def test_a_setting_that_would_fail_later_is_pointed_out_before(
    tmp_path: Path, name: str, value: str, advice: str
) -> None:
    _, faults = settings.read_with_faults(tmp_path / "none.ini", {settings.variable(name): value})
    assert list(faults) == [name]
    assert advice in faults[name]


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        (b"[service]\nhelpline = caf\xe9\n", "save it as UTF-8"),
        (b"[status]\nuser = a\nuser = b\n", "already exists"),
        (b"number = 32460200300\n", "no section headers"),
    ],
)
def test_of_settings_that_cannot_be_read_that_alone_is_told(
    installation: Installation, written: bytes, advice: str
) -> None:
    (installation.folder / "settings.ini").write_bytes(written)
    checked = installation.command("check")
    assert checked.returncode == 1
    assert len(checked.stderr.splitlines()) == 1
    assert advice in checked.stderr


@pytest.mark.parametrize("written", ["32460200300", "+32 460 20 03 00", "0032460200300"])
def test_our_own_number_may_be_written_as_people_do(tmp_path: Path, written: str) -> None:
    chosen = settings.read(tmp_path / "none.ini", {"SMSGATE_SERVICE_NUMBER": written})
    assert chosen["service.number"] == "32460200300"


@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_port_that_is_taken_is_told_before_anything_is_started(installation: Installation, command: str) -> None:
    installation.command("migrate")
    with socket.create_server(("127.0.0.1", installation.port)):
        refused = installation.command(command)
    assert refused.returncode == 1
    told = f"Port {installation.port} of 127.0.0.1 is taken. "
    assert refused.stderr == told + "End what runs there, or choose another: service.port\n"


def test_the_second_half_of_an_answer_does_not_wait_for_the_first() -> None:
    with listen("127.0.0.1", 0) as port, socket.create_connection(port.getsockname()):
        taken, _ = port.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_migrate_is_safe_to_run_twice_and_refuses_a_newer_database(installation: Installation) -> None:
    assert installation.command("migrate").returncode == 0
    assert installation.command("migrate").stdout == "The tables are up to date.\n"
    connection.connect(installation.database_url)
    connection.database.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')")
    connection.close()
    refused = installation.command("migrate")
    assert refused.returncode == 1
    assert "newer than this smsgate" in refused.stderr


@pytest.mark.only_on("sqlite", "PostgreSQL keeps its files to itself")
def test_the_database_is_for_its_owners_eyes_only(installation: Installation) -> None:
    installation.command("migrate")
    assert (installation.folder / "town.db").stat().st_mode & 0o077 == 0


@pytest.fixture
def hear(installation: Installation) -> Callable[[str], list[str]]:
    def heard(lines: str) -> list[str]:
        return subprocess.run(
            [*SMSGATE, "hear"], input=lines, capture_output=True, text=True, check=True, timeout=60
        ).stdout.splitlines()

    return heard


def test_hear_prints_a_line_of_json_a_text(hear: Callable[[str], list[str]]) -> None:
    said = hear('AIDE 1050 courses\n{"text": "oui", "open": "offer"}\n')
    assert said == [
        '{"intent": "request", "language": "fr", "postcode": "1050", "need": "shopping", "name": null}',
        '{"intent": "yes", "language": "fr", "postcode": null, "need": null, "name": null}',
    ]
