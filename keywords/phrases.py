"""The phrases of all languages, each filed under its rarest word and found in a text in one pass."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from keywords.notation import alternatives, elements_of, expression, is_certain

_STEM_LENGTH = 3


class Span(NamedTuple):
    """Where a phrase stands in the line, and what it was listed as."""

    start: int
    end: int
    cue: str
    language: str = ""

    def covers(self, other: "Span") -> bool:
        longer = self.end - self.start > other.end - other.start
        return longer and self.start <= other.start and other.end <= self.end

    def touches(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(slots=True)
class _Phrase:
    cue: str
    language: str
    elements: list[list[str]]
    beside: frozenset[str]  # one of these must be heard too, before it is worth a closer look
    compiled: re.Pattern[str] | None = None

    def pattern(self) -> re.Pattern[str]:
        # Most phrases are never needed in the life of a process: each is compiled when its rarest word is first heard.
        if self.compiled is None:
            self.compiled = re.compile("(?<= )" + "".join(expression(element) for element in self.elements))
        return self.compiled


@dataclass(slots=True)
class Phrasebook:
    """All phrases of all languages, each filed under its rarest word."""

    by_word: dict[str, list[_Phrase]] = field(default_factory=lambda: defaultdict(list))
    singles: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))  # phrases of one word
    by_stem: dict[str, list[tuple[str, _Phrase]]] = field(default_factory=lambda: defaultdict(list))
    frequent: set[str] = field(default_factory=set)
    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, cue: str, lines: str, groups: Mapping[str, Sequence[str]], language: str) -> None:
        """File every line of `lines` as a phrase of that cue and learn its words as words of that language."""
        spoken: set[str] = set()
        for line in lines.splitlines():
            elements = [spelled for element in elements_of(line) if (spelled := alternatives(element, groups))]
            if not elements:
                continue
            if len(elements) == 1 and not any("~" in word or " " in word for word in elements[0]):
                for word in elements[0]:
                    self.singles[word].append((cue, language))
                spoken.update(elements[0])
                continue
            rarest, *others = sorted(filter(is_certain, elements), key=self._rareness, reverse=True)
            phrase = _Phrase(cue, language, elements, _first_words(others[0]) if others else frozenset())
            for word in rarest:
                if word.endswith("~"):
                    self.by_stem[word[:_STEM_LENGTH]].append((word[:-1], phrase))
                else:
                    self.by_word[word.partition(" ")[0]].append(phrase)
            spoken.update(*elements)
        apart = (choice.split() if " " in choice else (choice,) for choice in spoken)
        self.words[language].update(word for words in apart for word in words if word.isalpha())

    def _rareness(self, element: Sequence[str]) -> tuple[bool, int]:
        """How seldom an element is heard: everyday words and keywords are in every other text."""
        return self.frequent.isdisjoint(element), min(map(len, element))

    def find(self, line: str, heard: Sequence[str], starts: Sequence[int]) -> list[Span]:
        """Every phrase said in the line; `heard` are its words and `starts` where they begin in it."""
        found = []
        seen: set[int] = set()
        for word, start in zip(heard, starts, strict=True):
            if word in self.singles:
                found += [Span(start, start + len(word) + 1, *single) for single in self.singles[word]]
        by_word, by_stem = self.by_word, self.by_stem
        said = set(heard)
        for word in said:
            candidates = by_word.get(word, [])
            if by_stem and (stems := by_stem.get(word[:_STEM_LENGTH])):
                candidates = candidates + [phrase for stem, phrase in stems if word.startswith(stem)]
            for phrase in candidates:
                if id(phrase) in seen or (phrase.beside and phrase.beside.isdisjoint(said)):
                    continue
                seen.add(id(phrase))
                pattern = phrase.compiled or phrase.pattern()
                match = pattern.search(line)
                while match:
                    found.append(Span(match.start(), match.end(), phrase.cue, phrase.language))
                    match = pattern.search(line, match.end())
        return found


def _first_words(element: Sequence[str]) -> frozenset[str]:
    """The words an element may begin with; none where it is a stem, which has no end of words."""
    letters = "".join(element)
    if "~" in letters:
        return frozenset()
    return frozenset([choice.partition(" ")[0] for choice in element] if " " in letters else element)


def widest(spans: list[Span]) -> list[Span]:
    """The spans that stand inside no longer one: `pas de souci` hides its `pas`."""
    return [span for span in spans if not any(other.covers(span) for other in spans)]
