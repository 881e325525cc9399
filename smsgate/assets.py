"""Style sheet and scripts, each at an address that changes with its content, so that it may be kept for ever."""

import hashlib
import mimetypes
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"
SHEETS = {
    "pages.css": ("1-common.css", "2-home.css", "3-paper.css", "4-phone.css", "5-demo.css"),
    "desk.css": ("1-common.css", "6-desk.css"),  # for those who work here
}
HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


@cache
def content(name: str) -> bytes:
    """What a browser gets: the pieces of the style sheet are one file to it."""
    files = [STATIC / "styles" / piece for piece in SHEETS[name]] if name in SHEETS else [STATIC / name]
    return b"".join(file.read_bytes() for file in files)


@cache
def address(name: str) -> str:
    """Where a page finds it: /static/pages-1f3b5a7c9d.css."""
    stem, _, kind = name.rpartition(".")
    return f"/static/{stem}-{hashlib.sha256(content(name)).hexdigest()[:10]}.{kind}"


def routes() -> list[Route]:
    """One address each; that of another release is not found."""
    names = [*SHEETS, *sorted(script.name for script in STATIC.glob("*.js"))]
    return [Route(address(name), _serve(name), name=name) for name in names]


def _serve(name: str) -> Callable[[Request], Awaitable[Response]]:
    kind = mimetypes.guess_type(name)[0]

    async def serve(_: Request) -> Response:
        return Response(content(name), media_type=kind, headers=HEADERS)

    return serve
