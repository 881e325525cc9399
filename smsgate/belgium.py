"""A map of dots: each postcode of Belgium, as large as its volunteers are many, ringed where somebody waits."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from math import cos, radians

from db.postcodes import Place, names, place

WIDTH, HEIGHT, EDGE = 480, 398, 8
WEST, NORTH = 2.59, 51.48  # the corner, in degrees
UNITS_A_DEGREE = 190
FLATTENED = cos(radians(50.5))  # a degree of longitude here, against one of latitude
# How many volunteers, or requests, make a larger dot.
FEW, MANY = 1, 10
# By the first two digits of a postcode, from here to the next.
PROVINCES = {
    10: "brussels",
    13: "walloon_brabant",
    15: "flemish_brabant",
    20: "antwerp",
    30: "flemish_brabant",
    35: "limburg",
    40: "liege",
    50: "namur",
    60: "hainaut",
    66: "luxembourg",
    70: "hainaut",
    80: "west_flanders",
    90: "east_flanders",
}


def drawn(volunteers: Mapping[str, int], requests: Mapping[str, int]) -> dict[str, str]:
    """SVG paths, one for each kind of dot: nobody, few and many willing; a few and many open requests."""
    kinds: dict[str, list[str]] = {kind: [] for kind in ("nobody", "few", "many", "waiting", "waiting_many")}
    for postcode in _spots():
        willing, waiting = volunteers.get(postcode, 0), requests.get(postcode, 0)
        kinds["many" if willing >= MANY else "few" if willing >= FEW else "nobody"].append(postcode)
        if waiting:
            kinds["waiting_many" if waiting >= MANY else "waiting"].append(postcode)
    return {kind: _path(found) for kind, found in kinds.items()}


def by_province(volunteers: Mapping[str, int], requests: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Open requests and willing volunteers of each province, for those who cannot see the map."""
    waiting, willing = Counter[str](), Counter[str]()
    for counts, found in ((requests, waiting), (volunteers, willing)):
        for postcode, count in counts.items():
            found[_province(postcode[:2])] += count
    return {province: (waiting[province], willing[province]) for province in PROVINCES.values()}


@cache
def _province(begin: str) -> str:
    return PROVINCES[max(first for first in PROVINCES if first <= int(begin))]


@cache
def _spots() -> Mapping[str, tuple[int, int]]:
    """Where each postcode lies on the map, from north to south."""
    known = (place(postcode) for postcode in set(names().values()))
    spots = {there.postcode: _spot(there) for there in known if there}
    return dict(sorted(spots.items(), key=lambda spot: (spot[1][1], spot[1][0])))


def _spot(there: Place) -> tuple[int, int]:
    east = (there.longitude - WEST) * FLATTENED * UNITS_A_DEGREE
    return EDGE + round(east), EDGE + round((NORTH - there.latitude) * UNITS_A_DEGREE)


def _path(postcodes: Iterable[str]) -> str:
    """A line of no length for each: drawn with round ends, a dot. Each from the one before: half the bytes."""
    path, x, y, spots = [], 0, 0, _spots()
    for postcode in postcodes:
        next_x, next_y = spots[postcode]
        path.append(f"m{next_x - x}{' ' if next_y >= y else ''}{next_y - y}h0")
        x, y = next_x, next_y
    return "".join(path)
