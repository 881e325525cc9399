"""Where somebody means: a postcode or the name of a place, as people write it."""

import re

from db.postcodes import Place, names, place

FOUR_DIGITS = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")


def find(typed: str) -> Place | None:
    """The place of 1050, B-1050, 1050 Ixelles, or Ixelles alone; None for one that does not exist."""
    digits = FOUR_DIGITS.search(typed)
    return place(digits[0] if digits else names().get(typed.strip().casefold(), ""))


def shown(found: Place, language: str) -> str:
    """1050 Ixelles, in the reader's language."""
    return f"{found.postcode} {found.name(language)}"
