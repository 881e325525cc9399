"""The rehearsal's forms: what was typed, what is wrong with it, and whether it came from our own page."""

from urllib.parse import parse_qs

from starlette.requests import Request

from smsgate import numbers

LARGEST_FORM = 8 * 1024  # bytes
LONGEST_TEXT = 160  # characters, as on the phones of that time


class WrongEntry(Exception):
    """What was typed cannot be sent; [demo] of the pages' words says what to do, under this key."""

    def __init__(self, field: str, key: str, status: int = 422) -> None:
        super().__init__(key)
        self.field, self.key, self.status = field, key, status


async def form(request: Request) -> dict[str, str]:
    """The fields of a posted form; a field that comes twice is read once."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    said = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in said.items()}


def typed_number(typed: str) -> str:
    """The digits of a telephone number as people type it. Raises WrongEntry."""
    number = numbers.typed(typed)
    if number is None:
        raise WrongEntry("number", "wrong_number")
    return number


def typed_words(typed: str | None) -> str:
    """The words of a text, of which there are some and not too many. Raises WrongEntry."""
    words = (typed or "").strip()
    if not words:
        raise WrongEntry("text", "nothing_to_send")
    if len(words) > LONGEST_TEXT:
        raise WrongEntry("text", "too_long")
    return words


def from_here(request: Request) -> bool:
    """Whether it is our own page that asks; a browser says where a form comes from, and other programs say nothing."""
    origin = request.headers.get("origin")
    return origin is None or origin == f"http://{request.headers.get('host')}"


def wants_json(request: Request) -> bool:
    """Whether the page's script asks, and not a form."""
    return "application/json" in request.headers.get("accept", "")
