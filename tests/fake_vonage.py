"""Vonage at the border: a local HTTPS server that answers sends as Vonage does, and calls us as Vonage does."""

import base64
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import trustme


@dataclass
class Sent:
    """One send, as it came over the wire."""

    path: str
    headers: dict[str, str]
    fields: dict[str, Any]

    @property
    def to(self) -> str:
        return str(self.fields["to"])

    @property
    def text(self) -> str:
        return str(self.fields["text"])

    @property
    def ref(self) -> str:
        return str(self.fields.get("client-ref") or self.fields.get("client_ref"))

    @property
    def credentials(self) -> str:
        return base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()


def accepted(sent: Sent, number: int) -> tuple[int, str]:
    """What Vonage answers when all is well."""
    if sent.path == "/v1/messages":
        return 202, json.dumps({"message_uuid": f"00000000-0000-4000-8000-{number:012d}"})
    message = {
        "to": sent.to,
        "message-id": f"0A{number:014X}",
        "status": "0",
        "remaining-balance": "12.34560000",
        "message-price": "0.07000000",
        "network": "20610",
        "client-ref": sent.ref,
    }
    return 200, json.dumps({"message-count": "1", "messages": [message]})


def refused(status: str, why: str) -> str:
    """An error of the SMS API: it comes inside HTTP 200."""
    return json.dumps({"message-count": "1", "messages": [{"status": status, "error-text": why}]})


Answer = Callable[[Sent, int], tuple[int, str] | None]


@dataclass
class FakeVonage:
    """answers holds what the next sends get, answers_to what those to a number get, otherwise what all others get.

    An answer of None drops the connection.
    """

    sent: list[Sent] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    answers_to: dict[str, Answer] = field(default_factory=dict)
    otherwise: Answer = accepted

    def __post_init__(self) -> None:
        self.authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("127.0.0.1").configure_cert(context)
        vonage, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length).decode()
                if len(body.encode()) < length:
                    return  # whoever was writing was killed in the middle of it
                is_json = "json" in self.headers["Content-Type"]
                fields = json.loads(body) if is_json else dict(parse_qsl(body, keep_blank_values=True))
                sent = Sent(self.path, dict(self.headers), fields)
                with lock:
                    vonage.sent.append(sent)
                    number = len(vonage.sent)
                    answer = (
                        vonage.answers.pop(0) if vonage.answers else vonage.answers_to.get(sent.to, vonage.otherwise)
                    )
                answered = answer(sent, number)
                if answered is None:
                    self.close_connection = True
                    return
                status, said = answered
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said.encode())))
                self.end_headers()
                self.wfile.write(said.encode())

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a client that went away is what some tests are about

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def reset(self) -> None:
        self.sent.clear()
        self.answers.clear()
        self.answers_to.clear()
        self.otherwise = accepted

    def texts_to(self, number: str) -> list[str]:
        return [sent.text for sent in self.sent if sent.to == number]
