"""The rehearsal as people start it: a process of its own, phones that send, and a browser that looks."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from smsgate.hours import is_office_hour, next_morning
from tests.rehearsal import AMINA, BRAM, CHLOE, Demo

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Demo]]:
    started: list[Demo] = []

    def starts() -> Demo:
        started.append(Demo(tmp_path))
        return started[-1]

    yield starts
    for demo in started:
        demo.close()


@pytest.fixture
def demo(start: Callable[[], Demo]) -> Demo:
    return start()


def test_a_whole_introduction_and_the_next_day_on_the_drawn_phones(demo: Demo) -> None:
    assert "Bienvenue" in demo.received(BRAM)[0]
    assert "Bienvenue" in demo.received(CHLOE)[0]
    demo.introduction()
    assert not any(AMINA in text or BRAM in text for text in demo.received(CHLOE))
    before = demo.now()
    demo.passes("15m")
    assert demo.now() >= before + timedelta(minutes=15)
    assert not any("Bonjour!" in text for text in demo.received(AMINA))
    demo.passes("1d")
    demo.receives(AMINA, "Bonjour!")
    demo.passes("morning")
    assert f"{demo.now():%H:%M}" == "08:30"
    # Without JavaScript, the page holds all of it.
    page = demo.page()
    for words in ("AIDE 1050 courses", "quelqu'un a besoin d'aide", BRAM, "Bonjour!"):
        assert words in page
    english = demo.page("/demo?language=en")
    assert f"{demo.now():%A} {demo.now().day} {demo.now():%B %Y}" in english


def test_any_number_can_be_typed_on_the_empty_phone(demo: Demo) -> None:
    answer = demo.http.post(
        "/demo/texts?language=en",
        data={"phone": "anyone", "number": "+32 499 12 34 56", "text": "", "quick": "HULP 1050 boodschappen"},
    )
    assert answer.headers["location"] == "/demo?language=en&number=32499123456#anyone"
    demo.receives("0499 12 34 56", "boodschappen, 1050")
    demo.receives(BRAM, "quelqu'un a besoin d'aide")
    page = demo.page(answer.headers["location"])
    assert "HULP 1050 boodschappen" in page
    assert 'value="0499 12 34 56"' in page


@pytest.mark.parametrize(
    ("number", "text", "what_to_do"),
    [
        ("12", "AIDE 1050", "Write it as 0470 12 34 56"),
        ("", "AIDE 1050", "Write it as 0470 12 34 56"),
        ("0499 12 34 56", "  ", "Write a text, for example"),
        ("0499 12 34 56", "a" * 161, "shorten your text"),
    ],
)
def test_a_wrong_entry_says_what_to_do_and_loses_nothing(
    one_demo: Demo, number: str, text: str, what_to_do: str
) -> None:
    typed = {"phone": "anyone", "number": number, "text": text}
    answer = one_demo.http.post("/demo/texts?language=en", data=typed)
    assert answer.status_code == 422
    assert what_to_do in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert f'value="{number}"' in answer.text
    assert f'value="{text}"' in answer.text
    assert "<li" not in answer.text.split('id="anyone"')[1]
    scripted = one_demo.http.post("/demo/texts?language=en", data=typed, headers={"Accept": "application/json"})
    assert what_to_do in scripted.json()["message"]
    assert not any(text == said["words"] for said in one_demo.http.get("/demo/messages.json").json()["messages"])


def test_a_wrong_entry_on_a_drawn_phone_is_said_on_that_phone(one_demo: Demo) -> None:
    answer = one_demo.http.post("/demo/texts", data={"phone": "bram", "number": BRAM, "text": ""})
    section = dict(re.findall(r'<section id="(\w+)"(.*?)</section>', answer.text, re.DOTALL))
    assert [name for name, drawn in section.items() if "rien à envoyer" in drawn] == ["bram"]
    assert "Bienvenue" in section["bram"]
    assert "<li" not in section["anyone"]


def test_only_the_page_itself_can_send_and_turn_the_clock(one_demo: Demo) -> None:
    http = one_demo.http
    for path, fields in (("/demo/texts", {"number": AMINA, "text": "STOP"}), ("/demo/time", {"skip": "1d"})):
        assert http.get(path).status_code == 405
        assert http.post(path, data=fields, headers={"Origin": "https://elsewhere.example"}).status_code == 403
        assert http.post(path, data=fields, headers={"Host": "elsewhere.example"}).status_code == 400
    assert http.post("/demo/time", data={"skip": "1y"}).status_code == 422
    assert http.post("/webhooks/inbound", data={"msisdn": "32470123400"}).status_code in (401, 503)


def test_the_page_is_plain_and_loads_nothing_from_elsewhere(one_demo: Demo) -> None:
    assert 'href="/demo' in one_demo.http.get("/").text
    one_demo.sends("0499 12 34 57", "<b>fett</b>")
    answer = one_demo.http.get("/demo?number=0499123457")
    assert "&lt;b&gt;fett&lt;/b&gt;" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>|https?://", answer.text)
    for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text):
        assert one_demo.http.get(asset).status_code == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_rehearsal_ends_cleanly_and_leaves_nothing_behind(start: Callable[[], Demo], how: signal.Signals) -> None:
    demo = start()
    assert [folder.name[:13] for folder in (demo.folder / "tmp").iterdir()] == ["smsgate-demo-"]
    demo.process.send_signal(how)
    assert demo.process.wait(20) == 0
    assert list((demo.folder / "tmp").iterdir()) == []
    assert len(demo.said.read_text().splitlines()) == 1
    assert demo.complained.read_text() == ""


def test_a_port_that_is_taken_is_said_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = [sys.executable, "-m", "smsgate", "demo", "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("at", "hours"),
    [
        ("2026-11-23T10:00+01:00", 22.5),
        ("2026-11-23T02:00+01:00", 6.5),
        ("2026-03-28T12:00+01:00", 19.5),  # summer time comes at night: one hour less
        ("2026-10-24T12:00+02:00", 21.5),  # and goes: one more
    ],
)
def test_the_next_morning_is_half_past_eight_on_the_wall(at: str, hours: float) -> None:
    as_of = datetime.fromisoformat(at).astimezone(UTC)
    assert next_morning(as_of, BRUSSELS) == timedelta(hours=hours)
    assert is_office_hour(as_of + next_morning(as_of, BRUSSELS), BRUSSELS)
