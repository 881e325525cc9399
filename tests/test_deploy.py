"""What is handed to those who install it: complete, true to the commands and settings there are, and discreet."""

import configparser
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from db.models import Text
from smsgate.cli import main
from smsgate.settings import KEYS, variable
from tests.installation import free_port
from tests.town import PEOPLE, Town, until

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
ROOMS = ("smsgate", "keywords", "db")
VARIABLES = {*map(variable, KEYS), "SMSGATE_SETTINGS"}
TELL = [*sorted(DEPLOY.iterdir()), ROOT / "Dockerfile", *sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]


@pytest.mark.parametrize("room", ROOMS)
def test_everything_a_room_needs_is_packed(room: str) -> None:
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"][room]
    known = {file for pattern in packed for file in (ROOT / room).glob(pattern)}
    modules = {file for file in (ROOT / room).rglob("*.py") if (file.parent / "__init__.py").exists()}
    there = {file for file in (ROOT / room).rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    assert there - known - modules == set()


def test_an_image_takes_in_what_is_packed_and_nothing_else() -> None:
    first, *rest = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] not in ("", "#")]
    assert first == "*"
    let_in = {line.removeprefix("!") for line in rest if line.startswith("!")}
    assert let_in == {*ROOMS, "pyproject.toml", "constraints.txt", "README.md", "LICENSE"}


@pytest.mark.parametrize("file", TELL, ids=lambda file: str(file.relative_to(ROOT)))
def test_only_commands_and_settings_that_exist_are_named(file: Path) -> None:
    said = file.read_text(encoding="utf-8")
    assert set(re.findall(r"SMSGATE_[A-Z_]+[A-Z]", said)) <= VARIABLES
    for command in re.findall(r"(?:^ {4,}|`|bin/)smsgate ([a-z]+)", said, re.MULTILINE):
        assert command in main.commands, f"{file.name}: smsgate {command}"


def test_the_unit_and_the_image_start_the_service() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read_string((DEPLOY / "smsgate.service").read_text())
    assert unit["Service"]["ExecStart"] == "/opt/smsgate/bin/smsgate serve"
    said = (ROOT / "Dockerfile").read_text()
    assert 'ENTRYPOINT ["smsgate"]\nCMD ["serve"]' in said
    assert re.search(r"^USER [1-9]", said, re.MULTILINE), "a number that is not root's, as Kubernetes asks"


class InFront:
    """A web server in front of a town, set up as deploy/ says, and all that it writes."""

    def __init__(self, kind: str, folder: Path, upstream: str) -> None:
        self.folder, self.url = folder, f"http://127.0.0.1:{(port := free_port())}"
        said = (DEPLOY / {"nginx": "nginx.conf", "caddy": "Caddyfile"}[kind]).read_text()
        said = said.replace("127.0.0.1:8000", upstream)
        if kind == "nginx":
            said = said.replace("/var/log/nginx", str(folder))
            said = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", said, flags=re.DOTALL)
            said = re.sub(r"\n    (listen \[|ssl_).*", "", said).replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
            said = f"error_log stderr; pid {folder}/pid; events {{}} http {{ {_temporary(folder)} {said} }}"
            command = ["nginx", "-e", "stderr", "-g", "daemon off; user root;", "-c", str(folder / "conf")]
        else:
            said = said.replace("{\n", "{\n\tadmin off\n", 1).replace("sms.example.org {", f"{self.url} {{")
            command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "conf")]
        (folder / "conf").write_text(said)
        environment = {"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        with (folder / "said").open("wb") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self.http = httpx2.Client(base_url=self.url, timeout=20)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "said").read_text()
        try:
            return self.http.get("/healthz").status_code == 200
        except httpx2.TransportError:
            return False

    def written(self) -> str:
        """Everything in its folder but what we wrote there ourselves."""
        files = [file for file in self.folder.rglob("*") if file.is_file() and file.name != "conf"]
        return "\n".join(file.read_text(errors="replace") for file in files)

    def end(self) -> None:
        self.http.close()
        self.process.terminate()
        self.process.wait(20)


def _temporary(folder: Path) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)


@pytest.fixture(params=["nginx", "caddy"])
def in_front(request: pytest.FixtureRequest, tmp_path: Path, town: Town) -> Iterator[InFront]:
    if not shutil.which(request.param, path="/usr/sbin:/usr/bin:/sbin:/bin"):
        pytest.skip(f"there is no {request.param} here: apt-get install {request.param}")
    folder = tmp_path / "front"
    folder.mkdir()
    front = InFront(request.param, folder, town.address.removeprefix("http://"))
    try:
        until(front.is_ready, f"{request.param} is ready")
        yield front
    finally:
        front.end()


@pytest.mark.only_on("sqlite", "what is in front does not know the database")
def test_the_web_server_in_front_writes_no_number_and_no_word_anywhere(in_front: InFront, town: Town) -> None:
    call = town.fields("amina", "AIDE 1050 courses Zenobie")
    assert in_front.http.get("/webhooks/inbound", params=call).status_code == 200
    assert [text.words for text in Text.select()] == ["AIDE 1050 courses Zenobie"]
    changed = call | {"text": "AIDE 1050 autre chose"}
    assert in_front.http.get("/webhooks/inbound", params=changed).status_code == 401
    assert in_front.http.post("/webhooks/inbound", data=call | {"text": "Zenobie" * 3000}).status_code == 413
    assert in_front.http.get("/webhooks/inbound", params=call | {"text": "Zenobie" * 3000}).status_code in (413, 414)
    assert in_front.http.get("/metrics").status_code == 404
    town.server.should_exit = True
    town.thread.join()
    assert in_front.http.get("/webhooks/inbound", params=call).status_code == 502, "Vonage brings it again"
    assert in_front.http.post("/webhooks/inbound", data=call).status_code == 502
    in_front.end()
    written = in_front.written()
    assert written.count("/webhooks/inbound") >= 5
    for secret in (PEOPLE["amina"], PEOPLE["amina"][2:], "Zenobie", "courses", "msisdn"):
        assert secret not in written
