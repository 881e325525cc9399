"""Which meaning a text resembles: a second opinion, learnt from the labelled texts, for what no rule recognises.

`tools/learn_resemblance.py` writes `resemblance.bin`: how much each word, pair of words, piece of a word and cue speaks
for each meaning. A text resembles the meaning that most of what it holds speaks for.
"""

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from zlib import crc32

from keywords.meanings import Intent, Question
from keywords.situation import Situation

LEARNT = Path(__file__).with_name("resemblance.bin")
MEANINGS = tuple(Intent)
STEPS = 24  # how finely a weight is kept: a byte holds from -127 / STEPS to 127 / STEPS
_KINDS = {Question.OFFER: "o", Question.CONFIRM: "c", Question.FOLLOWUP: "f", Question.POSTCODE: "p", None: "n"}
_PIECES = (3, 4, 5)


def traits(now: Situation) -> list[int]:
    """What a text holds, each as a number: its words, their pairs, their pieces and the cues found in it."""
    return sorted({crc32(trait.encode()) for trait in _traits(now)})


def _traits(now: Situation) -> Iterator[str]:
    kind = _KINDS[now.question]
    words = ["^", *_seen(now), "$"]
    yield f"={kind}"
    yield f"={kind}{min(len(words) - 2, 12) // 2}"
    for cue in now.reading.spans:
        if now.reading.spans[cue]:
            yield f"@{cue}"
            yield f"@{kind}{cue}"
    for word, following in zip(words, words[1:], strict=False):
        yield f"{kind} {word}"
        yield word
        yield f"{word} {following}"
        yield f"{kind} {word} {following}"
        if len(word) > 3:
            held = f"<{word}>"
            for length in _PIECES:
                yield from (held[at : at + length] for at in range(len(held) - length + 1))


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
