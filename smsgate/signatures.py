"""Is it Vonage? The signature of a call, by each of the schemes an account can have."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt

MAX_AGE_SECONDS = 15 * 60
RECEIPT_MAX_AGE_SECONDS = 72 * 3600
CLOCK_SKEW_SECONDS = 60
LONGEST_TIMESTAMP = 12  # digits, in seconds


class NotSigned(Exception):
    """There is no signature, or it is too old to tell: Vonage brings the call again, signed anew."""


class WrongSignature(Exception):
    """This call is not from Vonage."""


def check_fields(fields: Mapping[str, str], secret: str, method: str, as_of: datetime, max_age: int) -> None:
    """The SMS API signs the fields themselves. Raises NotSigned or WrongSignature.

    The scheme, as Vonage documents it: every field but sig, sorted by name, with & and = in the values replaced by _,
    as &name=value; then plain MD5 with the secret at the end (md5hash) or an HMAC keyed with it.
    """
    signature = fields.get("sig")
    if not signature or not secret:
        raise NotSigned("sig is missing, or our secret is")
    if any("&" in name or "=" in name for name in fields):
        # Names are not escaped: two fields folded into one name would carry the signature of both.
        raise WrongSignature("a field's name holds & or =")
    if not hmac.compare_digest(
        signature.lower().encode("utf-8", "replace"), sign_fields(fields, secret, method).encode()
    ):
        raise WrongSignature("sig does not match")
    check_age(fields.get("timestamp"), as_of, max_age)


def sign_fields(fields: Mapping[str, str], secret: str, method: str) -> str:
    """The signature the SMS API puts on these fields, as lower-case hex."""
    canonical = "".join(
        f"&{name}={fields[name].replace('&', '_').replace('=', '_')}" for name in sorted(fields) if name != "sig"
    ).encode("utf-8", "surrogatepass")
    if method == "md5hash":
        return hashlib.md5(canonical + secret.encode(), usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), canonical, method).hexdigest()


def check_bearer(
    authorization: str | None, body: bytes, secret: str, api_key: str, as_of: datetime, max_age: int
) -> None:
    """The Messages API signs with a JWT over the hash of the body. Raises NotSigned or WrongSignature."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token or not secret:
        raise NotSigned("the bearer token is missing, or our secret is")
    claims = read_token(token, secret)
    body_hash = str(claims.get("payload_hash", "")).lower()
    if not hmac.compare_digest(body_hash.encode("utf-8", "replace"), hashlib.sha256(body).hexdigest().encode()):
        raise WrongSignature("the token is for another body")
    if api_key and claims.get("api_key") != api_key:
        raise WrongSignature("the token is for another account")
    check_age(str(claims.get("iat", "")), as_of, max_age)


def read_token(token: str, secret: str) -> dict[str, Any]:
    """The claims of a token that this secret signed. Raises WrongSignature."""
    try:
        # Age is checked by check_age: PyJWT has no word on old tokens, and no mercy on a clock a second ahead.
        claims: dict[str, Any] = jwt.decode(
            token, secret, algorithms=["HS256"], options={"verify_iat": False, "verify_aud": False}
        )
    except (jwt.PyJWTError, ValueError) as fault:
        raise WrongSignature(type(fault).__name__) from None
    return claims


def check_age(timestamp: str | None, as_of: datetime, max_age: int) -> None:
    """Raises NotSigned for a call signed longer than max_age seconds ago, or in the future, or at no time at all."""
    if not (timestamp and timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP):
        raise NotSigned("the time of signing is missing")
    age = as_of.timestamp() - int(timestamp)
    if not -CLOCK_SKEW_SECONDS <= age <= max_age:
        raise NotSigned("signed too long ago, or in the future: are our clocks right?")
