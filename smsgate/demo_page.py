"""The rehearsal's page: the drawn phones, what they show, what they wait for, and the forms behind their buttons."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from db import connection
from smsgate import demo_cast, numbers
from smsgate.air import Air, Message, NotTaken
from smsgate.clock import Clock
from smsgate.demo_forms import LONGEST_TEXT, WrongEntry, from_here, typed_number, typed_words, wants_json
from smsgate.demo_waits import in_words, wait_for
from smsgate.forms import form
from smsgate.hours import next_morning
from smsgate.page_words import day_of_month, words
from smsgate.pages import Pages


@dataclass(frozen=True)
class Page:
    """The page and its forms; text, settle and pass_time are how they reach the rest of the rehearsal."""

    pages: Pages
    air: Air
    clock: Clock
    text: Callable[[str, str], None]
    settle: Callable[[], None]
    pass_time: Callable[[timedelta], None]

    def routes(self) -> list[BaseRoute]:
        """The addresses of the rehearsal."""
        return [
            Route("/demo", self.phones),
            Route("/demo/messages.json", self.messages),
            Route("/demo/texts", self.send, methods=["POST"]),
            Route("/demo/time", self.skip, methods=["POST"]),
        ]

    @property
    def timezone(self) -> ZoneInfo:
        """The town's clock."""
        zone: ZoneInfo = self.pages.settings["service.timezone"]
        return zone

    def phones(self, request: Request) -> Response:
        """Every phone with its conversation; ?number= is the number on the empty one."""
        number = asked_number(request)
        return self.page(request, number, {"number": numbers.for_people(number) if number else ""})

    def messages(self, request: Request) -> Response:
        """What happened after the message with the id ?after=, what is waited for, and what time it is.

        ?settled=1 waits until all that follows from what was sent has happened.
        """
        after = request.query_params.get("after", "")
        last = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
        language = self.pages.language(request)
        if request.query_params.get("settled"):
            self.settle()
        said = {
            "rehearsal": self.air.name,
            "now": self.now(language),
            "messages": [self.shown(message, language) for message in self.air.after(last)],
            "waits": self.waits(language, asked_number(request)),
        }
        return JSONResponse(said, headers=self.pages.headers_for(data=True))

    async def send(self, request: Request) -> Response:
        """A phone sends a text."""
        if not from_here(request):
            return PlainTextResponse("Only the rehearsal's own page may send.\n", 403)
        typed = await form(request)
        language, headers = self.pages.language(request), self.pages.headers_for(data=True)
        phones = demo_cast.phones(language)
        phone = next((phone for phone in phones if phone.id == typed.get("phone")), phones[-1])
        number = ""
        try:
            number = typed_number(typed.get("number", ""))
            said = typed_words(typed.get("quick") or typed.get("text"))
            await run_in_threadpool(self.bring, number, said)
        except WrongEntry as wrong:
            problem = {"field": wrong.field, "message": complaint(wrong, language)}
            if wants_json(request):
                return JSONResponse(problem, wrong.status, headers)
            shown = "" if phone.number else number
            return await run_in_threadpool(
                self.page, request, shown, typed | {"phone": phone.id}, problem, wrong.status
            )
        if wants_json(request):
            return JSONResponse({"number": number}, headers=headers)
        await run_in_threadpool(self.settle)
        theirs = {} if phone.number else {"number": number}
        return RedirectResponse(f"{self.pages.link('/demo', language, **theirs)}#{phone.id}", 303)

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
        language = self.pages.language(request)
        if wants_json(request):
            return JSONResponse(self.now(language), headers=self.pages.headers_for(data=True))
        return RedirectResponse(self.pages.link("/demo", language), 303)

    def bring(self, number: str, said: str) -> None:
        """Send a text, or say beside its field that it did not go."""
        try:
            self.text(number, said)
        except NotTaken:
            raise WrongEntry("text", "not_sent", 502) from None

    def page(
        self,
        request: Request,
        number: str,
        typed: dict[str, str],
        problem: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        """The whole page, with what was typed and what was wrong with it beside its field."""
        language = self.pages.language(request)
        return self.pages.draw(
            request,
            "demo.html",
            path="/demo",
            status=status,
            data=True,
            script="demo.js",
            rehearsal=self.air.name,
            phones=demo_cast.phones(language),
            number_of_anyone=number,
            conversation=lambda of: [self.shown(message, language) for message in self.air.of(of)],
            waits={wait["number"]: wait for wait in self.waits(language, number)},
            now=self.now(language),
            typed=typed,
            problem=problem,
            longest_text=LONGEST_TEXT,
        )

    def waits(self, language: str, number_of_anyone: str) -> list[dict[str, str]]:
        """What is waited for from the holder of each phone, and which question they have open."""
        as_of, said, rules = self.clock(), words(language), self.pages.settings.rules()
        found = []
        try:
            for number in (phone.number or number_of_anyone for phone in demo_cast.phones(language)):
                wait = wait_for(number, rules, as_of)
                says = in_words(wait, said, self.timezone, as_of)
                found.append({"number": number, "says": says, "question": wait.question})
        finally:
            connection.close()
        return found

    def shown(self, message: Message, language: str) -> dict[str, Any]:
        """A message as the page and its script show it."""
        here = message.at.astimezone(self.timezone)
        return {
            "id": message.id,
            "number": message.number,
            "from_phone": message.from_phone,
            "words": message.words,
            "time": f"{words(language)['time']['short_weekdays'][here.weekday()]} {here:%H:%M}",
        }

    def now(self, language: str) -> dict[str, str]:
        """The date and time of the rehearsal, for people and for machines."""
        here, said = self.clock().astimezone(self.timezone), words(language)
        time, day = said["time"], day_of_month(here, said)
        weekday, month = time["weekdays"][here.weekday()], time["months"][here.month - 1]
        return {
            "date": time["date"].format(weekday=weekday, day=day, month=month, year=here.year),
            "time": f"{here:%H:%M}",
            "iso": here.isoformat(timespec="minutes"),
        }


def asked_number(request: Request) -> str:
    """?number=, the digits of the number on the empty phone; nothing if it is none."""
    try:
        return typed_number(request.query_params.get("number", ""))
    except WrongEntry:
        return ""


def complaint(wrong: WrongEntry, language: str) -> str:
    """What to do about a wrong entry."""
    said = words(language)
    ask = demo_cast.phones(language)[-1].first_text
    return str(said["demo"][wrong.key].format(longest=LONGEST_TEXT, ask=ask))
