"""A text that is ready to send: the address that opens the phone's own SMS, and the same as a QR code."""

from functools import lru_cache
from urllib.parse import quote

import segno
from markupsafe import Markup

# Shorter numbers are short codes, which have no country code.
SHORTEST_WITH_COUNTRY_CODE = 7
QUIET_ZONE_MODULES = 4  # ISO/IEC 18004: what a reader needs around the code


def address(number: str, text: str = "") -> str:
    """The address that opens an SMS with this text, or an empty one, to this number (E.164 without the plus).

    RFC 5724 says `?body=`. Android's own Messages looks among what follows the ?, split at each &, for what begins
    with body= (AOSP, ComposeMessageActivity.getBody); iPhones have looked for &body= since iOS 8 and never said so
    (stackoverflow.com/questions/6480462). Both find it in `?&body=`.
    """
    plus = "+" if len(number) >= SHORTEST_WITH_COUNTRY_CODE else ""
    return f"sms:{plus}{number}" + (f"?&body={quote(text, safe='')}" if text else "")


@lru_cache(maxsize=512)
def qr_code(content: str) -> Markup:
    """A QR code as SVG, as wide as its frame; black on white in the dark too, as not every reader can invert it."""
    code = segno.make_qr(content, error="m")
    drawn = code.svg_inline(border=QUIET_ZONE_MODULES, dark="#000", light="#fff", omitsize=True, svgclass=None)
    return Markup(drawn)  # noqa: S704 - drawn by segno, from modules and not from words
