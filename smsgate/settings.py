"""settings.ini, then the environment; read once; says everything that is wrong at once."""

import configparser
import getpass
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from db.rules import Quiet, Rules
from keywords.say import languages
from smsgate import kinds

SIGNATURE_METHODS = ("md5hash", "md5", "sha1", "sha256", "sha512")


Faults = dict[str, str]  # what to do about it, by the name of the setting, the variable or the file


class WrongSettings(Exception):
    """Everything that is wrong with the settings, one fault a line."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("\n".join(lines(faults)))


# Every setting there is: section.key, what it is when nobody says otherwise, and how it is read.
KEYS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "service.number": ("", kinds.number_of_the_service),
    "service.host": ("127.0.0.1", kinds.host),
    "service.port": ("8000", kinds.whole(0, 65535)),  # 0: any free one
    "service.public_url": ("", kinds.public_address),
    "service.language": ("fr", kinds.one_of(*languages())),
    "service.timezone": ("Europe/Brussels", kinds.timezone),
    "service.helpline": ("", kinds.helpline),
    "database.url": ("sqlite:///smsgate.db", kinds.text),
    "vonage.api": ("sms", kinds.one_of("sms", "messages")),
    "vonage.api_key": ("", kinds.as_in_the_dashboard),
    "vonage.api_secret": ("", kinds.as_in_the_dashboard),
    "vonage.signature_secret": ("", kinds.as_in_the_dashboard),
    "vonage.signature_method": ("md5hash", kinds.one_of(*SIGNATURE_METHODS)),
    "vonage.application_id": ("", kinds.as_in_the_dashboard),
    "vonage.private_key": ("", str),
    "vonage.rest_host": ("rest.nexmo.com", kinds.host),
    "vonage.api_host": ("api.nexmo.com", kinds.host),
    "vonage.messages_per_second": ("30", kinds.whole(1, 10_000)),
    "matching.wave_size": ("3", kinds.whole(1, 100)),
    "matching.wave_timeout": ("15m", kinds.duration),
    "matching.radius_km": ("20", kinds.whole(1, 500)),
    "matching.asks_per_week": ("3", kinds.whole(1, 10_000)),
    "matching.confirm_timeout": ("2h", kinds.duration),
    "matching.follow_up_after": ("24h", kinds.duration),
    "matching.quiet_hours": ("20:00-08:00", kinds.quiet_hours),
    "limits.texts_per_hour": ("20", kinds.whole(1, 10_000)),
    "limits.requests_per_day": ("5", kinds.whole(1, 10_000)),
    "limits.volunteers_per_day": ("100", kinds.whole(1, 100_000)),
    "privacy.keep_texts": ("30d", kinds.duration),
    "privacy.keep_people": ("365d", kinds.duration),
    "status.user": ("operator", kinds.user),
    "status.password_hash": ("", kinds.password_hash),
}

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


def read_with_faults(file: Path | None = None, environment: Mapping[str, str] | None = None) -> tuple[Settings, Faults]:
    """The settings, with the default in place of each that cannot be read, and what is wrong with those.

    Raises WrongSettings where the file itself cannot be read: nothing else is known then.
    """
    environment = os.environ if environment is None else environment
    named = environment.get("SMSGATE_SETTINGS")
    file = file or Path(named or "settings.ini")
    written, faults = _written(file, must_exist=bool(named)), Faults()
    misspelt = [name for name in written if name not in KEYS]
    faults |= dict.fromkeys(misspelt, f"{file.name} has no such setting; is it misspelt?")
    known = {"SMSGATE_SETTINGS", *map(variable, KEYS)}
    misspelt = sorted(name for name in environment if name.startswith("SMSGATE_") and name not in known)
    faults |= dict.fromkeys(misspelt, "there is no such setting; is it misspelt?")
    values: dict[str, Any] = {}
    for name, (default, how) in KEYS.items():
        value = environment.get(variable(name), written.get(name, default)).strip()
        try:
            values[name] = how(value)
        except ValueError as fault:
            faults[name] = str(fault)
            values[name] = how(default)
    return Settings(values), faults


def variable(name: str) -> str:
    """The environment's name of a setting: SMSGATE_VONAGE_API_KEY is vonage.api_key."""
    return f"SMSGATE_{name.replace('.', '_')}".upper()


def lines(faults: Faults) -> list[str]:
    """A line each, as it is shown."""
    return [f"{name}: {advice}" for name, advice in faults.items()]


def unfit_for_service(settings: Settings) -> Faults:
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
    faults = {name: f"missing; {remedy}" for name, remedy in asked.items() if not settings[name]}
    key = settings["vonage.private_key"]
    if key and not _is_readable(Path(key)):
        faults["vonage.private_key"] = "no file that we may read; write the path of the application's private key"
    if key and not settings["vonage.application_id"]:
        faults["vonage.application_id"] = "missing; it goes with vonage.private_key"
    return faults


def _written(file: Path, must_exist: bool) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text(encoding="utf-8-sig"), source=file.name)
    except FileNotFoundError:
        if must_exist:
            raise WrongSettings({"SMSGATE_SETTINGS": f"there is no file {file}"}) from None
    except UnicodeDecodeError:
        raise WrongSettings({file.name: "holds letters that are not UTF-8; save it as UTF-8"}) from None
    except OSError as fault:
        raise WrongSettings({str(file): f"cannot be read ({fault.strerror}); may {getpass.getuser()}?"}) from None
    except configparser.Error as fault:
        raise WrongSettings({file.name: " ".join(str(fault).split())}) from None
    return {f"{section}.{key}": value for section in parser.sections() for key, value in parser[section].items()}


def _is_readable(file: Path) -> bool:
    return os.access(file, os.R_OK) and file.is_file()
