"""The port that is listened on, opened before anything else is started."""

import errno
import socket


class CannotListen(Exception):
    """The port is taken, or not ours to use."""

    def __init__(self, host: str, port: int, fault: OSError) -> None:
        self.is_taken = fault.errno == errno.EADDRINUSE
        why, _, _ = str(fault.strerror).partition(" (")  # what follows names host and port once more
        so = "is taken" if self.is_taken else f"cannot be used ({why})"
        super().__init__(f"Port {port} of {host} {so}.")


def listen(host: str, port: int) -> socket.socket:
    """The open port (0: any free one) of this address of ours. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        opened = socket.create_server((host, port), family=family)
    except OSError as fault:
        raise CannotListen(host, port, fault) from None
    # An answer is written in two parts. The second must not wait until the first is acknowledged; asyncio sees to that
    # only where it has opened the port itself (measured: each page came 44 ms later).
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened
