"""smsgate as it is installed: a folder, a port, and real processes in it."""

import contextlib
import os
import random
import socket
import subprocess
import sys
from pathlib import Path

import httpx2

from smsgate.clock import now
from smsgate.signatures import sign_fields
from tests.fake_vonage import FakeVonage
from tests.town import PEOPLE, SECRET, SERVICE, environment, until

SMSGATE = [sys.executable, "-m", "smsgate"]


def free_port() -> int:
    """A port nobody listens at, below those that calls to elsewhere take: it stays free while a server starts again."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


class Installation:
    """A folder, a port, and the processes started in it."""

    def __init__(self, folder: Path, database_url: str, vonage: FakeVonage) -> None:
        self.folder, self.database_url, self.vonage = folder, database_url, vonage
        self.port = free_port()
        self.environment = os.environ | environment(database_url, vonage.host, service_port=str(self.port))
        self.http = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        self.running: list[subprocess.Popen[bytes]] = []
        self.log = folder / "log.txt"

    def command(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*SMSGATE, *words],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*SMSGATE, *words],
                cwd=self.folder,
                env=self.environment | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.running.append(process)
        return process

    def is_ready(self) -> bool:
        try:
            return self.http.get("/healthz").status_code == 200
        except httpx2.TransportError:
            return False

    def text(self, who: str, words: str, message: str) -> int:
        fields = {
            "api-key": "abcd1234",
            "msisdn": PEOPLE.get(who, who),
            "to": SERVICE,
            "messageId": message,
            "text": words,
            "type": "text",
            "timestamp": str(int(now().timestamp())),
        }
        signed = fields | {"sig": sign_fields(fields, SECRET, "md5hash")}
        return self.http.post("/webhooks/inbound", data=signed).status_code

    def received(self, who: str) -> list[str]:
        return self.vonage.texts_to(PEOPLE.get(who, who))

    def converse(self, who: str, words: str, answers: int) -> None:
        """Somebody texts; wait until they have had that many texts of ours in all."""
        assert self.text(who, words, f"{who}-{words}-{answers}") == 200
        until(lambda: len(self.received(who)) >= answers, f"{who} hears of us after {words}")

    def end(self) -> None:
        self.http.close()
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait()


def processes_in(folder: Path) -> list[int]:
    """Every process that works in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").readlink() == folder and "smsgate" in process.joinpath("cmdline").read_text():
                found.append(int(process.name))
        except OSError:
            continue
    return found
