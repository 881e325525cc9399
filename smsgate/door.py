"""Who may see the operators' pages: one name, one password kept as a hash, and patience with nobody who guesses."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import anyio
from pyrate_limiter import Duration, InMemoryBucket, Limiter, Rate
from pyrate_limiter.limiter import SingleBucketFactory
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from smsgate import passwords
from smsgate.clock import Clock
from smsgate.settings import Settings

# Wrong passwords from one address; each also costs a twentieth of a second of argon2, one after the other.
WRONG_ANSWERS = Rate(5, Duration.MINUTE)
ADDRESSES_REMEMBERED = 1024
LONGEST_NAME = 60
REALM = {"WWW-Authenticate": 'Basic realm="smsgate", charset="UTF-8"', "Cache-Control": "no-store"}

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Keys:
    """What somebody typed to get in."""

    user: str
    password: str


class Door:
    """Lets operators in, and nobody else."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.user: str = settings["status.user"]
        self.password_hash: str = settings["status.password_hash"]
        # Ours to the browser; a proxy may put another into the request.
        self.host = settings["service.public_url"].partition("://")[2].partition("/")[0] or None
        self.clock = clock
        self.one_at_a_time = anyio.CapacityLimiter(1)  # a hash takes 64 MiB: a crowd of guessers gets no more
        self.known = secrets.token_bytes(32)  # keyed anew at each start
        self.let_in: set[bytes] = set()
        self.guesses = lru_cache(maxsize=ADDRESSES_REMEMBERED)(_patience)

    def guards(self, handler: Handler) -> Handler:
        """This page, for operators only."""

        async def guarded(request: Request) -> Response:
            refusal = await self.refusal(request)
            return refusal or await handler(request)

        return guarded

    async def refusal(self, request: Request) -> Response | None:
        """Why this request is not let in; None if it is."""
        if not self.password_hash:
            return PlainTextResponse("Closed: run `smsgate password` and put what it prints in the settings.\n", 503)
        keys = read_keys(request.headers.get("authorization", ""))
        if keys is None:
            return PlainTextResponse("Who is there?\n", 401, REALM)
        if self._fingerprint(keys) in self.let_in:
            return None
        address = request.client.host if request.client else ""
        if not self.guesses(address).try_acquire("guess", blocking=False):
            return PlainTextResponse("Too many wrong passwords: wait a minute.\n", 429, {"Retry-After": "60"})
        async with self.one_at_a_time:
            if not await run_in_threadpool(self.is_right, keys):
                return PlainTextResponse("That is not the name and password of the settings.\n", 401, REALM)
        self.let_in.add(self._fingerprint(keys))
        return None

    def is_right(self, keys: Keys) -> bool:
        """Whether these are the name and the password; it takes as long for a wrong name."""
        ours = f"{self.user}+"  # operator, or operator+nadia, so that it is kept who did what
        named = hmac.compare_digest(f"{keys.user}+"[: len(ours)].encode(), ours.encode())
        return passwords.fits(keys.password, self.password_hash) and named

    def who(self, request: Request) -> str:
        """The name under which somebody has come in: operator, or operator+nadia."""
        keys = read_keys(request.headers.get("authorization", ""))
        return keys.user[:LONGEST_NAME] if keys else ""

    def form_key(self) -> str:
        """What a form of ours carries, and nobody else's can: the same for all processes, another every day."""
        return self._form_key(self.clock())

    def is_ours(self, request: Request, key: str) -> bool:
        """Whether a posted form came from a page of ours, drawn today or yesterday."""
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("://")[2] not in (request.headers.get("host"), self.host):
            return False
        days = (self.clock(), self.clock() - timedelta(days=1))
        return any(hmac.compare_digest(key.encode(), self._form_key(day).encode()) for day in days)

    def _form_key(self, day: datetime) -> str:
        return hmac.new(self.password_hash.encode(), f"form {day:%Y-%m-%d}".encode(), hashlib.sha256).hexdigest()

    def _fingerprint(self, keys: Keys) -> bytes:
        return hmac.new(self.known, f"{keys.user}\0{keys.password}".encode(), hashlib.sha256).digest()


def read_keys(authorization: str) -> Keys | None:
    """The name and password of HTTP Basic (RFC 7617), or None for anything else."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except ValueError:  # not base64, or not UTF-8
        return None
    return Keys(user, password) if colon else None


def _patience(_: str) -> Limiter:
    return Limiter(SingleBucketFactory(InMemoryBucket([WRONG_ANSWERS]), schedule_leak=False))
