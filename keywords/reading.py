"""One text read once: its words spelt right, the phrases said in it, and which language they speak."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from keywords.fold import Token, clean, tokens
from keywords.lexicon import Keyword, Lexicon
from keywords.phrases import Span

LINE_START = ". "


@dataclass
class Reading:
    """The tokens of a text, and the line they make for the phrasebook: `. je suis tombee , aidez moi .`"""

    text: str
    tokens: list[Token]
    lexicon: Lexicon
    starts: list[int] = field(default_factory=list)
    line: str = ""

    def __post_init__(self) -> None:
        position = len(LINE_START)
        for token in self.tokens:
            self.starts.append(position)
            position += len(token.word) + 1
        self.line = LINE_START + "".join(token.word + " " for token in self.tokens) + "."

    @cached_property
    def spans(self) -> dict[str, list[Span]]:
        """The phrases said, by cue; what is listed as `cue.not` is no `cue`."""
        found: dict[str, list[Span]] = defaultdict(list)
        for span in self.lexicon.phrases.find(self.line, dict.fromkeys(token.word for token in self.tokens)):
            found[span.cue].append(span)
        for lookalike in [cue for cue in found if cue.endswith(".not")]:
            cue = lookalike.removesuffix(".not")
            if cue in found:
                hidden = found[lookalike]
                found[cue] = [span for span in found[cue] if not any(span.touches(other) for other in hidden)]
        return dict(found)

    def said(self, *cues: str) -> bool:
        return any(self.spans.get(cue) for cue in cues)

    def where(self, *cues: str) -> list[Span]:
        """The spans of these cues, first to last."""
        return sorted((span for cue in cues for span in self.spans.get(cue, ())), key=lambda span: span.start)

    def covered(self, *cues: str) -> set[int]:
        """Which tokens stand in a phrase of these cues."""
        spans = self.where(*cues)
        if not spans:
            return set()
        return {
            index for index, start in enumerate(self.starts) if any(span.start <= start < span.end for span in spans)
        }

    def token_after(self, span: Span) -> int:
        """The index of the first token after a span."""
        return next((index for index, start in enumerate(self.starts) if start >= span.end), len(self.tokens))

    def token_at(self, span: Span) -> int:
        """The index of the first token of a span."""
        return next((index for index, start in enumerate(self.starts) if start >= span.start), len(self.tokens))

    def span_of(self, first: int, last: int, cue: str = "") -> Span:
        """The span of the tokens first..last."""
        return Span(self.starts[first], self.starts[last] + len(self.tokens[last].word) + 1, cue)

    def is_word(self, index: int) -> bool:
        return 0 <= index < len(self.tokens) and self.tokens[index].is_word()

    def keyword(self, index: int) -> Keyword | None:
        return self.lexicon.keywords.get(self.tokens[index].word)

    @cached_property
    def asks(self) -> bool:
        return any(token.word == "?" for token in self.tokens)


def read(text: str, lexicon: Lexicon, is_place: Callable[[str], bool]) -> Reading:
    """Read a text: words that are known, names or places stay; others are taken apart or back to what was meant."""
    seen = clean(text)
    read_tokens: list[Token] = []
    for token in tokens(seen):
        if token.word == "'" or not token.is_word() or token.word in lexicon.languages_of:
            if token.word not in "'’-*_\"<>#|":
                read_tokens.append(token)
            continue
        if token.word in lexicon.names or is_place(token.word):
            read_tokens.append(token)
            continue
        read_tokens += [replace(token, word=word) for word in _meant(token.word, lexicon)]
    return Reading(seen, read_tokens, lexicon)


def _meant(word: str, lexicon: Lexicon) -> list[str]:
    """The known words an unknown one stands for: jai → j ai, jpx → je peux, boodschapen → boodschappen."""
    if word in lexicon.short:
        return lexicon.short[word].split()
    rest = word[1:]
    if word[0] in lexicon.clitics and len(rest) > 1:
        spoken = lexicon.languages_of.get(rest, ())
        if any(lexicon.clitics[word[0]].find(language) >= 0 for language in spoken):
            return [word[0], rest]
    if len(word) >= 7:
        for cut in range(4, len(word) - 2):
            known = lexicon.keywords.get(word[:cut])
            if known and known.cue in {"request", "join", "list"} and word[cut:] in lexicon.languages_of:
                return [word[:cut], word[cut:]]
    return [lexicon.speller.correct(word)]
