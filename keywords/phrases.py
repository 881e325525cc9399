"""Phrases to listen for, written as a translator writes them, found in a text in one pass.

plus besoin|envie        one of these words
plus * messages          up to three words between, within the same clause
bénévol~                 any ending
ne? veux plus            the word may be missing
<sms>                    any word of the group of that name
% kilo                   any number
^stop$                   alone in its clause
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from keywords.fold import words_of

_WORD = "[^ .,?]+ "
_GAP = f"(?:{_WORD}){{0,3}}?"
_STEM_LENGTH = 3
_SIGNS = frozenset({"^", "$", "*", "...", "%"})
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True, slots=True)
class Span:
    """Where a phrase stands in the line, and what it was listed as."""

    start: int
    end: int
    cue: str

    def covers(self, other: "Span") -> bool:
        return (
            self.start <= other.start and other.end <= self.end and (self.end - self.start) > (other.end - other.start)
        )

    def touches(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(slots=True)
class _Phrase:
    cue: str
    elements: list[list[str]]
    compiled: re.Pattern[str] | None = None

    def pattern(self) -> re.Pattern[str]:
        # Most phrases are never needed in the life of a process: each is compiled when its rarest word is first heard.
        if self.compiled is None:
            self.compiled = re.compile("(?<= )" + "".join(_expression(element) for element in self.elements))
        return self.compiled


@dataclass(slots=True)
class Phrasebook:
    """All phrases of all languages, each filed under its rarest word."""

    by_word: dict[str, list[_Phrase]] = field(default_factory=lambda: defaultdict(list))
    by_stem: dict[str, list[tuple[str, _Phrase]]] = field(default_factory=lambda: defaultdict(list))
    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, cue: str, lines: str, groups: Mapping[str, str], language: str) -> None:
        """File every line of `lines` as a phrase of that cue and learn its words as words of that language."""
        for line in lines.splitlines():
            elements = [spelled for element in _elements(line) if (spelled := _alternatives(element, groups))]
            if not elements:
                continue
            phrase = _Phrase(cue, elements)
            for word in max((e for e in elements if _is_certain(e)), key=lambda e: min(len(a) for a in e)):
                if word.endswith("~"):
                    self.by_stem[word[:_STEM_LENGTH]].append((word[:-1], phrase))
                else:
                    self.by_word[word.split()[0]].append(phrase)
            choices = (choice for element in elements for choice in element if not choice.endswith("~"))
            self.words[language].update(word for choice in choices for word in choice.split() if word.isalpha())

    def find(self, line: str, heard: Iterable[str]) -> list[Span]:
        """Every phrase said in the line; `heard` are its words."""
        found = []
        seen: set[int] = set()
        for word in heard:
            candidates = self.by_word.get(word, [])
            if stems := self.by_stem.get(word[:_STEM_LENGTH]):
                candidates = candidates + [phrase for stem, phrase in stems if word.startswith(stem)]
            for phrase in candidates:
                if id(phrase) not in seen:
                    seen.add(id(phrase))
                    found += [Span(m.start(), m.end(), phrase.cue) for m in phrase.pattern().finditer(line)]
        return found


def widest(spans: list[Span]) -> list[Span]:
    """The spans that stand inside no longer one: `pas de souci` hides its `pas`."""
    return [span for span in spans if not any(other.covers(span) for other in spans)]


def spellings(word: str) -> Iterable[str]:
    """A word as it is typed with and without its umlauts: schön, schon, schoen."""
    if word.isascii() and word.isalpha():
        return {word.lower()}
    folded = words_of(word)
    spelled = word.lower().translate(_GERMAN)
    return {" ".join(folded), spelled} if spelled.isascii() and spelled != word.lower() else {" ".join(folded)}


def _elements(line: str) -> list[str]:
    elements = line.split("#")[0].replace("^", " ^ ").replace("$", " $ ").replace("’", "'").split()
    return [part for e in elements for part in ([e] if "|" in e else e.replace("'", " ").split())]


def _alternatives(element: str, groups: Mapping[str, str]) -> list[str]:
    """The words of one element, folded; signs of the notation stay as they are."""
    if element in _SIGNS:
        return [element]
    optional = element.endswith("?") and len(element) > 1
    words: list[str] = []
    for choice in filter(None, element.removesuffix("?").split("|")):
        if choice.startswith("<"):
            words += [w for e in groups[choice.strip("<>")].split() for w in _alternatives(e, groups)]
            continue
        stem = "~" if choice.endswith("~") else ""
        words += [spelled + stem for spelled in spellings(choice.removesuffix("~")) if spelled] or [choice]
    return [*words, "?"] if optional else words


def _is_certain(element: list[str]) -> bool:
    return element[0] not in _SIGNS and element[-1] != "?"


def _expression(element: list[str]) -> str:
    match element[0]:
        case "^":
            return "(?<=[.,?] )"
        case "$":
            return "(?=[.,?])"
        case "*":
            return _GAP
        case "%":
            return "[0-9]+ "
        case "...":
            return f"(?:{_WORD}){{0,7}}?"
    optional = "?" if element[-1] == "?" and len(element) > 1 else ""
    words = element[:-1] if optional else element
    choices = "|".join(
        re.escape(word.removesuffix("~")) + ("[^ .,?]*" if word.endswith("~") else "")
        for word in sorted(words, key=len, reverse=True)
    )
    return f"(?:(?:{choices}) ){optional}"


def group_words(groups: Mapping[str, str], name: str) -> list[str]:
    """Every spelling in a group."""
    return [word for element in groups[name].split() for word in _alternatives(element, groups)]


__all__ = ["Phrasebook", "Span", "group_words", "spellings", "widest"]
