"""What help is about: every need a text names, in the order it names them."""

from collections.abc import Set

from keywords.meanings import Need
from keywords.reading import Reading

_NAMED = [need for need in Need if need is not Need.OTHER]
_ALONE = "need.alone"
_CUES = (*(f"need.{need}" for need in Need), _ALONE)
_BARE_CUES = tuple(f"bare.{need}" for need in Need)
_FEW_WORDS = 4


def named(reading: Reading) -> tuple[Need, ...]:
    """The needs in the text, first named first; OTHER only where none of the others is."""
    if not reading.said(*_CUES):
        return _bare(reading)
    first = {need: spans[0].start for need in _NAMED if (spans := reading.likely(f"need.{need}"))}
    if first:
        return tuple(sorted(first, key=lambda need: (first[need], _NAMED.index(need))))
    if reading.likely(_ALONE):
        return (Need.TALK,)  # whoever is alone wants company, unless something else is named
    return (Need.OTHER,) if reading.likely(f"need.{Need.OTHER}") else ()


def _bare(reading: Reading) -> tuple[Need, ...]:
    """HULP 9000 DOKTER: a word that names a need where little stands beside the word for help."""
    words = [token.word for token in reading.tokens if token.is_word()]
    spans = reading.where(*_BARE_CUES)
    if not spans or len(words) > _FEW_WORDS or not any(reading.lexicon.asks_for_help(word) for word in words):
        return ()
    return (Need(spans[0].cue.removeprefix("bare.")),)


def covered(reading: Reading) -> Set[int]:
    """The tokens that name a need."""
    return reading.covered(*_CUES)
