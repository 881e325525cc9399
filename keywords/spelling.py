"""How words go wrong on a phone, a letter missing, doubled, swapped or beside it, and back to the word meant."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

KEYPAD = ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz")
KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn")
SOUNDS_ALIKE = ("iy", "ck", "cs", "kq", "sz", "fv", "dt", "gj", "ae", "ao")
SHORTEST_CORRECTED = 5
LONG_ENOUGH_FOR_TWO = 10
LONG_ENOUGH_FOR_ANY_VOWEL = 8

_REPEATED = re.compile(r"(.)\1+")


def _same_key(letter: str) -> Iterator[str]:
    for key in KEYPAD:
        if letter in key:
            yield from key.replace(letter, "")


def _beside(letter: str) -> Iterator[str]:
    for row in KEYBOARD_ROWS:
        if (place := row.find(letter)) >= 0:
            yield from row[max(place - 1, 0) : place] + row[place + 1 : place + 2]


def likely_slips(word: str) -> set[str]:
    """One slip of the thumb: a neighbour on the same key, a letter missing, doubled, or swapped with the next."""
    slips: set[str] = set()
    for place, letter in enumerate(word):
        before, after = word[:place], word[place + 1 :]
        slips.update(before + other + after for other in _same_key(letter))
        slips.add(before + letter + letter + after)
        slips.add(before + after)
        if after:
            slips.add(before + after[0] + letter + after[1:])
    return slips - {word, ""}


def keyboard_slips(word: str) -> set[str]:
    """One letter taken for its neighbour on a QWERTY or AZERTY keyboard, or struck together with it."""
    slips: set[str] = set()
    for place, letter in enumerate(word):
        before, after = word[:place], word[place + 1 :]
        for other in _beside(letter):
            slips.update(before + struck + after for struck in (other, other + letter, letter + other))
    return slips


class Speller:
    """Takes a misspelt word back to the one word it is near to, among those it knows; a known word stays as it is."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = frozenset(known)
        self._near: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self.known):  # of two words equally near, always the same one
            if len(word) >= SHORTEST_CORRECTED - 1:
                self._near[word[0]].append(word)
        self.correct = lru_cache(maxsize=16384)(self._correct)

    def _correct(self, word: str) -> str:
        """The known word meant, or the word itself where none is near enough to be sure."""
        if word in self.known or not 2 < len(word) < 30:
            return word
        for repeat in (r"\1\1", r"\1"):
            if (calmer := _REPEATED.sub(repeat, word)) in self.known:
                return calmer
        if len(word) < SHORTEST_CORRECTED:
            return word
        slips = 2 if len(word) >= LONG_ENOUGH_FOR_TWO - 1 else 1
        for first in dict.fromkeys(word[:2]):
            near = extractOne(word, self._near.get(first, ()), scorer=OSA.distance, score_cutoff=slips)
            if near is None or (first != word[0] and near[0][1] != word[0]):
                continue
            if is_slip(word, near[0]) if near[1] == 1 else len(near[0]) >= LONG_ENOUGH_FOR_TWO:
                return near[0]
        return word


def is_slip(typed: str, meant: str) -> bool:
    """Is the one difference between two words one that thumbs and ears make, and not another word?"""
    if len(typed) < len(meant):
        return True
    place = next((i for i, (here, there) in enumerate(zip(typed, meant, strict=False)) if here != there), len(meant))
    if len(typed) > len(meant):
        extra = typed[place]
        return len(meant) > SHORTEST_CORRECTED or extra in typed[max(place - 1, 0) : place] or place == len(meant)
    if typed[place + 1 :] != meant[place + 1 :]:
        return True
    here, there = typed[place], meant[place]
    if len(meant) >= LONG_ENOUGH_FOR_ANY_VOWEL and here in "aeiouy" and there in "aeiouy":
        return True
    alike = any(here in pair and there in pair for pair in (*KEYPAD, *SOUNDS_ALIKE))
    return alike or there in set(_beside(here))
