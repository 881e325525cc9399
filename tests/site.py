"""The pages anyone may see, served as the service serves them."""

import threading
from pathlib import Path

import httpx2

from smsgate import app, settings
from smsgate.clock import now
from smsgate.server import web_server
from smsgate.tasks import Bells, close_storage
from tests.town import PATIENCE_SECONDS, environment, until


class Site:
    """The web application on a port of its own. It needs no database for these pages, and has none."""

    def __init__(self, folder: Path, **more: str) -> None:
        chosen = settings.read(
            folder / "none.ini", environment(f"sqlite:///{folder / 'none.db'}", "nowhere.invalid", **more)
        )
        self.settings, self.bells = chosen, Bells(chosen)
        self.server = web_server(app.create(chosen, self.bells, now), chosen)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        until(lambda: self.server.started, "the web server starts")
        self.address = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"
        self.http = httpx2.Client(base_url=self.address, timeout=PATIENCE_SECONDS)

    def close(self) -> None:
        self.http.close()
        self.server.should_exit = True
        self.thread.join()
        close_storage(self.bells.huey)
