"""One text laid out for reading: case, accents and strange characters folded away, words and numbers apart."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

# Ten joined SMS parts hold 1,530 characters; whatever comes after that is not a person asking for help.
LONGEST_TEXT = 1600
MOST_TOKENS = 320

_SAINT = re.compile(r"\b(st|ste)\.(?=\s?[a-z])", re.IGNORECASE)
_DROPPED = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff]")
_ZERO_IN_WORD = re.compile(r"(?<=[^\W\d_])0(?=[^\W\d_])|(?<![^\W_])0(?=[^\W\d_]{2})|(?<=[^\W\d_]{2})0(?![\w])")
_LETTER_IN_NUMBER = re.compile(r"(?<![0-9])(?=[0-9oO]*[1-9][0-9oO]*)[1-9oO][0-9oO]{3}(?![0-9]|[oO][^\W\d_])")
# Four figures one by one, and the point of thousands: 4 8 0 0, 8.500.
_SPELT_NUMBER = re.compile(r"(?<![0-9.,])(?<![0-9] )([1-9])[ .-]([0-9])[ .-]([0-9])[ .-]([0-9])(?![ .-]?[0-9])")
_THOUSANDS = re.compile(r"(?<![0-9.,])(?<![0-9] )([1-9])\.([0-9]{3})(?![.,]?[0-9])")
_APOSTROPHES = str.maketrans("’‘´`", "''''")
_ABBREVIATION = r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_]){2,}(?![^\W_])"  # a.u.b.
_TOKEN = re.compile(rf"{_ABBREVIATION}|[^\W\d_]+|[0-9]+|[^\w\s]|\n")
_CLAUSE_ENDS = {".": ".", "!": ".", "?": "?", "\n": ".", ",": ",", ";": ",", ":": ",", "(": ",", ")": ","}


class Token(NamedTuple):
    """A word, a number, an emoji or a sign: folded as `word`, as written between `start` and `end`."""

    word: str
    raw: str
    start: int
    end: int

    def is_number(self) -> bool:
        return self.word.isdecimal()

    def is_word(self) -> bool:
        return self.word[0].isalpha()


@lru_cache(maxsize=16384)
def fold(word: str) -> str:
    """The word without case and accents: Élève → eleve, Straße → strasse."""
    if word.isascii():
        return word.lower()
    bare = unicodedata.normalize("NFKD", word.casefold().replace("œ", "oe").replace("æ", "ae").replace("ø", "o"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()


def visible(text: str) -> str:
    """The text as a reader sees it: no control or direction characters, one spelling of each letter, not endless.

    A number of four figures is in one piece: `4 8 0 0` is 4800.
    """
    if text.isascii():
        seen = text[:LONGEST_TEXT].replace("\r", "\n")
    else:
        seen = unicodedata.normalize("NFKC", _DROPPED.sub("", text[: 2 * LONGEST_TEXT].replace("\r", "\n")))
        seen = "".join(letter for letter in seen if not unicodedata.combining(letter))[:LONGEST_TEXT]
    return _THOUSANDS.sub(r"\1\2", _SPELT_NUMBER.sub(r"\1\2\3\4", seen))


def intended(seen: str) -> str:
    """What was meant by it, character by character: ’ is ', pain0a is painoa, `1O50` is 1050."""
    seen = seen.translate(_APOSTROPHES)
    if "." in seen:
        seen = _SAINT.sub(r"\1 ", seen)
    if "0" in seen:
        seen = _ZERO_IN_WORD.sub("o", seen)
    return _LETTER_IN_NUMBER.sub(lambda found: found[0].lower().replace("o", "0"), seen)


def clean(text: str) -> str:
    """The text as it is read."""
    return intended(visible(text))


def tokens(seen: str) -> list[Token]:
    """The words, numbers and signs of a cleaned text, in order."""
    found = []
    for match in _TOKEN.finditer(seen):
        raw = match[0]
        first = raw[0]
        word = fold(raw.replace(".", "")) if first.isalpha() else _CLAUSE_ENDS.get(first, raw)
        if word:
            found.append(Token(word, raw, match.start(), match.end()))
            if len(found) == MOST_TOKENS:
                break
    return found


def words_of(phrase: str) -> list[str]:
    """The folded words of a phrase, signs left out."""
    return [token.word for token in tokens(clean(phrase)) if token.is_word() or token.is_number()]
