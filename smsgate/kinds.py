"""How the value of one setting is read from what is written: each raises ValueError with what to write instead."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DURATION = re.compile(r"([0-9]{1,6})([smhd])")
WEB_ADDRESS = re.compile(r"""https?://[^\s/"'<>]+(/[^\s"'<>]*)?""")
LONGEST_HELPLINE = 20  # characters; a letter that names it stays one SMS
AS_IN_THE_DASHBOARD = re.compile(r"""(?!['"])[!-~]*(?<!['"])""")
HELPLINE = re.compile(r"[0-9+(][0-9 +()./-]+")
LONGEST = timedelta(days=3650)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(value: str) -> timedelta:
    """`30s`, `15m`, `24h` or `7d`."""
    found = DURATION.fullmatch(value)
    if not found:
        raise ValueError("write a number and a unit: 30s, 15m, 24h or 7d")
    length = timedelta(**{UNITS[found[2]]: int(found[1])})
    if not timedelta() < length <= LONGEST:
        raise ValueError("write a duration of more than nothing and at most ten years (3650d)")
    return length


def quiet_hours(value: str) -> tuple[time, time] | None:
    """`20:00-08:00`, or empty for none."""
    if not value:
        return None
    try:
        start, end = (datetime.strptime(part.strip(), "%H:%M").time() for part in value.split("-"))  # noqa: DTZ007
    except ValueError:
        raise ValueError("write two times, as in 20:00-08:00, or leave it empty for none") from None
    if start == end:
        raise ValueError("write two different times, as in 20:00-08:00, or leave it empty for none")
    return start, end


def timezone(value: str) -> ZoneInfo:
    """A name of the time-zone database: Europe/Brussels."""
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("write the name of a time zone, as in Europe/Brussels") from None


def number_of_the_service(value: str) -> str:
    """The digits of our own number, without plus or zeros in front: 32460200300."""
    digits = value.replace(" ", "").removeprefix("+").removeprefix("00")
    is_number = digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 15 and digits[0] != "0"
    if digits and not is_number:
        raise ValueError("write the number with its country code, as in 32460200300")
    return digits


def public_address(value: str) -> str:
    """The address by which the service is reached, or empty: https://sms.example.org."""
    if value and not WEB_ADDRESS.fullmatch(value):
        raise ValueError("write the whole address, as in https://sms.example.org")
    return value


def host(value: str) -> str:
    """The name of a server, or its address."""
    if not value or "/" in value or " " in value:
        raise ValueError("write the name of the server alone, without https://")
    return value


def helpline(value: str) -> str:
    """A number to ring, as people are to read it, or empty for none: 0800 12 345."""
    if value and not (len(value) <= LONGEST_HELPLINE and HELPLINE.fullmatch(value)):
        raise ValueError("write the number alone, as people dial it, as in 0800 12 345, or leave it empty for none")
    return value


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number between least and most."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise ValueError(f"write a whole number from {least} to {most}")
        return int(value)

    return read


def text(value: str) -> str:
    """Anything but nothing."""
    if not value:
        raise ValueError("write something, or leave the line out for the default")
    return value


def as_in_the_dashboard(value: str) -> str:
    """A key, a secret or an id of Vonage's, or empty for none: letters, digits and signs, with no space among them."""
    if not AS_IN_THE_DASHBOARD.fullmatch(value):
        raise ValueError("write it as in the dashboard: without quotes, and nothing after it")
    return value


def user(value: str) -> str:
    """A name to sign in with. HTTP Basic ends it at the first colon (RFC 7617)."""
    if ":" in value:
        raise ValueError("write a name without a colon")
    return text(value)


def password_hash(value: str) -> str:
    """A hash of argon2, or empty for none."""
    if value:
        from smsgate.passwords import is_hash

        if not is_hash(value):
            raise ValueError("run `smsgate password` and write what it prints, never the password itself")
    return value


def one_of(*allowed: str) -> Callable[[str], str]:
    """One of these words."""

    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"write one of: {', '.join(allowed)}")
        return value

    return read
