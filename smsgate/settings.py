"""settings.ini, then the environment; read once; says everything that is wrong at once."""

import configparser
import os
import re
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from db.rules import Quiet, Rules
from keywords.say import languages

SIGNATURE_METHODS = ("md5hash", "md5", "sha1", "sha256", "sha512")
DURATION = re.compile(r"([0-9]{1,6})([smhd])")
LONGEST = timedelta(days=3650)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class WrongSettings(Exception):
    """Everything that is wrong with the settings, one fault a line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


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
        start, end = (time.fromisoformat(part.strip()) for part in value.split("-"))
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
    if value and not value.startswith(("https://", "http://")):
        raise ValueError("write the whole address, as in https://sms.example.org")
    return value


def host(value: str) -> str:
    """The name of a server."""
    if not value or "/" in value:
        raise ValueError("write the name of the server alone, without https://")
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


# Every setting there is: section, key, what it is when nobody says otherwise, and how it is read.
KEYS: tuple[tuple[str, str, str, Callable[[str], Any]], ...] = (
    ("service", "number", "", number_of_the_service),
    ("service", "host", "127.0.0.1", text),
    ("service", "port", "8000", whole(0, 65535)),  # 0: any free one
    ("service", "public_url", "", public_address),
    ("service", "language", "fr", one_of(*languages())),
    ("service", "timezone", "Europe/Brussels", timezone),
    ("service", "helpline", "", str),
    ("database", "url", "sqlite:///smsgate.db", text),
    ("vonage", "api", "sms", one_of("sms", "messages")),
    ("vonage", "api_key", "", str),
    ("vonage", "api_secret", "", str),
    ("vonage", "signature_secret", "", str),
    ("vonage", "signature_method", "md5hash", one_of(*SIGNATURE_METHODS)),
    ("vonage", "application_id", "", str),
    ("vonage", "private_key", "", str),
    ("vonage", "rest_host", "rest.nexmo.com", host),
    ("vonage", "api_host", "api.nexmo.com", host),
    ("vonage", "messages_per_second", "30", whole(1, 10_000)),
    ("matching", "wave_size", "3", whole(1, 100)),
    ("matching", "wave_timeout", "15m", duration),
    ("matching", "radius_km", "20", whole(1, 500)),
    ("matching", "asks_per_week", "3", whole(1, 10_000)),
    ("matching", "confirm_timeout", "2h", duration),
    ("matching", "follow_up_after", "24h", duration),
    ("matching", "quiet_hours", "20:00-08:00", quiet_hours),
    ("limits", "texts_per_hour", "20", whole(1, 10_000)),
    ("limits", "requests_per_day", "5", whole(1, 10_000)),
    ("limits", "volunteers_per_day", "100", whole(1, 100_000)),
    ("privacy", "keep_texts", "30d", duration),
    ("privacy", "keep_people", "365d", duration),
    ("status", "user", "operator", str),
    ("status", "password_hash", "", password_hash),
)

SECRETS = frozenset(
    {
        "database.url",  # PostgreSQL's holds a password
        "vonage.api_secret",
        "vonage.signature_secret",
        "vonage.private_key",
        "status.password_hash",
    }
)


class Settings:
    """Every setting, read and checked: settings["vonage.api_key"]."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __repr__(self) -> str:
        shown = {name: "***" if name in SECRETS and value else value for name, value in self._values.items()}
        return f"Settings({shown})"

    def rules(self) -> Rules:
        """The rules of this town."""
        matching = ("wave_size", "wave_timeout", "radius_km", "asks_per_week", "confirm_timeout", "follow_up_after")
        limits = ("texts_per_hour", "requests_per_day", "volunteers_per_day")
        quiet = self["matching.quiet_hours"]
        return Rules(
            **{key: self[f"matching.{key}"] for key in matching},
            **{key: self[f"limits.{key}"] for key in limits},
            quiet=Quiet(quiet[0], quiet[1], self["service.timezone"]) if quiet else None,
            helpline=self["service.helpline"] or None,
            key=self["vonage.signature_secret"].encode(),
        )


def read(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read settings.ini (may be missing) and SMSGATE_SECTION_KEY, which wins. Raises WrongSettings with every fault."""
    settings, faults = read_with_faults(file, environment)
    if faults:
        raise WrongSettings(faults)
    return settings


def read_with_faults(
    file: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[Settings, list[str]]:
    """The settings, with the default in place of each that cannot be read, and what is wrong with those."""
    environment = os.environ if environment is None else environment
    named = environment.get("SMSGATE_SETTINGS")
    file = file or Path(named or "settings.ini")
    written, faults = _written(file)
    if named and not file.exists():
        faults.append(f"SMSGATE_SETTINGS: there is no file {named}")
    known = {f"{section}.{key}" for section, key, _, _ in KEYS}
    faults += [f"{name}: {file.name} has no such setting; is it misspelt?" for name in written if name not in known]
    misspelt = {name for name in environment if name.startswith("SMSGATE_")} - {
        "SMSGATE_SETTINGS",
        *(f"SMSGATE_{section}_{key}".upper() for section, key, _, _ in KEYS),
    }
    faults += [f"{name}: there is no such setting; is it misspelt?" for name in sorted(misspelt)]
    values: dict[str, Any] = {}
    for section, key, default, how in KEYS:
        name = f"{section}.{key}"
        value = environment.get(f"SMSGATE_{section}_{key}".upper(), written.get(name, default)).strip()
        try:
            values[name] = how(value)
        except ValueError as fault:
            faults.append(f"{name}: {fault}")
            values[name] = how(default)
    return Settings(values), faults


def unfit_for_service(settings: Settings) -> list[str]:
    """What is missing before real texts can come and go; empty when nothing is."""
    asked = {
        "service.number": "write the number you rent from Vonage, as in 32460200300",
        "vonage.signature_secret": "copy it from the dashboard (Settings); without it anyone could send us texts",
        "vonage.api_key": "copy it from the Vonage dashboard",
    }
    if settings["vonage.api"] == "sms" or not settings["vonage.application_id"]:
        asked["vonage.api_secret"] = "copy it from the Vonage dashboard"  # noqa: S105 - advice, not a secret
    if settings["vonage.application_id"]:
        asked["vonage.private_key"] = "write the path of the application's private key file"
    faults = [f"{name}: missing; {remedy}" for name, remedy in asked.items() if not settings[name]]
    key = settings["vonage.private_key"]
    if key and not Path(key).is_file():
        faults.append("vonage.private_key: there is no such file; write the path of the application's private key")
    if key and not settings["vonage.application_id"]:
        faults.append("vonage.application_id: missing; it goes with vonage.private_key")
    return faults


def _written(file: Path) -> tuple[dict[str, str], list[str]]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text(encoding="utf-8-sig"), source=file.name)
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as fault:
        return {}, [f"{file.name}: cannot be read ({type(fault).__name__})"]
    except configparser.Error as fault:
        return {}, [f"{file.name}: {str(fault).splitlines()[0]}"]
    return {f"{section}.{key}": value for section in parser.sections() for key, value in parser[section].items()}, []
