"""Which meaning a text resembles: a second opinion, learnt from labelled texts, for what no rule recognises.

`tools/learn_resemblance.py` writes `words/resemblance.txt`: a trait a line (a word, a pair of words, a piece of a word,
a cue), and how strongly it speaks for each meaning. A text resembles the meaning that most of its traits speak for.
"""

import math
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from keywords.meanings import Intent, Question
from keywords.situation import Situation

LEARNT = Path(__file__).with_name("words") / "resemblance.txt"
MEANINGS = tuple(Intent)
# A weight is one printable character, from “!” to “~”; “O” is none.
NOUGHT, MOST, STEP = 79, 46, 0.1
_KINDS = {Question.OFFER: "o", Question.CONFIRM: "c", Question.FOLLOWUP: "f", Question.POSTCODE: "p", None: "n"}
_PIECE = 4


class Resemblance:
    """Compares texts with what was learnt: `weights` holds the characters of every trait, one for each meaning."""

    def __init__(self, weights: Mapping[str, str]) -> None:
        self.weights = weights
        self._row = lru_cache(maxsize=32768)(self._look_up)

    def _look_up(self, trait: str) -> bytes | None:
        learnt = self.weights.get(trait)
        return learnt.encode() if learnt else None

    def of(self, now: Situation) -> dict[Intent, float]:
        """How likely each meaning is, from 0 to 1; all together 1."""
        rows = [row for trait in set(traits(now)) if (row := self._row(trait))]
        if not rows:
            return dict.fromkeys(MEANINGS, 1 / len(MEANINGS))
        scale = STEP / math.sqrt(len(rows))
        strengths = [scale * (total - NOUGHT * len(rows)) for total in map(sum, zip(*rows, strict=True))]
        most = max(strengths)
        shares = [math.exp(strength - most) for strength in strengths]
        whole = sum(shares)
        return {meaning: share / whole for meaning, share in zip(MEANINGS, shares, strict=True)}


@cache
def resemblance(file: Path = LEARNT) -> Resemblance:
    """What was learnt, read once."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return Resemblance({line[: -len(MEANINGS)]: line[-len(MEANINGS) :] for line in lines})


def traits(now: Situation) -> Iterator[str]:
    """What a text holds that may tell its meaning, alone and together with the open question."""
    kind = _KINDS[now.question]
    words = ["^", *_seen(now), "$"]
    yield f"={kind}"
    yield f"!{kind}{now.first()}"
    for cue, spans in now.reading.spans.items():
        if spans:
            yield f"@{cue}"
            yield f"@{kind}{cue}"
    for word, following in pairwise(words):
        yield word
        yield f"{kind} {word}"
        yield f"{word} {following}"
        yield f"{kind} {word} {following}"
        yield from _pieces(word)


@lru_cache(maxsize=16384)
def _pieces(word: str) -> tuple[str, ...]:
    """Four letters each: brengen → <bre bren reng enge ngen gen>."""
    held = f"<{word}>"
    return tuple(held[at : at + _PIECE] for at in range(len(held) - _PIECE + 1)) if len(word) >= _PIECE else ()


def _seen(now: Situation) -> Iterator[str]:
    """The words, where a place, a name or a number is as good as another."""
    lexicon = now.reading.lexicon
    for index, token in enumerate(now.reading.tokens):
        if index in now.place_tokens:
            yield "&place"
        elif token.is_number():
            yield "&number"
        elif token.word in lexicon.names and token.word not in lexicon.languages_of:
            yield "&name"
        else:
            yield token.word
