"""Where the help is needed: the names of places in a text, also misspelt where a place is expected."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from keywords import needs
from keywords.fold import fold, words_of
from keywords.reading import Reading
from keywords.spelling import is_slip

_PLACED = {"request", "join"}
SHORTEST_SURE_NAME = 4
SHORTEST_IN_CLAUSE = 3
SHORTEST_MISSPELT_NAME = 5
SHORTEST_AFTER_KEYWORD = 7  # “in” and “à” precede many words that are no place
LONG_ENOUGH_FOR_TWO = 10
_SAINT = {"st": ("sint", "saint", "sankt"), "ste": ("sainte",), "snt": ("sint",)}


class Found(NamedTuple):
    """A postcode, how surely it is where the writer is (more is surer), and the tokens that name it."""

    postcode: str
    sureness: int
    first: int
    last: int
    is_number: bool


@dataclass
class Gazetteer:
    """The names of places, ready for looking up word by word; `doubtful` ones are also everyday words."""

    places: Mapping[str, str]
    doubtful: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()  # provinces and the like: too wide to be a place
    _names: dict[str, str] = field(default_factory=dict)
    _longest: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _words: set[str] = field(default_factory=set)
    _by_first: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for name, postcode in self.places.items():
            if name.isdecimal() or name in self.ignored:
                continue
            words = [fold(name)] if name.isalpha() else words_of(name)
            if not words:
                continue
            spelled = " ".join(words)
            # Of two places that fold alike the one that needs no folding was meant.
            if spelled not in self._names or spelled == name:
                self._names[spelled] = postcode
            self._longest[words[0]] = max(self._longest[words[0]], len(words))
            self._words.update(words)
        for name in self._names:
            if len(name) >= SHORTEST_MISSPELT_NAME and name not in self.doubtful:
                self._by_first[name[0]].append(name)

    def is_place(self, word: str) -> bool:
        """Is it a word of a name?"""
        return word in self._words or word in _SAINT

    def find(self, reading: Reading) -> list[Found]:
        """Every place named, in order."""
        found: list[Found] = []
        tokens = reading.tokens
        living = {reading.token_after(span) for span in reading.where("place.living")}
        near = {reading.token_after(span) for span in reading.where("place.before")}
        away = {reading.token_after(span) for span in reading.where("place.not")}
        measured = reading.covered("place.number_not")
        placed = self._after_keyword(reading)
        maybe = {index for index in near | placed if index < len(tokens)}
        expected = living | {index for index in maybe if len(tokens[index].word) >= SHORTEST_AFTER_KEYWORD}
        words = sum(token.is_word() for token in tokens)
        index = 0
        while index < len(tokens):
            word = tokens[index].word
            if word not in self._longest and word not in _SAINT and index not in expected and words != 1:
                index += 1
                continue
            name, length = self.longest_at(reading, index)
            if not length:
                if index in expected or words == 1:
                    name, length = self._misspelt_at(reading, index)
                if not length:
                    index += 1
                    continue
            last = index + length - 1
            beside = self._number_beside(reading, index, last)
            doubtful = length == 1 and (len(name) < SHORTEST_SURE_NAME or self._is_everyday(reading, name))
            sureness = 30
            if index in living:
                sureness += 15
            elif index in near:
                sureness += 5
            if index in away:
                sureness -= 60
            if doubtful and index not in needs.covered(reading):
                placed_here = index in near | placed and self._ends(reading, last)
                doubtful = not (placed_here or self._signs_off(reading, index, last))
            if doubtful and beside != self._names[name] and index not in living and words != length:
                sureness -= 100
            if index in measured:
                sureness -= 100
            if sureness > -50:
                found.append(Found(self._names[name], sureness, index, last, is_number=False))
            index = last + 1
        return [place for place in found if place.sureness > 0] or found

    def _is_everyday(self, reading: Reading, name: str) -> bool:
        lexicon = reading.lexicon
        return name in self.doubtful or (name in lexicon.languages_of and name not in lexicon.place_words)

    def _after_keyword(self, reading: Reading) -> set[int]:
        """Where a place may stand without a word before it: HULP ANTWREPEN."""
        after = {index + 1 for index, keyword in reading.keywords.items() if keyword.cue in _PLACED}
        return after - {len(reading.tokens)}

    def _ends(self, reading: Reading, index: int) -> bool:
        """Does nothing follow that would make it an everyday word: HALLE courses, à Jette svp, but not “hal vegen”?"""
        after = index + 1
        if after >= len(reading.tokens) or not reading.is_word(after):
            return True
        follows = needs.covered(reading) | reading.covered("polite")
        return after in follows or reading.tokens[after].word in reading.lexicon.names

    def _signs_off(self, reading: Reading, first: int, last: int) -> bool:
        """Is it all of the last clause, with a capital: “de was moet naar de kelder, Halle”?"""
        tokens = reading.tokens
        apart = first > 0 and tokens[first - 1].word in {",", ".", "?"} and last == len(tokens) - 1
        return apart and tokens[first].raw[0].isupper() and len(tokens[first].word) >= SHORTEST_IN_CLAUSE

    def _number_beside(self, reading: Reading, first: int, last: int) -> str:
        for index in (first - 1, last + 1, first - 2, last + 2):
            if 0 <= index < len(reading.tokens) and reading.tokens[index].word in self.places:
                return reading.tokens[index].word
        return ""

    def longest_at(self, reading: Reading, index: int) -> tuple[str, int]:
        """The longest place name that begins at this token, and its length in tokens."""
        word = reading.tokens[index].word
        for first in (word, *_SAINT.get(word, ())):
            for length in range(min(self._longest.get(first, 0), len(reading.tokens) - index), 0, -1):
                words = [first, *(token.word for token in reading.tokens[index + 1 : index + length])]
                if (name := " ".join(words)) in self._names:
                    return name, length
        return "", 0

    def _misspelt_at(self, reading: Reading, index: int) -> tuple[str, int]:
        """A name one slip away from an unknown word: only where a place is expected."""
        if index >= len(reading.tokens):
            return "", 0
        word = reading.tokens[index].word
        if len(word) < SHORTEST_MISSPELT_NAME or word in reading.lexicon.languages_of or word in reading.lexicon.names:
            return "", 0
        slips = 2 if len(word) >= LONG_ENOUGH_FOR_TWO else 1
        near = extractOne(word, self._by_first.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips)
        if near is None or (near[1] == 1 and not is_slip(word, near[0])):
            return "", 0
        return near[0], 1
