"""What the rules ask after in one text: its words, keywords, places, needs, and the question it may answer."""

from dataclasses import dataclass
from functools import cached_property

from keywords import needs
from keywords.lexicon import Keyword
from keywords.meanings import Intent, Need, Question
from keywords.phrases import Span
from keywords.places import Found
from keywords.reading import Reading

_LIGHT = ("greeting", "polite", "goodbye", "place.living", "place.before", "place.postcode")
_OPENING = {"request", "join", "list", "pause", "cancel"}


@dataclass
class Situation:
    """A text as read, the question it may answer, and what stands in it."""

    reading: Reading
    question: Question | None
    found: list[Found]
    needs: tuple[Need, ...]

    @property
    def place(self) -> Found | None:
        return self.found[0] if self.found and self.found[0].sureness > 0 else None

    @cached_property
    def place_tokens(self) -> set[int]:
        """The tokens of the place meant, and of its name beside its number."""
        return {index for place in self.found if place.sureness > 0 for index in range(place.first, place.last + 1)}

    @cached_property
    def telling_places(self) -> set[int]:
        """Places whose name tells the language: Uccle, Ukkel."""
        words = self.reading.lexicon.place_words
        return {index for index in self.place_tokens if self.reading.tokens[index].word in words}

    @cached_property
    def content(self) -> list[int]:
        """The words that carry meaning: no greeting, politeness, sign, number or place."""
        reading = self.reading
        light = reading.covered(*_LIGHT) | self.place_tokens | self._copied
        return [index for index, token in enumerate(reading.tokens) if index not in light and _means(token.word)]

    @cached_property
    def _copied(self) -> set[int]:
        """“Répondez” in “Répondez ANNULER”: our own instruction, copied with its keyword."""
        reading = self.reading
        lexicon, tokens = reading.lexicon, reading.tokens
        copied: set[int] = set()
        for span in reading.where("instruction"):
            after = reading.token_after(span)
            if after < len(tokens) and (tokens[after].word in lexicon.keywords or tokens[after].word in lexicon.slips):
                copied.update(range(reading.token_at(span), after))
        return copied

    @cached_property
    def keywords(self) -> dict[int, Keyword]:
        """Keywords by token: as written anywhere, misspelt only where a keyword is expected."""
        written = self.reading.keywords
        if any(index in written for index in self.content[:1]):
            return written
        return written | self._misspelt()

    def _misspelt(self) -> dict[int, Keyword]:
        """A slip of the thumb in the first word, or in the only word there is."""
        content, reading = self.content, self.reading
        lexicon = reading.lexicon
        if not content:
            # Greetings and politeness may themselves be a keyword gone wrong, but only alone.
            content = [index for index, token in enumerate(reading.tokens) if token.is_word()]
        if not content:
            return {}
        words = {reading.tokens[index].word for index in content}
        word = _calm(reading.tokens[content[0]].word)
        keyword = lexicon.slips.get(reading.tokens[content[0]].word) or lexicon.slips.get(word)
        if keyword is None:
            return {}
        alone = len(words) == 1
        sole = keyword.cue in {"yes", "no", "stop", "info", "start", "forget", "emergency"}
        everyday = reading.tokens[content[0]].word in lexicon.languages_of
        if (sole or everyday) and not alone:
            return {}
        return {index: keyword for index in content if reading.tokens[index].word == reading.tokens[content[0]].word}

    @cached_property
    def keyword_spans(self) -> list[Span]:
        return [
            self.reading.span_of(index, index, keyword.cue + ".word")
            for index, keyword in self.keywords.items()
            if keyword.cue in {"yes", "no"} and index not in self.reading.covered(f"{keyword.cue}.not")
            if not self._is_in_passing(index)
        ]

    def _is_in_passing(self, index: int) -> bool:
        """N is a no, and so is no; but not in “je n'ai rien contre” or “I see no reason why not”."""
        reading = self.reading
        word = reading.tokens[index].word
        if word == "no":
            return reading.is_word(index - 1) and reading.is_word(index + 1) and reading.tokens[index - 1].word != "no"
        return len(word) == 1 and len(self.content) > 2

    def first(self) -> str:
        """What the first word that carries meaning asks for, if it is a keyword."""
        content = self.content or list(self.keywords)
        return self.keywords[content[0]].cue if content and content[0] in self.keywords else ""

    def alone(self, cue: str) -> bool:
        """Does a clause hold that keyword and nothing else that carries meaning?"""
        return cue in self._sole

    @cached_property
    def _sole(self) -> set[str]:
        """The keywords that fill a clause."""
        lexicon = self.reading.lexicon
        tokens = self.reading.tokens
        signed = {i for i in self.content[1:] if tokens[i].word in lexicon.names and i not in self.keywords}
        clauses = _clauses(self.reading, [i for i in self.content if i not in signed] or list(self.keywords))
        cues = [{k.cue if (k := self.keywords.get(index)) else "" for index in clause} for clause in clauses]
        return {cue for said in cues if len(said) == 1 for cue in said}

    def command(self, cue: str) -> bool:
        """Is it asked for by keyword, and not one of the look-alikes?"""
        if self.reading.said(f"{cue}.not"):
            return False
        return self.alone(cue) or (cue in _OPENING and self.first() == cue)

    def in_due_form(self, cue: str) -> bool:
        """Is it as we ask people to write: the keyword first, beside a place or hardly anything but needs and names?"""
        if self.first() != cue or not self.content:
            return False
        if self.content[0] + 1 in self.place_tokens:
            return True
        explained = needs.covered(self.reading) | self.keywords.keys()
        words, names = self.reading.tokens, self.reading.lexicon.names
        strange = [i for i in self.content if i not in explained and words[i].word not in names]
        return len(strange) <= 1

    def means(self, cue: str) -> bool:
        return self.reading.said(cue) or self.command(cue)

    def has(self, cue: str) -> bool:
        """Is the keyword anywhere?"""
        return not self.reading.said(f"{cue}.not") and any(keyword.cue == cue for keyword in self.keywords.values())

    def wanted(self, intent: Intent) -> tuple[Need, ...]:
        """The needs that go with the intent: what is left unexplained in a request is a need of its own kind."""
        if intent is Intent.LIST:
            return self.needs if self.needs and self.needs[0] is not Need.OTHER else (Need.SHOPPING,)
        if intent is Intent.CANCEL and self.first() != "cancel":
            return ()
        if intent in {Intent.REQUEST, Intent.JOIN, Intent.CANCEL}:
            if intent is Intent.REQUEST and not self.needs and self._leaves_unexplained():
                return (Need.OTHER,)
            return self.needs
        return ()

    def _leaves_unexplained(self) -> bool:
        """After the keyword of a request: words that are neither everyday words nor names."""
        if self.first() != "request":
            return False
        lexicon = self.reading.lexicon
        words = [self.reading.tokens[index].word for index in self.content if index not in self.keywords]
        strange = [w for w in words if len(w) > 2 and not (w in lexicon.languages_of or w in lexicon.names)]
        return len(strange) > 1 or (bool(strange) and len(words) > 1)


def _calm(word: str) -> str:
    """jaaaa → jaa: how long a letter is held says nothing."""
    kept = [letter for place, letter in enumerate(word) if word[max(place - 2, 0) : place] != letter * 2]
    return "".join(kept)


def _means(word: str) -> bool:
    return not word.isdecimal() and (word[0].isalnum() or ord(word[0]) > 0x2000)


def _clauses(reading: Reading, content: list[int]) -> list[list[int]]:
    clauses: list[list[int]] = [[]]
    for index, token in enumerate(reading.tokens):
        if token.word in {".", ",", "?"}:
            clauses.append([])
        elif index in content:
            clauses[-1].append(index)
    return [clause for clause in clauses if clause]
