"""What help is about: every need a text names, in the order it names them."""

from collections.abc import Set

from keywords.meanings import Need
from keywords.phrases import Span
from keywords.reading import Reading

_NAMED = [need for need in Need if need is not Need.OTHER]
_CUES = tuple(f"need.{need}" for need in Need)


def named(reading: Reading) -> tuple[Need, ...]:
    """The needs in the text, first named first; OTHER only where none of the others is."""
    if not reading.said(*_CUES):
        return ()
    first = {need: spans[0].start for need in _NAMED if (spans := _said(reading, need))}
    if first:
        return tuple(sorted(first, key=lambda need: (first[need], _NAMED.index(need))))
    return (Need.OTHER,) if _said(reading, Need.OTHER) else ()


def _said(reading: Reading, need: Need) -> list[Span]:
    """Where the need is named, in a language the rest of the text may be in: German `bin` is no English bin."""
    return [span for span in reading.where(f"need.{need}") if span.language in reading.likely_languages]


def covered(reading: Reading) -> Set[int]:
    """The tokens that name a need."""
    return reading.covered(*_CUES)
