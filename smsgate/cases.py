"""An opened case: one person's number, words and requests, and what can be done about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db import cases
from db.concerns import Outcome
from db.deeds import Did, note_deed
from db.models import Deed
from db.postcodes import place
from db.steps import OutOfStep, RequestStep
from smsgate import casework, numbers, places
from smsgate.operators import Desk
from smsgate.status import LONGEST_NOTE


@dataclass(frozen=True, slots=True)
class CasePage:
    """What an operator sees and does once a case is open; its address is the deed that opened it."""

    desk: Desk

    def routes(self) -> list[Route]:
        """Their addresses."""
        guards = self.desk.guards
        return [
            Route("/status/cases/{deed:int}", guards(self.case)),
            Route("/status/cases/{deed:int}/again", guards(self.again), methods=["POST"]),
            Route("/status/cases/{deed:int}/do", guards(self.do), methods=["POST"]),
            Route("/status/cases/{deed:int}/note", guards(self.note), methods=["POST"]),
        ]

    async def case(self, request: Request) -> Response:
        """The case, as long as it is open to whoever asks."""
        return await self.shown(request)

    async def shown(self, request: Request, status: int = 200, moved_on: bool = False) -> Response:
        """The case as it stands now, or how to open it again."""
        deed, by = request.path_params["deed"], self.desk.door.who(request)
        language = self.desk.pages.language(request)
        details = await self.desk.find(lambda: _details(deed, by, self.desk, language))
        done = request.query_params.get("done", "")
        return self.desk.draw(
            request,
            "case.html",
            path=f"/status/cases/{deed}",
            status=status if details else 410,
            deed=deed,
            moved_on=moved_on,
            done=done if done in tuple(Did) else "",
            outcomes=list(Outcome),
            longest_note=LONGEST_NOTE,
            **(details or {"case": None}),
        )

    async def again(self, request: Request) -> Response:
        """A case that was masked again is opened again, and that is noted."""
        typed = await self.desk.posted(request)
        if isinstance(typed, Response):
            return typed
        by, as_of = self.desk.door.who(request), self.desk.clock()

        def opened() -> int | None:
            before: Deed | None = Deed.get_or_none((Deed.id == request.path_params["deed"]) & Deed.did.in_(cases.OPENS))
            if before is None or before.person is None:
                return None
            return note_deed(by, Did.OPENED, as_of, before.person, before.request)

        deed = await self.desk.find(opened)
        return self.desk.see(request, f"/status/cases/{deed}" if deed else "/status")

    async def do(self, request: Request) -> Response:
        """A request is agreed to, refused, cancelled, retried or settled, on its asker's word."""
        typed = await self.desk.posted(request)
        if isinstance(typed, Response):
            return typed
        by, as_of = self.desk.door.who(request), self.desk.clock()
        did = next((one for one in Did if one == typed.get("did")), Did.NOTED)
        about, proposed = number_typed(typed.get("request")), number_typed(typed.get("offer"))

        def done() -> bool:
            opened = cases.opened_by(request.path_params["deed"], by, as_of)
            if opened is None:
                return False
            casework.do(did, about, opened, self.desk.rules, by, as_of, proposed)
            return True

        try:
            is_done = await self.desk.change(done)
        except OutOfStep:
            return await self.shown(request, 409, moved_on=True)
        return self.desk.see(request, request.url.path.removesuffix("/do"), **({"done": did} if is_done else {}))

    async def note(self, request: Request) -> Response:
        """Something is written down for whoever looks next."""
        typed = await self.desk.posted(request)
        if isinstance(typed, Response):
            return typed
        by, as_of, said = self.desk.door.who(request), self.desk.clock(), typed.get("note", "").strip()

        def noted() -> None:
            opened = cases.opened_by(request.path_params["deed"], by, as_of)
            if opened and said:
                note_deed(by, Did.NOTED, as_of, opened, note=said[:LONGEST_NOTE])

        await self.desk.find(noted)
        return self.desk.see(request, request.url.path.removesuffix("/note"))


def number_typed(said: str | None) -> int:
    """The number of a row, from a form of ours; 0, which no row has, for anything else."""
    return int(said) if said and said.isascii() and said.isdecimal() and len(said) < 10 else 0


def _details(deed: int, by: str, desk: Desk, language: str) -> Mapping[str, Any] | None:
    opened = cases.opened_by(deed, by, desk.clock())
    if opened is None:
        return None
    case = cases.case_of(opened)
    return {
        "case": case,
        "their_number": numbers.for_people(case.person.number),
        "typed_number": f"+{case.person.number}",
        "place_of": lambda row: places.shown(there, language) if (there := place(row.postcode or "")) else "",
        "phone": numbers.for_people,
        "may_do": lambda row: cases.MAY_DO.get(RequestStep(row.step), ()),
    }
