"""Kannel, where Debian's package is installed: a keyword with a fixed reply, between a fake operator and its own inbox.

Texts come by HTTP, as from an operator's gateway; the reply goes to a fake one that answers at once.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from bench.installed import Process, listening
from tests.installation import free_port

# kannel.org, user guide: an SMSC of the kind http, system-type kannel; store-type spool keeps each text in its own file.
CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = bench
smsbox-port = {box}
log-level = 4
store-type = {store}
store-location = {folder}/store

group = smsc
smsc = http
smsc-id = operator
system-type = kannel
port = {port}
send-url = http://127.0.0.1:{operator}/
smsc-username = bench
smsc-password = bench

group = smsbox
bearerbox-host = 127.0.0.1
log-level = 4

group = sms-service
keyword = aide
text = "Nous cherchons quelqu'un."
catch-all = true

group = sms-service
keyword = default
text = "Bonjour."
"""


def is_installed() -> bool:
    """Whether Kannel can be measured here."""
    return bool(shutil.which("bearerbox", path="/usr/sbin:/usr/bin"))


@contextmanager
def kannel(store: str) -> Iterator[int]:
    """Kannel with this way of keeping what it has taken in; gives the port at which texts come in."""
    operator = _operator()
    with TemporaryDirectory(prefix="smsgate-bench-") as name:
        folder, port = Path(name), free_port()
        (folder / "store").mkdir() if store == "spool" else None
        configuration = folder / "kannel.conf"
        configuration.write_text(
            CONFIGURATION.format(
                admin=free_port(), box=free_port(), store=store, folder=folder, port=port, operator=operator.server_port
            )
        )
        running = [Process("/usr/sbin/bearerbox", str(configuration), folder=folder)]
        try:
            listening(port, running[0])
            running.append(Process("/usr/sbin/smsbox", str(configuration), folder=folder))
            yield port
        finally:
            for process in reversed(running):
                process.end()
            operator.shutdown()
            operator.server_close()


def calls(texts: list[tuple[str, str]]) -> list[bytes]:
    """One GET for each text, as an operator's gateway brings it to Kannel."""
    made = []
    for number, words in texts:
        query = urlencode({"username": "bench", "password": "bench", "from": number, "to": "3246", "text": words})
        made.append(f"GET /?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return made


def _operator() -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Every letter is taken."""
            self.send_response(202)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
