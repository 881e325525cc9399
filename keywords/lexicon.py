"""The words of every language, read once from words/*.toml: one file is one language."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from keywords.fold import words_of
from keywords.notation import group, spellings
from keywords.phrases import Phrasebook
from keywords.spelling import Speller, keyboard_slips, likely_slips

_NO_PHRASES = {"groups", "keywords", "words"}
WORDS = Path(__file__).with_name("words")


@dataclass(frozen=True, slots=True)
class Keyword:
    """What a keyword asks for, and the language it belongs to (None where several share it)."""

    cue: str
    language: str | None


@dataclass
class Lexicon:
    """Keywords, phrases and everyday words of all languages."""

    phrases: Phrasebook = field(default_factory=Phrasebook)
    keywords: dict[str, Keyword] = field(default_factory=dict)
    owners: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # the languages of a keyword
    languages_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    clitics: dict[str, str] = field(default_factory=dict)  # a letter that sticks to the next word → its languages
    short: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    no_slips: set[str] = field(default_factory=set)
    doubtful_places: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    place_words: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    streets: tuple[str, ...] = ()  # how words for streets end
    letters: dict[str, str] = field(default_factory=dict)  # letters that only one language writes
    mistyped: set[str] = field(default_factory=set)  # answers that are heard in spite of a slip
    borrowed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def learn(self, language: str, tables: Mapping[str, Mapping[str, str]]) -> None:
        """Take in the [hear...] tables of one language."""
        self._learn_words(tables.get("words", {}), language)
        for cue, words in tables.get("keywords", {}).items():
            self._learn_keywords(cue, words, language)
        self.phrases.frequent.update(self.languages_of)
        groups = {name: group(words) for name, words in tables.get("groups", {}).items()}
        for table, entries in tables.items():
            if table in _NO_PHRASES:
                continue
            for key, lines in entries.items():
                cue = table if key == "said" else f"{table}.{key}"
                self.phrases.add(cue, lines, groups, language)
        # A contraction is taken apart (kwil → ik wil), also where a phrase spells it as one word.
        contractions = {short for short, full in self.short.items() if " " in full}
        for word in self.phrases.words[language] - contractions:
            self.languages_of[word].add(language)

    def _learn_keywords(self, cue: str, words: str, language: str) -> None:
        for word in words.split():
            for spelled in spellings(word) or (word,):
                owners = self.owners[spelled]
                if len(spelled) > 1 and spelled.isalpha() and language not in self.borrowed.get(spelled, ()):
                    owners.add(language)
                self.keywords[spelled] = Keyword(cue, next(iter(owners)) if len(owners) == 1 else None)
                if len(spelled) > 1 and spelled.isalpha():
                    self.languages_of[spelled].add(language)

    def _learn_words(self, entries: Mapping[str, str], language: str) -> None:
        for word in entries.get("common", "").split():
            for spelled in spellings(word):
                self.languages_of[spelled].add(language)
        for letter in entries.get("clitics", "").split():
            self.clitics[letter] = self.clitics.get(letter, "") + language
        for line in entries.get("short", "").splitlines():
            if "=" in line:
                short, full = line.split("=")
                self.short[short.strip()] = " ".join(words_of(full))
                for word in words_of(full):
                    self.languages_of[word].add(language)
        self.names.update(word for name in entries.get("names", "").split() for word in spellings(name))
        for place in entries.get("places", "").split():
            for spelled in spellings(place):
                self.languages_of[spelled].add(language)
                self.place_words.add(spelled)
        for word in entries.get("borrowed", "").split():
            self.borrowed[word].add(language)
        for region in entries.get("regions", "").split():
            self.regions.add(region)
            self.languages_of[region].add(language)
        for value, words in enumerate(entries.get("numbers", "").split(), start=1):
            self.numbers.update((word, value) for word in words.split("|"))
        self.streets += tuple(entries.get("streets", "").split())
        self.letters.update((letter, language) for letter in entries.get("letters", "").split())
        self.mistyped.update(word for name in entries.get("mistyped", "").split() for word in spellings(name))
        self.no_slips.update(entries.get("no_slips", "").split())
        doubtful = entries.get("doubtful_places", "").split()
        self.doubtful_places.update(word for name in doubtful for word in spellings(name))

    def asks_for_help(self, word: str) -> bool:
        """Is it a word for help, even misspelt?"""
        keyword = self.keywords.get(word) or self.slips.get(word)
        return keyword is not None and keyword.cue == "request"

    @cached_property
    def slips(self) -> Mapping[str, Keyword]:
        """Every slip of every keyword that can mean only that keyword."""
        found: dict[str, Keyword] = {}
        for make_slips in (likely_slips, keyboard_slips):
            claims: dict[str, set[Keyword]] = defaultdict(set)
            for word, keyword in self.keywords.items():
                # Short words are near to too many others: only the plainest answers are guessed at.
                guessed = word in self.mistyped or (len(word) > 3 and keyword.cue not in {"yes", "no"})
                if word.isalpha() and guessed:
                    for slip in make_slips(word):
                        claims[slip].add(keyword)
            for slip, claimed in claims.items():
                if slip not in found and slip not in self.keywords and slip not in self.no_slips:
                    cues = {keyword.cue for keyword in claimed}
                    languages = {keyword.language for keyword in claimed}
                    if len(cues) == 1:
                        found[slip] = Keyword(cues.pop(), languages.pop() if len(languages) == 1 else None)
        return found

    @cached_property
    def speller(self) -> Speller:
        return Speller(self.languages_of)


@cache
def lexicon(folder: Path = WORDS) -> Lexicon:
    """The lexicon of all the languages that have a file."""
    learned = Lexicon()
    for file in sorted(folder.glob("*.toml")):
        with file.open("rb") as opened:
            learned.learn(file.stem, tomllib.load(opened).get("hear", {}))
    learned.languages_of = dict(learned.languages_of)
    return learned
