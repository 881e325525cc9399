"""Where the help is needed: the postcode in a text, as a number or as the name of a place."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from keywords.fold import words_of
from keywords.reading import Reading

LONGEST_NAME_IN_WORDS = 5
SHORTEST_SURE_NAME = 4
SHORTEST_MISSPELT_NAME = 5
_YEARS = range(1900, 2040)
_SAINT = {"st": ("sint", "saint", "sankt"), "ste": ("sainte",), "snt": ("sint",)}
_STUCK_TO_NUMBER = re.compile(r"[€$%°]")


@dataclass(frozen=True, slots=True)
class Found:
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
    _names: dict[str, str] = field(default_factory=dict)
    _longest: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _by_first: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for name, postcode in self.places.items():
            if name.isdecimal():
                continue
            words = words_of(name)
            if not words:
                continue
            spelled = " ".join(words)
            # Of two places that fold alike the one that needs no folding was meant.
            if spelled not in self._names or spelled == name:
                self._names[spelled] = postcode
            self._longest[words[0]] = max(self._longest[words[0]], len(words))
        for name in self._names:
            if len(name) >= SHORTEST_MISSPELT_NAME and name not in self.doubtful:
                self._by_first[name[0]].append(name)

    def is_place(self, word: str) -> bool:
        return word in self._names

    def find(self, reading: Reading) -> list[Found]:
        """Every postcode named, the surest first."""
        found = [*self._numbers(reading), *self._named(reading)]
        return sorted(found, key=lambda place: (-place.sureness, place.first))

    def _numbers(self, reading: Reading) -> list[Found]:
        found = []
        forbidden = reading.covered("place.number_not")
        years = reading.covered("place.year")
        streets = reading.covered("place.street")
        sure = reading.covered("place.postcode")
        tokens = reading.tokens
        for index, token in enumerate(tokens):
            if not token.is_number():
                continue
            last = index
            digits = token.word
            if len(digits) == 2 and index + 1 < len(tokens) and self._is_spaced_pair(reading, index):
                digits, last = digits + tokens[index + 1].word, index + 1
            if len(digits) != 4 or digits not in self.places or index in forbidden:
                continue
            if self._is_part_of_more(reading, index, last):
                continue
            sureness = 50
            if int(digits) in _YEARS and index in years:
                continue
            if index in streets:
                sureness -= 20
            if index in sure:
                sureness += 20
            found.append(Found(digits, sureness, index, last, is_number=True))
        return found

    def _is_spaced_pair(self, reading: Reading, index: int) -> bool:
        """Two digits, a space, two digits, and no more digits around: 10 50 but not 09 222 10 00 or 10 50 euro."""
        here, there = reading.tokens[index], reading.tokens[index + 1]
        between = reading.text[here.end : there.start]
        return len(there.word) == 2 and there.is_number() and between in {" ", "  ", "."} and here.word >= "10"

    def _is_part_of_more(self, reading: Reading, first: int, last: int) -> bool:
        """Is it a piece of a telephone number, a date, a price or a measure?"""
        tokens = reading.tokens
        before = tokens[first - 1] if first else None
        after = tokens[last + 1] if last + 1 < len(tokens) else None
        if before is not None:
            gap = reading.text[before.end : tokens[first].start]
            if before.is_number() and gap.strip(" /.-") == "" and (len(before.word) != 4 or "/" in gap):
                return True
            if before.word in {"€", "+", "/"} or (
                before.word in {",", "."} and gap == "" and _is_figure(reading, first - 2)
            ):
                return True
        if after is not None:
            gap = reading.text[tokens[last].end : after.start]
            if after.is_number() and gap.strip(" /.-") == "" and len(after.word) != 4:
                return True
            if after.word in {"€", "/", "%"} or (
                after.word in {",", "."} and gap == "" and _is_glued_figure(reading, last + 2)
            ):
                return True
        return False

    def _named(self, reading: Reading) -> list[Found]:
        found: list[Found] = []
        tokens = reading.tokens
        living = {reading.token_after(span) for span in reading.where("place.living")}
        near = {reading.token_after(span) for span in reading.where("place.before")}
        away = {reading.token_after(span) for span in reading.where("place.not")}
        needs = reading.covered("place.number_not")
        index = 0
        content = sum(token.is_word() for token in tokens)
        while index < len(tokens):
            name, length = self._longest_at(reading, index)
            if not length:
                if index in living or index in near:
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
                sureness -= 40
            if doubtful and beside != self._names[name] and index not in living and not content == length:
                sureness -= 100
            if index in needs:
                sureness -= 100
            if sureness > -50:
                found.append(Found(self._names[name], sureness, index, last, is_number=False))
            index = last + 1
        return [place for place in found if place.sureness > 0] or found

    def _is_everyday(self, reading: Reading, name: str) -> bool:
        return name in self.doubtful or (
            name in reading.lexicon.languages_of and name not in reading.lexicon.place_words
        )

    def _number_beside(self, reading: Reading, first: int, last: int) -> str:
        for index in (first - 1, last + 1, first - 2, last + 2):
            if 0 <= index < len(reading.tokens) and reading.tokens[index].word in self.places:
                return reading.tokens[index].word
        return ""

    def _longest_at(self, reading: Reading, index: int) -> tuple[str, int]:
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
        slips = 2 if len(word) >= 9 else 1
        near = extractOne(word, self._by_first.get(word[0], ()), scorer=OSA.distance, score_cutoff=slips)
        return (near[0], 1) if near else ("", 0)


def _is_figure(reading: Reading, index: int) -> bool:
    return index >= 0 and reading.tokens[index].is_number()


def _is_glued_figure(reading: Reading, index: int) -> bool:
    return (
        index < len(reading.tokens)
        and reading.tokens[index].is_number()
        and reading.tokens[index].start == reading.tokens[index - 1].end
    )
