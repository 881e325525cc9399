"""The rehearsal's page: the drawn phones, what they show, and the forms behind their buttons."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import jinja2
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from smsgate import numbers
from smsgate.air import Air, Message, NotTaken
from smsgate.clock import Clock
from smsgate.hours import next_morning

HERE = Path(__file__).parent
LARGEST_FORM = 8 * 1024  # bytes
LONGEST_TEXT = 160  # characters, as on the phones of that time
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A drawn phone; an empty number is typed by whoever holds it."""

    id: str
    name: str
    number: str
    about: str
    quick_replies: tuple[str, ...]

    def number_for_people(self) -> str:
        """As it is dialled."""
        return numbers.for_people(self.number)


PHONES = (
    Phone("amina", "Amina", "32470123400", "1050 Ixelles, needs a hand", ("OUI", "NON", "AIDE 1050 courses")),
    Phone("bram", "Bram", "32470123401", "1050 Ixelles, volunteer", ("OUI", "NON", "STOP")),
    Phone("chloe", "Chloé", "32470123402", "1060 Saint-Gilles, volunteer", ("OUI", "NON", "STOP")),
    Phone("anyone", "Anyone", "", "any number, any text", ("JA", "NEE", "HULP 1050 boodschappen")),
)


class WrongEntry(Exception):
    """What was typed cannot be sent; the message says what to do."""

    def __init__(self, field: str, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.field, self.message, self.status = field, message, status


@dataclass(frozen=True)
class Page:
    """The page and its forms; text, settle and pass_time are how they reach the rest of the rehearsal."""

    air: Air
    clock: Clock
    timezone: ZoneInfo
    text: Callable[[str, str], None]
    settle: Callable[[], None]
    pass_time: Callable[[timedelta], None]

    def routes(self) -> list[BaseRoute]:
        """The addresses of the rehearsal."""
        return [
            Route("/", lambda _: RedirectResponse("/demo")),
            Route("/demo", self.phones),
            Route("/demo/messages.json", self.messages),
            Route("/demo/texts", self.send, methods=["POST"]),
            Route("/demo/time", self.skip, methods=["POST"]),
            Mount("/demo/static", StaticFiles(directory=HERE / "static")),
        ]

    async def phones(self, request: Request) -> Response:
        """Every phone with its conversation; ?number= is the number on the empty one."""
        try:
            number = typed_number(request.query_params.get("number", ""))
        except WrongEntry:
            number = ""
        return self.page(number, {"number": numbers.for_people(number) if number else ""})

    async def messages(self, request: Request) -> Response:
        """What happened after the message with the id ?after=, and what time it is."""
        after = request.query_params.get("after", "")
        last = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
        said = [self.shown(message) for message in self.air.after(last)]
        return JSONResponse({"rehearsal": self.air.name, "now": self.now(), "messages": said}, headers=HEADERS)

    async def send(self, request: Request) -> Response:
        """A phone sends a text."""
        if not from_here(request):
            return PlainTextResponse("Only the rehearsal's own page may send.\n", 403)
        typed = await form(request)
        phone = next((phone for phone in PHONES if phone.id == typed.get("phone")), PHONES[-1])
        number = ""
        try:
            number = typed_number(typed.get("number", ""))
            words = typed_words(typed.get("quick") or typed.get("text"))
            await run_in_threadpool(self.bring, number, words)
        except WrongEntry as wrong:
            if wants_json(request):
                return JSONResponse({"field": wrong.field, "message": wrong.message}, wrong.status, HEADERS)
            return self.page("" if phone.number else number, typed | {"phone": phone.id}, wrong)
        if wants_json(request):
            return JSONResponse({"number": number}, headers=HEADERS)
        await run_in_threadpool(self.settle)
        return RedirectResponse(f"/demo{'' if phone.number else f'?number={number}'}#{phone.id}", 303)

    async def skip(self, request: Request) -> Response:
        """Let time pass: 15 minutes, to the morning, or a day."""
        if not from_here(request):
            return PlainTextResponse("Only the rehearsal's own page may turn the clock.\n", 403)
        match (await form(request)).get("skip"):
            case "15m":
                time = timedelta(minutes=15)
            case "1d":
                time = timedelta(days=1)
            case "morning":
                time = next_morning(self.clock(), self.timezone)
            case _:
                return PlainTextResponse("skip is 15m, morning or 1d\n", 422)
        await run_in_threadpool(self.pass_time, time)
        return JSONResponse(self.now()) if wants_json(request) else RedirectResponse("/demo", 303)

    def bring(self, number: str, words: str) -> None:
        """Send a text, or say beside its field that it did not go."""
        try:
            self.text(number, words)
        except NotTaken as fault:
            raise WrongEntry("text", f"Not sent: {fault}. Please try again.", 502) from None

    def page(self, number: str, typed: dict[str, str], wrong: WrongEntry | None = None) -> Response:
        """The whole page, with what was typed and what was wrong with it beside its field."""
        html = TEMPLATES.get_template("demo.html").render(
            rehearsal=self.air.name,
            phones=PHONES,
            number_of_anyone=number,
            conversation=lambda of: [self.shown(message) for message in self.air.of(of)],
            now=self.now(),
            typed=typed,
            wrong=wrong,
            longest_text=LONGEST_TEXT,
        )
        return HTMLResponse(html, wrong.status if wrong else 200, HEADERS)

    def shown(self, message: Message) -> dict[str, Any]:
        """A message as the page and its script show it."""
        return {
            "id": message.id,
            "number": message.number,
            "from_phone": message.from_phone,
            "words": message.words,
            "time": self.here(message.at).strftime("%a %H:%M"),
        }

    def now(self) -> dict[str, str]:
        """The date and time of the rehearsal, for people and for machines."""
        here = self.here(self.clock())
        return {
            "date": f"{here:%A} {here.day} {here:%B %Y}",
            "time": f"{here:%H:%M}",
            "iso": here.isoformat(timespec="minutes"),
        }

    def here(self, at: datetime) -> datetime:
        """On the wall clock of the town."""
        return at.astimezone(self.timezone)


TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


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
        raise WrongEntry("number", "This is no telephone number. Write it as 0470 12 34 56 or +32 470 12 34 56.")
    return number


def typed_words(typed: str | None) -> str:
    """The words of a text, of which there are some and not too many. Raises WrongEntry."""
    words = (typed or "").strip()
    if not words:
        raise WrongEntry("text", "There is nothing to send yet. Write a text, for example: AIDE 1050 courses")
    if len(words) > LONGEST_TEXT:
        raise WrongEntry("text", f"This phone sends {LONGEST_TEXT} characters at most. Please shorten your text.")
    return words


def from_here(request: Request) -> bool:
    """Whether it is our own page that asks; a browser says where a form comes from, and other programs say nothing."""
    origin = request.headers.get("origin")
    return origin is None or origin == f"http://{request.headers.get('host')}"


def wants_json(request: Request) -> bool:
    """Whether the page's script asks, and not a form."""
    return "application/json" in request.headers.get("accept", "")
