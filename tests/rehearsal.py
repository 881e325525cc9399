"""`smsgate demo` as people start it, and the phones drawn on its page."""

import html
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import httpx2

from smsgate.demo_cast import joining
from tests.town import PATIENCE_SECONDS, until

AMINA, BRAM, CHLOE = "0470 12 34 00", "0470 12 34 01", "0470 12 34 02"


class Demo:
    """`smsgate demo` as a process, and the phones drawn on its page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said, self.complained = folder / "stdout.txt", folder / "stderr.txt"
        (folder / "tmp").mkdir()
        # What is set on this machine is of no concern to a rehearsal.
        surroundings = os.environ | {"TMPDIR": str(folder / "tmp"), "SMSGATE_VONAGE_API": "telegraph"}
        with self.said.open("wb") as said, self.complained.open("wb") as complained:
            command = [sys.executable, "-m", "smsgate", "demo", "--port", "0"]
            self.process = subprocess.Popen(command, stdout=said, stderr=complained, env=surroundings)
        until(lambda: "\n" in self.said.read_text() or self.process.poll() is not None, "the rehearsal opens")
        found = re.search(r"http://127\.0\.0\.1:\d+", self.said.read_text())
        assert found, self.complained.read_text()
        self.http = httpx2.Client(base_url=found[0], timeout=PATIENCE_SECONDS)
        until(self.have_all_joined, "the volunteers of every language are welcomed")

    def close(self) -> None:
        self.http.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def sends(self, number: str, words: str) -> None:
        answer = self.http.post("/demo/texts", data={"number": number, "text": words})
        assert answer.status_code == 303, answer.text

    def received(self, number: str) -> list[str]:
        digits = "32" + number.replace(" ", "").removeprefix("0")
        messages = self.http.get("/demo/messages.json").json()["messages"]
        return [said["words"] for said in messages if said["number"] == digits and not said["from_phone"]]

    def have_all_joined(self) -> bool:
        messages = self.http.get("/demo/messages.json").json()["messages"]
        return sum(not said["from_phone"] for said in messages) == len(joining())

    def receives(self, number: str, words: str) -> None:
        until(lambda: any(words in text for text in self.received(number)), f"{number} receives {words!r}")

    def passes(self, skip: str) -> None:
        assert self.http.post("/demo/time", data={"skip": skip}).status_code == 303

    def now(self) -> datetime:
        return datetime.fromisoformat(self.http.get("/demo/messages.json").json()["now"]["iso"])

    def page(self, address: str = "/demo") -> str:
        return html.unescape(self.http.get(address).text)

    def introduction(self) -> None:
        self.sends(AMINA, "AIDE 1050 courses")
        self.receives(BRAM, "quelqu'un a besoin d'aide")
        self.receives(CHLOE, "quelqu'un a besoin d'aide")
        self.sends(BRAM, "OUI")
        self.receives(CHLOE, "a déjà dit oui")
        self.receives(AMINA, "Bonne nouvelle")
        assert not any(BRAM in text for text in self.received(AMINA))
        self.sends(AMINA, "OUI")
        self.receives(AMINA, BRAM)
        self.receives(BRAM, AMINA)
