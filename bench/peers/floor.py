"""The same web server, the same checks, and nothing stored: what no gate in front of a database can beat.

python -m bench.peers.floor
"""

from collections.abc import Callable
from typing import Any

from db import connection
from smsgate import app, clock, server, settings
from smsgate.tasks import Bells
from smsgate.writer import Writer


class NoWriter(Writer):
    """Answers at once."""

    def start(self) -> None:
        """Nothing to begin."""

    def stop(self) -> None:
        """Nothing to end."""

    def is_alive(self) -> bool:
        """Always."""
        return True

    async def write(self, keep: Callable[..., None], row: Any) -> None:
        """Keep nothing."""


def main() -> None:
    """Serve until SIGTERM."""
    setattr(app, "Writer", NoWriter)  # noqa: B010 - app does not offer it
    chosen = settings.read()
    server.end_on_signal()
    connection.connect(chosen["database.url"])
    server.web_server(app.create(chosen, Bells(chosen), clock.now), chosen).run()


if __name__ == "__main__":
    main()
