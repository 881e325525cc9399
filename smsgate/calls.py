"""The telephonist's page: who is calling, then what they need or offer, taken down with the keyboard alone."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peewee import PeeweeException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db.postcodes import place
from keywords.meanings import Need
from smsgate import numbers, places, telephone
from smsgate.operators import Desk
from smsgate.page_words import LANGUAGES
from smsgate.telephone import LONGEST_NAME, LONGEST_PLACE, LONGEST_WORDS, Known, NotTaken

log = logging.getLogger(__name__)
SHOWN = ("number", "place", "need", "words", "name", "language")
LIMITS = {"name": LONGEST_NAME, "place": LONGEST_PLACE, "words": LONGEST_WORDS}


@dataclass(frozen=True, slots=True)
class CallPage:
    """A call, taken in two steps: the number, then the rest."""

    desk: Desk

    def routes(self) -> list[Route]:
        """Their addresses."""
        guards = self.desk.guards
        return [
            Route("/status/call", guards(self.begin)),
            Route("/status/call", guards(self.take), methods=["POST"]),
            Route("/status/call/who", guards(self.who), methods=["POST"]),
            Route("/status/call/places.json", guards(self.places)),
        ]

    async def begin(self, request: Request) -> Response:
        """Who is calling?"""
        return self.desk.draw(request, "call.html", typed={}, wrong={})

    async def who(self, request: Request) -> Response:
        """The number is known now, and what we know of it is filled in."""
        typed = await self.desk.posted(request)
        if isinstance(typed, Response):
            return typed
        by, as_of = self.desk.door.who(request), self.desk.clock()
        number = numbers.typed(typed.get("number", "")) or ""
        if not numbers.can_be_answered(number):
            return self.desk.draw(
                request, "call.html", path="/status/call", status=422, typed=typed, wrong={"number": "number"}
            )
        known = await self.desk.find(lambda: telephone.look_up(number, by, as_of))
        there = place(known.postcode) if known else None
        language = self.desk.pages.language(request)
        said = {"number": numbers.for_people(number), "as": _role(typed)}
        if known:
            said |= {"name": known.name, "language": known.language, "no_sms": "on" if known.no_sms else ""}
            said |= {"place": places.shown(there, language) if there else ""}
        return self.form(request, said, known=known)

    async def take(self, request: Request) -> Response:
        """Everything was said: it is taken down, or what is wrong is told beside its field."""
        typed = await self.desk.posted(request)
        if isinstance(typed, Response):
            return typed
        by, as_of, as_volunteer = self.desk.door.who(request), self.desk.clock(), _role(typed) == "join"
        rules, our_number = self.desk.rules, self.desk.pages.settings["service.number"]
        try:
            call = telephone.read(typed, our_number, as_volunteer)
            take = telephone.join if as_volunteer else telephone.ask
            deed = await self.desk.change(lambda: take(call, rules, by, as_of))
        except NotTaken as wrong:
            return self.form(request, typed, wrong.faults, status=422)
        except PeeweeException as fault:
            log.warning("a call was not taken down: the database does not answer (%s)", type(fault).__name__)
            return self.form(request, typed, status=503)
        return self.desk.see(request, f"/status/cases/{deed}", done="joined" if as_volunteer else "asked")

    async def places(self, request: Request) -> Response:
        """What somebody may be about to type as a place, for the script that completes it."""
        language, typed = self.desk.pages.language(request), request.query_params.get("typed", "")[:LONGEST_PLACE]
        found = [{"value": value, "label": label} for value, label in places.completions(typed, language).items()]
        return JSONResponse(found, headers=self.desk.pages.headers_for(data=False))

    def form(
        self,
        request: Request,
        typed: Mapping[str, str],
        wrong: Mapping[str, str] | None = None,
        status: int = 200,
        known: Known | None = None,
    ) -> Response:
        """The form with all that was typed, and what is wrong with it."""
        language, wrong = self.desk.pages.language(request), wrong or {}
        number = numbers.typed(typed.get("number", "")) or ""
        details: dict[str, Any] = {
            "typed": dict.fromkeys(SHOWN, "") | dict(typed),
            "wrong": wrong,
            "known": known,
            "first_wrong": next(iter(wrong), ""),
            "gets_sms": not number or numbers.can_get_sms(number),
            "alike": places.alike(typed.get("place", ""), language) if wrong.get("place") == "place" else [],
            "needs": list(Need),
            "spoken": LANGUAGES,
            "limits": LIMITS,
            "not_kept": status == 503,
        }
        return self.desk.draw(
            request,
            "call_form.html",
            path="/status/call",
            status=status,
            as_volunteer=_role(typed) == "join",
            **details,
        )


def _role(typed: Mapping[str, str]) -> str:
    return "join" if typed.get("as") == "join" else "ask"
