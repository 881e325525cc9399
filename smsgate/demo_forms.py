"""The rehearsal's forms: what was typed, what is wrong with it, and whether it came from our own page."""

from starlette.requests import Request

from smsgate import numbers

LONGEST_TEXT = 160  # characters, as on the phones of that time


class WrongEntry(Exception):
    """What was typed cannot be sent; [demo] of the pages' words says what to do, under this key."""

    def __init__(self, field: str, key: str, status: int = 422) -> None:
        super().__init__(key)
        self.field, self.key, self.status = field, key, status


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
