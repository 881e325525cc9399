"""One text read once: its words spelt right, the phrases said in it, and which language they speak."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from functools import cached_property

from keywords.fold import Token, intended, tokens, visible
from keywords.lexicon import Keyword, Lexicon
from keywords.phrases import Span

LINE_START = ". "


@dataclass
class Reading:
    """The tokens of a text, and the line they make for the phrasebook: `. je suis tombee , aidez moi .`"""

    written: str  # character by character what `text` is, before slips like `1O50` were put right
    text: str
    tokens: list[Token]
    lexicon: Lexicon
    starts: list[int] = field(default_factory=list)
    line: str = ""
    spans: dict[str, list[Span]] = field(default_factory=dict)
    _covered: dict[tuple[str, ...], Set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        position = len(LINE_START)
        for token in self.tokens:
            self.starts.append(position)
            position += len(token.word) + 1
        self.line = LINE_START + " ".join([token.word for token in self.tokens]) + " ."
        self.spans = self._phrases_said()

    def _phrases_said(self) -> dict[str, list[Span]]:
        """The phrases, by cue; what is listed as `cue.not` is no `cue`."""
        found: dict[str, list[Span]] = defaultdict(list)
        for span in self.lexicon.phrases.find(self.line, [token.word for token in self.tokens], self.starts):
            found[span.cue].append(span)
        for lookalike in [cue for cue in found if cue.endswith(".not")]:
            cue = lookalike.removesuffix(".not")
            if cue in found:
                hidden = found[lookalike]
                found[cue] = [span for span in found[cue] if not any(span.touches(other) for other in hidden)]
        return dict(found)

    def said(self, *cues: str) -> bool:
        spans = self.spans
        for cue in cues:  # noqa: SIM110, the most asked question of all: a generator doubles its cost
            if spans.get(cue):
                return True
        return False

    def together(self, one: str, other: str) -> bool:
        """Are both said in one clause?"""
        signs = [place for place, letter in enumerate(self.line) if letter in ".,?"]
        clauses = [{bisect_left(signs, span.start) for span in self.where(cue)} for cue in (one, other)]
        return bool(clauses[0] & clauses[1])

    def where(self, *cues: str) -> list[Span]:
        """The spans of these cues, first to last."""
        spans: list[Span] = []
        for cue in cues:
            if cue in self.spans:
                spans += self.spans[cue]
        spans.sort()
        return spans

    def likely(self, *cues: str) -> list[Span]:
        """The spans in a language the rest of the text may be in: Dutch `die` is no English die."""
        return [span for span in self.where(*cues) if span.language in self.likely_languages]

    def covered(self, *cues: str) -> Set[int]:
        """Which tokens stand in a phrase of these cues."""
        if cues not in self._covered:
            first = self._index_at
            self._covered[cues] = {i for s in self.where(*cues) for i in range(first(s.start), first(s.end))}
        return self._covered[cues]

    def token_after(self, span: Span) -> int:
        """The index of the first token after a span."""
        return self._index_at(span.end)

    def token_at(self, span: Span) -> int:
        """The index of the first token of a span."""
        return self._index_at(span.start)

    def _index_at(self, position: int) -> int:
        return bisect_left(self.starts, position)

    def span_of(self, first: int, last: int, cue: str = "") -> Span:
        """The span of the tokens first..last."""
        return Span(self.starts[first], self.starts[last] + len(self.tokens[last].word) + 1, cue)

    def is_word(self, index: int) -> bool:
        return 0 <= index < len(self.tokens) and self.tokens[index].is_word()

    @cached_property
    def keywords(self) -> dict[int, Keyword]:
        """The keywords as written, by token."""
        known = self.lexicon.keywords
        return {index: known[token.word] for index, token in enumerate(self.tokens) if token.word in known}

    @cached_property
    def likely_languages(self) -> set[str]:
        """The languages that can explain at least half as many words as the best one."""
        known: dict[str, int] = defaultdict(int)
        for token in self.tokens:
            for language in self.lexicon.languages_of.get(token.word, ()) if len(token.word) > 1 else ():
                known[language] += 1
        best = max(known.values(), default=0)
        return {language for language, words in known.items() if 2 * words > best or words + 1 >= best}

    @cached_property
    def asks(self) -> bool:
        return any(token.word == "?" for token in self.tokens)


def read(text: str, lexicon: Lexicon, is_place: Callable[[str], bool]) -> Reading:
    """Read a text: words that are known, names or places stay; others are taken apart or back to what was meant."""
    written = visible(text)
    seen = intended(written)
    read_tokens: list[Token] = []
    for token in tokens(seen):
        if token.word == "'" or not token.is_word() or token.word in lexicon.languages_of:
            if token.word not in "'’-*_\"<>#|":
                read_tokens.append(token)
            continue
        if token.word in lexicon.names or is_place(token.word):
            read_tokens.append(token)
            continue
        read_tokens += [token._replace(word=word) for word in _meant(token.word, lexicon)]
    return Reading(written, seen, _spelt_out(read_tokens), lexicon)


def _spelt_out(read_tokens: list[Token]) -> list[Token]:
    """S T O P, letter by letter, is one word."""
    letters = [token for token in read_tokens if token.is_word()]
    if len(letters) < 3 or len(letters) < len(read_tokens) or any(len(token.word) > 1 for token in letters):
        return read_tokens
    word = "".join(token.word for token in letters)
    return [Token(word, "".join(token.raw for token in letters), letters[0].start, letters[-1].end)]


def _meant(word: str, lexicon: Lexicon) -> list[str]:
    """The known words an unknown one stands for: jai → j ai, jpx → je peux, boodschapen → boodschappen."""
    if word in lexicon.slips:
        return [word]
    if word in lexicon.short:
        return lexicon.short[word].split()
    rest = word[1:]
    if word[0] in lexicon.clitics and len(rest) > 1 and (len(rest) > 2 or word[0] in "jk"):
        spoken = lexicon.languages_of.get(rest, ())
        if (word[0] in "jk" or rest[0] in "aeiouyh") and any(lang in lexicon.clitics[word[0]] for lang in spoken):
            return [word[0], rest]
    if len(word) >= 7:
        for cut in range(4, len(word) - 2):
            known = lexicon.keywords.get(word[:cut])
            if known and known.cue in {"request", "join", "list"} and word[cut:] in lexicon.languages_of:
                return [word[:cut], word[cut:]]
    return [lexicon.speller.correct(word)]
