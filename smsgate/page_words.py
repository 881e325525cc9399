"""What the pages say: smsgate/words/*.toml, one file a language, with the same keys in each."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
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


def moment(at: datetime, language: str) -> str:
    """A date and time in a few signs, on the clock it is in: 31/12 14:05, 31.12. 14:05."""
    return str(words(language)["time"]["moment"].format(day=at.day, month=at.month, time=f"{at:%H:%M}"))


def how_long(length: timedelta, language: str) -> str:
    """A duration of the settings as people say it: 30 days, 12 hours, 15 minutes, 20 seconds."""
    said = words(language)["time"]
    unit = next(unit for unit, size in UNITS.items() if not length % size)
    count = length // UNITS[unit]
    return str(said[unit] if count == 1 else said[f"{unit}s"].format(count=count))
