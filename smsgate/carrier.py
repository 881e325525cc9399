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
from pathlib import Path
from typing import Any, Protocol

from keywords.segments import cost
from smsgate.settings import Settings

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10  # the SDK takes whole seconds; without one it waits for ever

# Source: Vonage, SMS API error codes; statuses inside an answer of HTTP 200.
TRY_AGAIN = frozenset({"1", "5", "10"})  # throttled, internal, too many binds
OUR_ACCOUNT = {
    "4": "it does not accept our key and secret",
    "8": "our account is barred",
    "9": "our account has no credit left",
    "11": "our account may not use this API",
    "14": "it does not accept our signature",
}
BAD_SENDER = "15"  # our number may not write to this one: a foreign network's rule, or ours is wrong and nothing goes
BARRED = "7"  # the number is on a list of those that get no messages
NOT_THIS_LETTER = frozenset({400, 422})
REFUSES_US = {401: "it does not accept our key and secret", 402: "our account has no credit left"}
MAY_HAVE_GONE = 504  # their gateway did not wait for the answer
BUSY = frozenset({408, 409, 420, 421, 425, 429})  # any other 4xx: our address, key or credit
WAIT = re.compile(r"wait \[ (\d+) \]")


class Trouble(Enum):
    """What kind of failure it was."""

    TEMPORARY = "temporary"  # the same letter may go later
    UNCERTAIN = "uncertain"  # it may have gone: only a receipt can tell
    SENDER = "sender"  # as long as no letter goes to anybody it is temporary; else this letter can never go
    ACCOUNT = "account"  # no letter can go until somebody mends the account
    PERMANENT = "permanent"  # this letter can never go
    GONE = "gone"  # no letter can go to this number any more


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

        client = None
        try:
            client = self._client()
            client._last_response = None  # that of the letter before says nothing about this one
            if self._messages_api:
                return self._by_messages(client, number, text, ref)
            return self._by_sms(client, number, text, ref)
        except requests.exceptions.RequestException as fault:
            raise _no_answer(fault) from None
        except Exception as fault:  # noqa: BLE001 - the SDK raises KeyError, TypeError and its own kinds alike
            return _outcome(fault, client._last_response if client else None)

    @property
    def _messages_api(self) -> bool:
        return bool(self.settings["vonage.api"] == "messages")

    def _client(self) -> Any:
        if not hasattr(self.local, "client"):
            from vonage_http_client import Auth, HttpClient, HttpClientOptions

            key, secret = self.settings["vonage.api_key"], self.settings["vonage.api_secret"]
            application = self.settings["vonage.application_id"] if self._messages_api else ""
            private_key = Path(self.settings["vonage.private_key"]).read_text(encoding="ascii") if application else None
            self.local.client = HttpClient(
                Auth(
                    api_key=key,
                    api_secret=secret or None,
                    application_id=application or None,
                    private_key=private_key,
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


def unfit(settings: Settings) -> list[str]:
    """What keeps the account from being used at all; found without a call."""
    try:
        client = Vonage(settings)._client()
        if settings["vonage.api"] == "messages" and settings["vonage.application_id"]:
            client.auth.create_jwt_auth_string()
    except Exception as fault:  # noqa: BLE001 - the SDK has a dozen ways to say so
        return [f"vonage: the SDK cannot use these settings ({type(fault).__name__}); is private_key the right file?"]
    return []


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

    never_connected = (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)
    reason = getattr(fault.args[0] if fault.args else None, "reason", None)
    if isinstance(fault, never_connected) or isinstance(reason, urllib3.exceptions.NewConnectionError):
        return SendFailed("no connection", Trouble.TEMPORARY)
    if "CERTIFICATE_VERIFY_FAILED" in str(fault):
        return SendFailed("their certificate is not trusted", Trouble.ACCOUNT)
    return SendFailed(f"no answer: {type(fault).__name__}", Trouble.UNCERTAIN)


def _outcome(fault: Exception, response: Any) -> Sent:
    """What the carrier answered, where the SDK made an exception of it. Returns Sent or raises SendFailed."""
    from pydantic import ValidationError

    if response is None and isinstance(fault, ValidationError):
        raise SendFailed("the letter cannot be written as an SMS", Trouble.PERMANENT) from None
    if response is None:  # nothing was sent: our key, our settings
        raise SendFailed(f"the account cannot be used: {type(fault).__name__}", Trouble.ACCOUNT) from None
    status = response.status_code
    if 200 <= status < 300:
        return _read_answer(response)
    if status in NOT_THIS_LETTER:
        raise SendFailed(f"HTTP {status}", Trouble.PERMANENT) from None
    if status == MAY_HAVE_GONE:
        raise SendFailed(f"HTTP {status}", Trouble.UNCERTAIN) from None
    if status in BUSY or status >= 500:
        raise SendFailed(f"HTTP {status}", Trouble.TEMPORARY) from None
    raise SendFailed(f"HTTP {status}: {REFUSES_US.get(status, 'it refuses our calls')}", Trouble.ACCOUNT) from None


def _read_answer(response: Any) -> Sent:
    """The SMS API's own statuses, inside an answer of HTTP 200; one part taken is a letter taken."""
    try:
        parts = response.json()["messages"]
        refused = [part for part in parts if str(part["status"]) != "0"]
        taken = [part for part in parts if str(part["status"]) == "0"]
        if taken:
            first = taken[0]
            return Sent(str(first.get("message-id", "")), first.get("message-price"), first.get("remaining-balance"))
        code, why = str(refused[0]["status"]), str(refused[0].get("error-text", ""))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise SendFailed("an answer that cannot be read", Trouble.UNCERTAIN) from None
    if code in TRY_AGAIN:
        told = WAIT.search(why)
        raise SendFailed(f"status {code}", Trouble.TEMPORARY, int(told[1]) / 1000 if told else 0)
    if code == BAD_SENDER:
        raise SendFailed(f"status {code}: it does not accept our number as the sender", Trouble.SENDER)
    if code in OUR_ACCOUNT:
        raise SendFailed(f"status {code}: {OUR_ACCOUNT[code]}", Trouble.ACCOUNT)
    raise SendFailed(f"status {code}", Trouble.GONE if code == BARRED else Trouble.PERMANENT)
