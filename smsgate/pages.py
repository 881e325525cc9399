"""How every page is drawn: from a template, in the reader's language, with strict headers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from smsgate import assets, language, numbers
from smsgate.page_words import LANGUAGES, fill, how_long, words
from smsgate.settings import Settings

HERE = Path(__file__).parent

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters["fill"] = fill
TEMPLATES.globals["asset"] = assets.address
# In the page itself: an icon of its own would be one request more.
TEMPLATES.globals["icon"] = "data:image/svg+xml," + quote((HERE / "static" / "phone.svg").read_text(encoding="utf-8"))

STRICT = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
A_YEAR_OF_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


class Pages:
    """Draws the pages of one service."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        secure = settings["service.public_url"].startswith("https://")
        self.headers = STRICT | (A_YEAR_OF_HTTPS if secure else {})

    def language(self, request: Request) -> str:
        """The language this page is read in."""
        return language.of(request, LANGUAGES, self.settings["service.language"])

    def link(self, path: str, spoken: str, **more: str) -> str:
        """The address of another page, in the same language."""
        return _address(path, {"language": spoken} | more)

    def headers_for(self, data: bool) -> dict[str, str]:
        """Strict ones; what depends on data is never kept, and the rest is asked for anew each time."""
        return self.headers | {"Cache-Control": "no-store" if data else "no-cache"}

    def draw(
        self, request: Request, template: str, *, path: str = "", status: int = 200, data: bool = False, **details: Any
    ) -> HTMLResponse:
        """A page. `path` is where its switch of language leads, if not to where it was asked for."""
        spoken = self.language(request)
        query = dict(request.query_params) if not path else {}
        html = TEMPLATES.get_template(template).render(
            words=words(spoken),
            language=spoken,
            languages=[(one, words(one)["language"]["name"], words(one)["language"]["switch"]) for one in LANGUAGES],
            switch=lambda other: _address(path or request.url.path, query | {"language": other}),
            link=lambda to, **more: self.link(to, spoken, **more),
            how_long=lambda name: how_long(self.settings[name], spoken),
            number=numbers.for_people(self.settings["service.number"]),
            helpline=self.settings["service.helpline"],
            **details,
        )
        headers = self.headers_for(data) | {"Content-Language": spoken, "Vary": "Accept-Language"}
        return HTMLResponse(html, status, headers)


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}"
