"""Belgian postcodes: the places they name in each language, and how far apart they lie."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

TABLE = Path(__file__).with_name("postcodes.csv")
LANGUAGES = ("fr", "nl", "de", "en")
EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
KM_PER_DEGREE_OF_LATITUDE = radians(1) * EARTH_RADIUS_KM


@dataclass(frozen=True, slots=True)
class Place:
    """A postcode: its centre in degrees (WGS 84), the languages of its region, its name in each language with one."""

    postcode: str
    latitude: float
    longitude: float
    languages: tuple[str, ...]
    names: Mapping[str, str]

    def km_to(self, other: "Place") -> float:
        """The distance as the crow flies (great circle), in kilometres."""
        here, there = radians(self.latitude), radians(other.latitude)
        north = sin((there - here) / 2) ** 2
        east = sin(radians(other.longitude - self.longitude) / 2) ** 2
        return 2 * EARTH_RADIUS_KM * asin(sqrt(north + cos(here) * cos(there) * east))

    def name(self, language: str) -> str:
        """The name to show a reader of that language: the local name where the language has none of its own."""
        return self.names.get(language) or self.names[self.languages[0]]


def place(postcode: str) -> Place | None:
    """The place of a postcode ('1050'), or None for one that does not exist."""
    return _places().get(postcode)


@lru_cache(maxsize=4096)
def nearest(postcode: str, radius_km: float) -> Sequence[tuple[float, str]]:
    """The postcodes within radius_km and their distance in km: itself at 0.0, then nearest first, then by code.

    Raises KeyError for a postcode that does not exist.
    """
    here = _places()[postcode]
    reach = radius_km / KM_PER_DEGREE_OF_LATITUDE
    near = [there for there in _places().values() if abs(there.latitude - here.latitude) <= reach]
    others = sorted((here.km_to(there), there.postcode) for there in near if there is not here)
    return ((0.0, postcode), *(found for found in others if found[0] <= radius_km))


@cache
def names() -> Mapping[str, str]:
    """Every name (in every language, case-folded, with its accents) and every code, to the one postcode it means."""
    found = {postcode: postcode for postcode in _places()}
    for row in _rows():
        for language in LANGUAGES:
            # A name in parentheses is shown here, but people who write it mean another place.
            found.update((name.casefold(), row["postcode"]) for name in _split(row[language]) if name[0] != "(")
    return found


def longest_name(language: str) -> str:
    """The longest name shown to readers of that language: what a sentence must still fit one SMS with."""
    return max((there.name(language) for there in _places().values()), key=len)


@cache
def _places() -> Mapping[str, Place]:
    return {row["postcode"]: _place(row) for row in _rows()}


def _place(row: Mapping[str, str]) -> Place:
    shown = {language: _split(row[language])[0].strip("()") for language in LANGUAGES if row[language]}
    position = float(row["latitude"]), float(row["longitude"])
    return Place(row["postcode"], *position, tuple(row["language"].split()), shown)


def _rows() -> Iterator[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _split(cell: str) -> list[str]:
    return cell.split("|") if cell else []
