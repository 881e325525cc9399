"""The operators' page: what needs a person now, and how the service is doing."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db import concerns
from db.concerns import Outcome
from db.deeds import Did, note_deed
from db.models import Concern
from db.turns import undisturbed
from smsgate import overview
from smsgate.operators import Desk

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class StatusPage:
    """What operators see, masked, and the way into a case."""

    desk: Desk

    def routes(self) -> list[Route]:
        """Their addresses."""
        guards = self.desk.guards
        return [
            Route("/status", guards(self.status)),
            Route("/status/concerns/{concern:int}/open", guards(self.open), methods=["POST"]),
            Route("/status/concerns/{concern:int}/close", guards(self.close), methods=["POST"]),
        ]

    async def status(self, request: Request) -> Response:
        """What needs a person now comes first; ?kind= shows those alone, ?page= the older ones."""
        asked, desk = request.query_params, self.desk
        page = int(asked["page"]) if asked.get("page", "").isdecimal() and len(asked["page"]) < 6 else 1
        language, as_of = desk.pages.language(request), desk.clock()
        shown = await desk.find(
            lambda: overview.shown(asked.get("kind", ""), max(1, page), language, as_of, desk.timezone)
        )
        return desk.draw(request, "status.html", **shown)

    async def open(self, request: Request) -> Response:
        """Somebody looks at a case: noted, then shown."""
        typed = await self.desk.posted(request)
        if isinstance(typed, Response):
            return typed
        by, as_of = self.desk.door.who(request), self.desk.clock()
        deed = await self.desk.find(lambda: _open(request.path_params["concern"], by, as_of))
        return self.desk.see(request, f"/status/cases/{deed}" if deed else "/status")

    async def close(self, request: Request) -> Response:
        """Somebody has dealt with it."""
        typed = await self.desk.posted(request)
        if isinstance(typed, Response):
            return typed
        by, as_of = self.desk.door.who(request), self.desk.clock()
        outcome = next((one for one in Outcome if one == typed.get("outcome")), None)
        note = typed.get("note", "").strip()[:LONGEST_NOTE]

        def close() -> None:
            found = Concern.get_or_none(id=request.path_params["concern"])
            if found and concerns.close_concern(found, by, as_of, outcome):
                note_deed(by, Did.CLOSED, as_of, found.person, found.request, note)

        await self.desk.find(lambda: undisturbed(close))
        return self.desk.see(request, "/status")


def _open(concern: int, by: str, as_of: datetime) -> int | None:
    def opened() -> int | None:
        found = Concern.get_or_none(id=concern)
        return note_deed(by, Did.OPENED, as_of, found.person, found.request) if found else None

    return undisturbed(opened)
