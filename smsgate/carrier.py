"""The only file that knows how Vonage sends; and a rehearsal carrier for the demo.

The SDK's own packages for the two APIs are used directly: the umbrella package loads ten more that we do not need.
"""

import logging
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from keywords.segments import cost
from smsgate.settings import Settings

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20  # the SDK takes whole seconds; without one it waits for ever

# Source: Vonage, SMS API error codes; statuses inside an answer of HTTP 200.
TRY_AGAIN = frozenset({"1", "5", "10"})  # throttled, internal, too many binds
OUR_ACCOUNT = frozenset({"4", "8", "9", "14", "15"})  # credentials, barred, no credit, signature, sender
WAIT = re.compile(r"wait \[ (\d+) \]")


class Trouble(Enum):
    """What kind of failure it was."""

    TEMPORARY = "temporary"  # the same letter may go later
    UNCERTAIN = "uncertain"  # it may have gone: only a receipt can tell
    ACCOUNT = "account"  # no letter can go until somebody mends the account
    PERMANENT = "permanent"  # this letter can never go


class SendFailed(Exception):
    """The carrier did not take a letter. The reason holds neither number nor words."""

    def __init__(self, reason: str, trouble: Trouble, wait_seconds: float = 0) -> None:
        super().__init__(reason)
        self.reason, self.trouble, self.wait_seconds = reason, trouble, wait_seconds


@dataclass(frozen=True, slots=True)
class Sent:
    """The carrier has taken a letter; price and balance are in euro, as text, where it says them."""

    carrier_ref: str
    price: str | None = None
    balance: str | None = None


class Carrier(Protocol):
    """Whoever brings our letters to a phone."""

    def send(self, number: str, text: str, ref: str) -> Sent:
        """Send one text; ref comes back in its receipt. Raises SendFailed."""


class Vonage:
    """The real carrier, through its SDK. One client a thread and an API, as the SDK's clients are not to be shared."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.local = threading.local()
        logging.getLogger("vonage").setLevel(logging.CRITICAL)  # its DEBUG and WARNING print numbers and texts
        os.environ["NETRC"] = os.devnull  # requests would let a .netrc replace our credentials

    def send(self, number: str, text: str, ref: str) -> Sent:
        """Send one text by the API that the settings name. Raises SendFailed."""
        import requests

        client = self._client()
        try:
            return (
                self._by_messages(client, number, text, ref)
                if self._messages_api
                else self._by_sms(client, number, text, ref)
            )
        except requests.exceptions.RequestException as fault:
            raise _no_answer(fault) from None
        except SendFailed:
            raise
        except Exception as fault:  # noqa: BLE001 - the SDK raises KeyError, TypeError and its own kinds alike
            raise _bad_answer(client, fault) from None

    @property
    def _messages_api(self) -> bool:
        return bool(self.settings["vonage.api"] == "messages")

    def _client(self) -> Any:
        if not hasattr(self.local, "client"):
            from vonage_http_client import Auth, HttpClient, HttpClientOptions

            key, secret = self.settings["vonage.api_key"], self.settings["vonage.api_secret"]
            application = self.settings["vonage.application_id"] if self._messages_api else ""
            self.local.client = HttpClient(
                Auth(
                    api_key=key,
                    api_secret=secret or None,
                    application_id=application or None,
                    private_key=self.settings["vonage.private_key"] if application else None,
                ),
                HttpClientOptions(
                    rest_host=self.settings["vonage.rest_host"],
                    api_host=self.settings["vonage.api_host"],
                    timeout=TIMEOUT_SECONDS,
                    pool_maxsize=1,  # the SDK resends a dropped POST as often as its pool is large
                    max_retries=0,
                ),
            )
        return self.local.client

    def _by_sms(self, client: Any, number: str, text: str, ref: str) -> Sent:
        from vonage_sms import Sms, SmsMessage

        message = SmsMessage(
            to=number,
            from_=self.settings["service.number"],
            text=text,
            client_ref=ref,
            type=None if cost(text).gsm7 else "unicode",
        )
        answer = Sms(client).send(message).messages[0]
        return Sent(answer.message_id or "", answer.message_price, answer.remaining_balance)

    def _by_messages(self, client: Any, number: str, text: str, ref: str) -> Sent:
        from vonage_messages import Messages
        from vonage_messages.models import Sms, SmsOptions
        from vonage_messages.models.enums import EncodingType

        message = Sms(
            to=number,
            from_=self.settings["service.number"],
            text=text,
            client_ref=ref,
            sms=None if cost(text).gsm7 else SmsOptions(encoding_type=EncodingType.UNICODE),
        )
        return Sent(Messages(client).send(message).message_uuid)


class Rehearsal:
    """A carrier for the demo: every letter arrives at once, on a drawn phone."""

    def __init__(self, deliver: Callable[[str, str], None]) -> None:
        self.deliver = deliver

    def send(self, number: str, text: str, ref: str) -> Sent:
        """Show the text on the phone with this number."""
        self.deliver(number, text)
        return Sent(f"rehearsal-{ref}")


def _no_answer(fault: Exception) -> SendFailed:
    """Refused before anything was sent is certainly not sent; anything later may have arrived."""
    import requests
    import urllib3

    cause = fault.args[0] if fault.args else None
    never_connected = isinstance(
        getattr(cause, "reason", None), urllib3.exceptions.NewConnectionError | urllib3.exceptions.SSLError
    )
    if never_connected or isinstance(fault, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return SendFailed("no connection", Trouble.TEMPORARY)
    return SendFailed(f"no answer: {type(fault).__name__}", Trouble.UNCERTAIN)


def _bad_answer(client: Any, fault: Exception) -> SendFailed:
    """What the carrier answered, where the SDK could make nothing of it but an exception."""
    from pydantic import ValidationError

    if isinstance(fault, ValidationError) and fault.title in ("SmsMessage", "Sms"):
        return SendFailed("the letter cannot be written as an SMS", Trouble.PERMANENT)
    response = getattr(fault, "response", None)
    if response is None or not hasattr(response, "status_code"):
        response = client.last_response if client._last_response is not None else None
    if response is None:
        return SendFailed(type(fault).__name__, Trouble.UNCERTAIN)
    status = response.status_code
    if status in (401, 402, 403):
        return SendFailed(f"HTTP {status}", Trouble.ACCOUNT)
    if status == 429 or status >= 500:
        return SendFailed(f"HTTP {status}", Trouble.TEMPORARY)
    if status >= 400:
        return SendFailed(f"HTTP {status}", Trouble.PERMANENT)
    return _status_of(response)


def _status_of(response: Any) -> SendFailed:
    """The SMS API's own status, inside an answer of HTTP 200."""
    try:
        answers = response.json()["messages"]
        refused = next(answer for answer in answers if str(answer["status"]) != "0")
        code, why = str(refused["status"]), str(refused.get("error-text", ""))
    except (ValueError, KeyError, TypeError, StopIteration):
        return SendFailed("an answer that cannot be read", Trouble.UNCERTAIN)
    if code in TRY_AGAIN:
        told = WAIT.search(why)
        return SendFailed(f"status {code}", Trouble.TEMPORARY, int(told[1]) / 1000 if told else 0)
    return SendFailed(f"status {code}", Trouble.ACCOUNT if code in OUR_ACCOUNT else Trouble.PERMANENT)
