"""The same web server, the same checks, and nothing stored: what no gate in front of a database can beat.

python -m bench.peers.floor
"""

from collections.abc import Callable
from typing import Any

from smsgate import app, server, settings
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
    server.run_web(settings.read())


if __name__ == "__main__":
    main()
