"""How many SMS a text costs: in the GSM-7 alphabet where it fits, else in UCS-2."""

import unicodedata
from dataclasses import dataclass
from functools import cache

import gsm0338

_CODEC = gsm0338.Codec()

# Sources: GSM 03.38 / 3GPP TS 23.038; characters in one SMS, and in each part of a longer text.
GSM7_ONE, GSM7_PART = 160, 153
UCS2_ONE, UCS2_PART = 70, 67


@dataclass(frozen=True, slots=True)
class Cost:
    """units are septets in GSM-7, 16-bit units in UCS-2; sms is how many messages are billed."""

    gsm7: bool
    units: int
    sms: int


def cost(text: str) -> Cost:
    """What the carrier charges for this text."""
    widths = [_septets(character) for character in text]
    if all(widths):
        units = sum(widths)
        return Cost(True, units, 1 if units <= GSM7_ONE else -(-units // GSM7_PART))
    units = len(text.encode("utf-16-be", "surrogatepass")) // 2
    return Cost(False, units, 1 if units <= UCS2_ONE else -(-units // UCS2_PART))


def to_gsm7(text: str) -> str:
    """The nearest text in GSM-7: José stays, Noël becomes Noel, and what has no spelling there is left out."""
    return "".join(_nearest(character) for character in text)


@cache
def _septets(character: str) -> int:
    """1, or 2 for the extension table (^{}[]~\\|€); 0 for what GSM-7 does not have."""
    try:
        encoded, _ = _CODEC.encode(character)
    except UnicodeEncodeError:
        return 0
    return len(encoded)


_TYPOGRAPHY = {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "œ": "oe"}
_TYPOGRAPHY |= {"Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i", "Œ": "OE", "\u00a0": " ", "\u202f": " ", "\t": " "}


@cache
def _nearest(character: str) -> str:
    if _septets(character):
        return character
    if character in _TYPOGRAPHY:
        return _TYPOGRAPHY[character]
    plain = unicodedata.normalize("NFKD", character)
    return "".join(letter for letter in plain if _septets(letter))
