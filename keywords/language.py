"""Which language a text is in: its words vote, and words that fewer languages share weigh more."""

from collections import defaultdict

from keywords.lexicon import Keyword
from keywords.places import Found
from keywords.reading import Reading

_WEIGHT = {1: 2.0, 2: 0.7, 3: 0.3}
_KEYWORD_WEIGHT = 1.0
_LETTER_WEIGHT = 0.5
_PLACE_SHARE = 0.5
_BORROWED_SHARE = 0.4
_CLOSE = 0.1
# Where only a place is named, its region tells. Brussels and places along the border speak more than one language.
_REGIONS = (
    ("1300", "1499", "fr"),
    ("1500", "3999", "nl"),
    ("4000", "4699", "fr"),
    ("4700", "4799", "de"),
    ("4800", "7999", "fr"),
    ("8000", "9999", "nl"),
)


def votes(reading: Reading, silent: set[int], keywords: dict[int, Keyword]) -> dict[str, float]:
    """How strongly the words speak each language; `silent` tokens (names, places) have no vote."""
    cast: dict[str, float] = defaultdict(float)
    lexicon = reading.lexicon
    for index, token in enumerate(reading.tokens):
        if index in silent or not token.is_word() or len(token.word) == 1:
            continue
        keyword = keywords.get(index)
        if not token.raw.isascii():
            for letter in set(token.raw.lower()) & lexicon.letters.keys():
                cast[lexicon.letters[letter]] += _LETTER_WEIGHT
        spoken = lexicon.languages_of.get(token.word, ())
        weight = _WEIGHT.get(len(spoken), 0.0) * (_PLACE_SHARE if token.word in lexicon.place_words else 1.0)
        borrowers = lexicon.borrowed.get(token.word, ())
        for language in spoken:
            cast[language] += weight * _BORROWED_SHARE if language in borrowers else weight
        if keyword and keyword.language:
            cast[keyword.language] += _KEYWORD_WEIGHT if spoken else _WEIGHT[1]
    return cast


def of(cast: dict[str, float], so_far: str | None, place: Found | None, asks: bool) -> str | None:
    """The language most of the votes are for; the person's language so far decides between equals, then the region.

    Where no word tells, a name of a place still does, and the postcode of who asks for help (HLP 2800).
    """
    if not cast:
        return _of_region(place.postcode) if place and (asks or not place.is_number) else None
    best = max(cast.values())
    close = [language for language, weight in cast.items() if weight >= best - _CLOSE]
    if len(close) == 1:
        return close[0]
    if so_far in close:
        return so_far
    region = _of_region(place.postcode) if place else None
    return region if region in close else None


def _of_region(postcode: str) -> str | None:
    return next((language for first, last, language in _REGIONS if first <= postcode <= last), None)
