"""What the pages say: smsgate/words/*.toml, one file a language, with the same keys in each."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from markupsafe import Markup, escape

WORDS = Path(__file__).parent / "words"
# In the order in which people are offered them: by how many speak them in Belgium, then the guests' language.
LANGUAGES = ("nl", "fr", "de", "en")
NO_BREAK = "\N{NO-BREAK SPACE}"
UNITS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}
LONG_IN_MINUTES = 120  # from here on, hours say more
FRENCH_SIGNS = re.compile(r" (?=[?!:;»])|(?<=«) ")


@cache
def words(language: str) -> Mapping[str, Any]:
    """Everything the pages say in one language."""
    written = (WORDS / f"{language}.toml").read_text(encoding="utf-8")
    if language == "fr":  # a sign that stands apart does not begin a line
        written = FRENCH_SIGNS.sub(NO_BREAK, written)
    return tomllib.loads(written)


def fill(sentence: str, **details: object) -> Markup:
    """A sentence with its details, safe to show: `{number}` is replaced by what is given, and escaped if need be."""
    return escape(sentence).format(**details)


def placeholders(sentence: str) -> frozenset[str]:
    """The details a sentence carries."""
    return frozenset(field for _, field, _, _ in Formatter().parse(sentence) if field)


def day_of_month(day: date, said: Mapping[str, Any]) -> str:
    """The day as a date says it: le 1er janvier, le 2 janvier."""
    return str(said["time"]["first"] if day.day == 1 else day.day)


def short_date(day: date, language: str) -> str:
    """A day of this year in a few signs: 31/12, 31.12."""
    return str(words(language)["time"]["short_date"].format(day=day.day, month=day.month))


def how_long(length: timedelta, language: str) -> str:
    """A duration of the settings as people say it: 30 days, 12 hours, 15 minutes, 20 seconds."""
    said = words(language)["time"]
    unit = next(unit for unit, size in UNITS.items() if not length % size)
    count = length // UNITS[unit]
    return str(said[unit] if count == 1 else said[f"{unit}s"].format(count=count))


def since(length: timedelta, language: str) -> str:
    """How long ago something was, in whole units of the largest that fits: 3 hours, 12 minutes."""
    whole = max(length, UNITS["minute"])
    size = next(size for size in UNITS.values() if whole >= size)
    return how_long(whole - whole % size, language)


def within(minutes: int, language: str) -> str:
    """A wait that was no longer than this: 85 minutes, 3 hours."""
    exact = timedelta(minutes=max(1, minutes))
    hours = timedelta(hours=-(-minutes // 60))
    return how_long(exact if minutes < LONG_IN_MINUTES else hours, language)


def amount(value: int | Decimal, language: str, decimals: int = 0) -> str:
    """A figure as it is written in a language: 1 234,50 or 1.234,50 or 1,234.50."""
    thousands, point = {"fr": (NO_BREAK, ","), "en": (",", ".")}.get(language, (".", ","))
    return f"{value:,.{decimals}f}".translate({ord(","): thousands, ord("."): point})
