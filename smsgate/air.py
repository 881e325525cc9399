"""The air of the rehearsal: what the drawn phones say and hear, and the mast that brings their texts to our gate."""

import http.client
import secrets
import threading
import urllib.parse
from dataclasses import dataclass
from datetime import datetime

from smsgate.clock import Clock
from smsgate.settings import Settings
from smsgate.signatures import sign_fields

TIMEOUT_SECONDS = 10
ATTEMPTS = 3  # Vonage brings a text again, signed anew, when it is answered 5xx


@dataclass(frozen=True, slots=True)
class Message:
    """One text in the air: from_phone is true for what a phone sent, false for what it received."""

    id: int
    number: str
    from_phone: bool
    words: str
    at: datetime


class Air:
    """Every text that a drawn phone sent or received, in memory, in the order it happened."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.name = secrets.token_hex(4)  # a page that was left open notices that another rehearsal has begun
        self.lock = threading.Lock()
        self.messages: list[Message] = []

    def sent(self, number: str, words: str) -> None:
        """The phone with this number sent a text."""
        self._keep(number, True, words)

    def received(self, number: str, words: str) -> None:
        """The phone with this number received a text."""
        self._keep(number, False, words)

    def after(self, last: int) -> list[Message]:
        """What happened after the message with this id; 0 for all."""
        with self.lock:
            return self.messages[max(last, 0) :]

    def of(self, number: str) -> list[Message]:
        """The conversation on the phone with this number."""
        return [message for message in self.after(0) if message.number == number]

    def _keep(self, number: str, from_phone: bool, words: str) -> None:
        with self.lock:
            self.messages.append(Message(len(self.messages) + 1, number, from_phone, words, self.clock()))


class NotTaken(Exception):
    """Our gate did not take a text; the message says what it answered."""


class Mast:
    """Brings a phone's text to our own gate by HTTP, signed as Vonage signs."""

    def __init__(self, settings: Settings, clock: Clock, port: int) -> None:
        self.settings = settings
        self.clock = clock
        self.port = port

    def bring(self, number: str, words: str) -> None:
        """Bring one text to the gate, as often as it answers 5xx. Raises NotTaken."""
        for _ in range(ATTEMPTS):
            status = self._post(self._signed(number, words))
            if status < 500:
                break
        if status != 200:
            raise NotTaken(f"the gate answered {status}")

    def _signed(self, number: str, words: str) -> dict[str, str]:
        as_of = self.clock()
        fields = {
            "api-key": self.settings["vonage.api_key"],
            "msisdn": number,
            "to": self.settings["service.number"],
            "messageId": secrets.token_hex(8).upper(),
            "text": words,
            "type": "text",
            "keyword": words.split()[0].upper(),
            "message-timestamp": as_of.strftime("%Y-%m-%d %H:%M:%S"),
            "timestamp": str(int(as_of.timestamp())),
            "nonce": secrets.token_hex(16),
        }
        signature = sign_fields(
            fields, self.settings["vonage.signature_secret"], self.settings["vonage.signature_method"]
        )
        return fields | {"sig": signature}

    def _post(self, fields: dict[str, str]) -> int:
        gate = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        try:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            gate.request("POST", "/webhooks/inbound", urllib.parse.urlencode(fields), kind)
            return gate.getresponse().status
        except OSError as fault:
            raise NotTaken(f"the gate did not answer ({type(fault).__name__})") from None
        finally:
            gate.close()
