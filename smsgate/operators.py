"""What the operators' pages share: the door, forms of our own, a database that may not answer, and who did it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from peewee import PeeweeException
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from db import connection
from db.rules import Rules
from keywords.say import need
from smsgate.clock import Clock
from smsgate.door import Door, Handler
from smsgate.forms import form
from smsgate.page_words import LANGUAGES, amount, how_long, short_date, since, within, words
from smsgate.pages import Pages
from smsgate.tasks import Bells

log = logging.getLogger(__name__)
LARGEST_ROW = 2**31 - 1  # what PostgreSQL counts rows by
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where operators and telephonists work."""

    pages: Pages
    door: Door
    clock: Clock
    bells: Bells

    @property
    def timezone(self) -> ZoneInfo:
        """The town's clock."""
        zone: ZoneInfo = self.pages.settings["service.timezone"]
        return zone

    @property
    def rules(self) -> Rules:
        """The town's rules."""
        return self.pages.settings.rules()

    def guards(self, handler: Handler) -> Handler:
        """This page, for operators only, and with a page of its own for a database that does not answer."""

        async def guarded(request: Request) -> Response:
            for name, value in request.path_params.items():
                request.path_params[name] = value if value <= LARGEST_ROW else 0  # a row that is not there
            try:
                return await handler(request)
            except PeeweeException as fault:
                log.warning("an operator's page: the database does not answer (%s)", type(fault).__name__)
                return self.draw(request, "desk_trouble.html", path="/status", status=503)

        return self.door.guards(guarded)

    async def posted(self, request: Request) -> Mapping[str, str] | Response:
        """What was typed in a form of ours; a refusal for any other form."""
        typed = await form(request)
        if not self.door.is_ours(request, typed.get("key", "")):
            return PlainTextResponse("Not from the status page, or from days ago: load that page again.\n", 403)
        return typed

    async def find(self, work: Callable[[], Found]) -> Found:
        """Do this with the database, beside the other requests."""

        def and_close() -> Found:
            try:
                return work()
            finally:
                connection.close()

        return await run_in_threadpool(and_close)

    async def change(self, work: Callable[[], Found]) -> Found:
        """Do this with the database; what is now owed goes out at once."""
        done = await self.find(work)
        await run_in_threadpool(self.bells.send)
        return done

    def draw(self, request: Request, template: str, **details: Any) -> HTMLResponse:
        """A page of theirs: never kept, since it tells of people."""
        language, as_of = self.pages.language(request), self.clock()
        return self.pages.draw(
            request,
            template,
            data=True,
            sheet="desk.css",
            script="desk.js",
            form_key=self.door.form_key(),
            when=lambda moment: when(moment, as_of, self.timezone, language),
            date=lambda day: short_date(day, language),
            since=lambda moment: since(as_of - moment, language),
            amount=lambda value, decimals=0: amount(value, language, decimals),
            days=lambda count: how_long(timedelta(days=count), language),
            within=lambda minutes: within(minutes, language),
            names={one: words(one)["language"]["name"] for one in LANGUAGES},
            need=lambda label: _capital(need(label, language)),
            **details,
        )

    def see(self, request: Request, path: str, **more: str) -> Response:
        """On to another page, which may be loaded again without doing anything twice."""
        return RedirectResponse(self.pages.link(path, self.pages.language(request), **more), 303)


def when(moment: datetime, as_of: datetime, timezone: ZoneInfo, language: str) -> str:
    """A point in time on the town's clock: 14:32, or 22/11 14:32 if it was not today."""
    here = moment.astimezone(timezone)
    is_today = here.date() == as_of.astimezone(timezone).date()
    return f"{here:%H:%M}" if is_today else f"{short_date(here, language)} {here:%H:%M}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
