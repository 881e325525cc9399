"""The rehearsal: simulated phones in the browser, no account, no network; the whole service in one process."""

import logging
import secrets
import socket
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

import click
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware

from db import connection, inbox, outbox
from smsgate import app, settings
from smsgate.air import Air, Mast, NotTaken
from smsgate.carrier import Rehearsal
from smsgate.clock import MovableClock
from smsgate.demo_cast import joining
from smsgate.demo_page import Page
from smsgate.hours import is_office_hour, next_morning
from smsgate.listening import CannotListen, listen
from smsgate.pages import Pages
from smsgate.server import end_on_signal, web_server
from smsgate.settings import Settings
from smsgate.worker import Worker

HOST = "127.0.0.1"
SETTLES_WITHIN_SECONDS = 3


def run(port: int) -> None:
    """Rehearse on 127.0.0.1 until Ctrl-C or SIGTERM, and leave nothing behind; port 0 is any free one.

    Raises click.ClickException if the port cannot be had.
    """
    with _listen(port) as listening, tempfile.TemporaryDirectory(prefix="smsgate-demo-") as folder:
        end_on_signal()
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        Stage(_settings(Path(folder)), listening).play()


class Stage:
    """The service, the air and the clock of one rehearsal."""

    def __init__(self, chosen: Settings, listening: socket.socket) -> None:
        self.listening = listening
        self.clock = MovableClock()
        if not is_office_hour(self.clock(), chosen["service.timezone"]):
            # At night nobody may be asked anything, and a rehearsal has something to show at any hour.
            self.clock.skip(next_morning(self.clock(), chosen["service.timezone"]))
        self.air = Air(self.clock)
        self.mast = Mast(chosen, self.clock, listening.getsockname()[1])
        connection.connect(chosen["database.url"])
        connection.migrate()
        self.worker = Worker(chosen, Rehearsal(self.air.received), self.clock)
        page = Page(Pages(chosen), self.air, self.clock, self.text, self.settle, self.pass_time)
        self.server = web_server(
            _guarded(app.create(chosen, self.worker.bells, self.clock, page.routes(), rehearsal=True)), chosen
        )

    def play(self) -> None:
        """Serve until a signal ends it: the web here, the worker in threads."""
        self.worker.start()
        end_on_signal()  # once more, as huey's consumer has set its own
        try:
            threading.Thread(target=self.open, name="opening", daemon=True).start()
            self.server.run([self.listening])
        finally:
            self.worker.stop()
            connection.close()

    def open(self) -> None:
        """The volunteers of every language join by text; then the address is told."""
        try:
            for number, words in joining():
                self.text(number, words)
            self.settle()
        except NotTaken:
            if self.server.should_exit:
                return
            raise
        click.echo(f"The rehearsal is open at http://{HOST}:{self.mast.port}/demo (Ctrl-C ends it)")

    def text(self, number: str, words: str) -> None:
        """A phone sends a text the way real ones come. Raises NotTaken."""
        self.air.sent(number, words)
        self.mast.bring(number, words)

    def pass_time(self, skip: timedelta) -> None:
        """Let time pass, and whatever falls due happen."""
        self.settle()  # a letter that is being sent is not to look cut off
        self.clock.skip(skip)
        try:
            self.worker.sweep()
        finally:
            connection.close()
        self.settle()

    def settle(self) -> None:
        """Wait until every text is heard and every due letter has arrived, for a few seconds at most."""
        deadline = time.monotonic() + SETTLES_WITHIN_SECONDS
        try:
            while not self.is_settled() and time.monotonic() < deadline:
                time.sleep(0.01)
        finally:
            connection.close()

    def is_settled(self) -> bool:
        """Whether no text waits to be heard, and no due letter to be sent."""
        if inbox.is_any_waiting(self.clock()):
            return False
        # The clock is read again: what was heard a moment ago is owed from then on.
        return not outbox.owes_any(self.clock())


def _settings(folder: Path) -> Settings:
    """The defaults, a database of its own, and a secret that nobody knows; no file, nothing from the environment."""
    given = {
        "SMSGATE_SERVICE_NUMBER": "32460200300",
        "SMSGATE_SERVICE_HOST": HOST,
        "SMSGATE_DATABASE_URL": f"sqlite:///{folder / 'rehearsal.db'}",
        "SMSGATE_VONAGE_API_KEY": "rehearsal",
        "SMSGATE_VONAGE_SIGNATURE_SECRET": secrets.token_hex(16),
    }
    return settings.read(folder / "none.ini", given)


def _guarded(application: Starlette) -> Starlette:
    """Only for this computer: another name for 127.0.0.1 is a page elsewhere that tries to reach us."""
    application.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    return application


def _listen(port: int) -> socket.socket:
    try:
        return listen(HOST, port)
    except CannotListen as fault:
        advice = "End what runs there, or choose another: make demo PORT=8100, or smsgate demo --port 8100"
        raise click.ClickException(f"{fault} {advice}") from None
