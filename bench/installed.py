"""The service as real processes, as it is installed: started, watched, and ended."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.fake_vonage import FakeVonage
from tests.installation import free_port
from tests.town import NO_LIMITS, environment

ROOT = Path(__file__).parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
SMSGATE = ("-m", "smsgate")


class Process:
    """One process, and what it uses."""

    def __init__(self, *command: str, folder: Path, **environment: str) -> None:
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self.popen = subprocess.Popen(
            command, cwd=folder, env=os.environ | environment, stdout=self.log, stderr=subprocess.STDOUT
        )

    def family(self) -> list[int]:
        """The process and its children, by number."""
        pids = [self.popen.pid]
        for pid in pids:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                pids += [int(child) for child in task.read_text().split()]
        return pids

    def resident_mb(self) -> float:
        """Memory that is in use, of all of them, in MB; what they share counts once (proportional set size)."""
        return sum(_kb(pid) for pid in self.family()) / 1024

    def cpu_seconds(self) -> float:
        """Processor time used so far, of all of them."""
        spent = 0
        for pid in self.family():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            spent += int(fields[11]) + int(fields[12])
        return spent / TICKS

    def end(self) -> None:
        """End it, as systemd would."""
        self.popen.terminate()
        try:
            self.popen.wait(15)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        self.log.close()

    def said(self) -> str:
        """What it printed last."""
        self.log.seek(max(0, self.log.seek(0, 2) - 2000))
        return self.log.read().decode(errors="replace")


class Service:
    """A folder, a database, a fake carrier, and the processes that were started on them."""

    def __init__(self, folder: Path, database_url: str, vonage: FakeVonage, **settings: str) -> None:
        self.folder, self.vonage = folder, vonage
        self.port = free_port()
        # The pace of a carrier; no limits, as a few numbers write everything here.
        given = {"service_port": str(self.port), "vonage_messages_per_second": "30"} | NO_LIMITS | settings
        self.settings = environment(database_url, vonage.host, **given)
        self.running: list[Process] = []

    def start(self, *words: str, **more: str) -> Process:
        """`smsgate` and these words; or `-m module` and its words."""
        command = words if words[0] == "-m" else (*SMSGATE, *words)
        process = Process(sys.executable, *command, folder=self.folder, **self.settings | more)
        self.running.append(process)
        return process

    def until_ready(self, port: int | None = None) -> float:
        """Wait until the web server answers 200; returns how many seconds that took."""
        began = time.monotonic()
        with httpx2.Client(base_url=f"http://127.0.0.1:{port or self.port}", timeout=5) as http:
            while True:
                try:
                    if http.get("/healthz").status_code == 200:
                        return time.monotonic() - began
                except httpx2.TransportError:
                    time.sleep(0.01)
                if time.monotonic() - began > 60:
                    raise RuntimeError(self.running[-1].said())

    def end(self) -> None:
        """End every process."""
        for process in reversed(self.running):
            process.end()
        self.running.clear()


def listening(port: int, process: Process) -> None:
    """Wait until somebody listens at this port."""
    began = time.monotonic()
    while time.monotonic() - began < 60:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(process.said())


@contextmanager
def service(database_url: str | None = None, **settings: str) -> Iterator[Service]:
    """A service with nothing started yet; without a URL on an SQLite file of its own."""
    vonage = FakeVonage()
    with tempfile.TemporaryDirectory(prefix="smsgate-bench-") as name:
        folder = Path(name)
        authority = folder / "authority.pem"
        vonage.authority.cert_pem.write_to_path(str(authority))
        one = Service(folder, database_url or f"sqlite:///{folder}/town.db", vonage, **settings)
        one.settings |= {"REQUESTS_CA_BUNDLE": str(authority), "PYTHONPATH": str(ROOT)}
        try:
            yield one
        finally:
            one.end()
            vonage.close()


def _kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
