"""The operators' page: what needs a person now, and how the service is doing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from db import concerns, connection, health
from db.connection import transaction
from db.deeds import note_deed
from db.models import Concern
from smsgate import numbers
from smsgate.clock import Clock
from smsgate.door import Door
from smsgate.forms import form
from smsgate.page_words import moment
from smsgate.pages import Pages

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class StatusPages:
    """What operators see and do, behind the door."""

    pages: Pages
    door: Door
    clock: Clock

    def routes(self) -> list[Route]:
        """Their addresses."""
        guards = self.door.guards
        return [
            Route("/status", guards(self.status)),
            Route("/status/concerns/{concern:int}/close", guards(self.close), methods=["POST"]),
        ]

    async def status(self, request: Request) -> Response:
        """What needs a person now comes first."""
        shown = await run_in_threadpool(_shown)
        timezone, language = self.pages.settings["service.timezone"], self.pages.language(request)
        return self.pages.draw(
            request,
            "status.html",
            data=True,
            form_key=self.door.form_key(),
            at=lambda at: moment(at.astimezone(timezone), language),
            **shown,
        )

    async def close(self, request: Request) -> Response:
        """Somebody has looked at it."""
        typed = await form(request)
        if not self.door.is_ours(request, typed.get("key", "")):
            return PlainTextResponse("Not from the status page, or from days ago: load that page again.\n", 403)
        await run_in_threadpool(_close, request.path_params["concern"], self.door.user, self.clock())
        return RedirectResponse(self.pages.link("/status", self.pages.language(request)), 303)


def masked(number: str) -> str:
    """A number as operators see it before they open a case: 0470 ** ** 56."""
    said = numbers.for_people(number)
    digits = [place for place, sign in enumerate(said) if sign.isdigit()]
    hidden = set(digits[4:-2])
    return "".join("*" if place in hidden else sign for place, sign in enumerate(said))


def _shown() -> Mapping[str, Any]:
    try:
        rows = list(concerns.open_concerns().limit(MOST_SHOWN))
        return {
            "concerns": [
                {"id": row.id, "kind": row.kind, "who": masked(row.person.number), "opened_at": row.opened_at}
                for row in rows
            ],
            "doing": health.health(),
        }
    finally:
        connection.close()


def _close(concern: int, by: str, as_of: datetime) -> None:
    try:
        with transaction():
            found = Concern.get_or_none(id=concern)
            if found and concerns.close_concern(found, by, as_of):
                note_deed(by, f"closed: {found.kind}", as_of, found.person)
    finally:
        connection.close()
