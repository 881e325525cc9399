"""What help is about: every need a text names, in the order it names them."""

from keywords.meanings import Need
from keywords.reading import Reading

_NAMED = [need for need in Need if need is not Need.OTHER]


def named(reading: Reading) -> tuple[Need, ...]:
    """The needs in the text, first named first; OTHER only where none of the others is."""
    first = {need: spans[0].start for need in _NAMED if (spans := reading.where(f"need.{need}"))}
    if first:
        return tuple(sorted(first, key=lambda need: (first[need], _NAMED.index(need))))
    return (Need.OTHER,) if reading.said("need.other") else ()


def covered(reading: Reading) -> set[int]:
    """The tokens that name a need."""
    return reading.covered(*(f"need.{need}" for need in Need))
