"""Where somebody means: a postcode or the name of a place, as people write it."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from rapidfuzz import fuzz, process

from db.postcodes import Place, names, place

FOUR_DIGITS = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
MOST_SUGGESTED = 8
LIKE_ENOUGH = 70  # of 100, for a name that is misspelt


def find(typed: str) -> Place | None:
    """The place of 1050, B-1050, 1050 Ixelles, or Ixelles alone; None for one that does not exist."""
    digits = FOUR_DIGITS.search(typed)
    return place(digits[0] if digits else names().get(typed.strip().casefold(), ""))


def shown(found: Place, language: str) -> str:
    """1050 Ixelles, in the reader's language."""
    return f"{found.postcode} {found.name(language)}"


def completions(typed: str, language: str) -> dict[str, str]:
    """What somebody may be about to type, as 1050 Ixelles, each with the name it was found by, the likeliest first."""
    begun = _plain(typed)
    if not begun:
        return {}
    begin = {name: code for name, code in _plain_names().items() if name.startswith(begun)}
    hold = {name: code for name, code in _plain_names().items() if f" {begun}" in name or f"-{begun}" in name}
    found: dict[str, str] = {}
    for name, postcode in (*sorted(begin.items()), *sorted(hold.items())):
        there = place(postcode)
        if there and len(found) < MOST_SUGGESTED:
            found.setdefault(shown(there, language), name)
    return found


def alike(typed: str, language: str) -> list[str]:
    """What somebody may have meant by a name that is none, the likeliest first."""
    begun = list(completions(typed, language))
    close = process.extract(_plain(typed), _plain_names().keys(), scorer=fuzz.ratio, limit=3, score_cutoff=LIKE_ENOUGH)
    meant = (place(_plain_names()[name]) for name, _, _ in close)
    return list(dict.fromkeys((*begun, *(shown(there, language) for there in meant if there))))[:3]


@cache
def _plain_names() -> Mapping[str, str]:
    return {_plain(name): postcode for name, postcode in names().items()}


def _plain(name: str) -> str:
    """In small letters without accents, as people type in haste."""
    split = unicodedata.normalize("NFD", name.strip().casefold())
    return "".join(sign for sign in split if not unicodedata.combining(sign))
