"""The service: its routes, opened and closed."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import peewee
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from db import connection, health, outage
from smsgate import assets, metrics
from smsgate.calls import CallPage
from smsgate.cases import CasePage
from smsgate.clock import Clock
from smsgate.door import Door
from smsgate.gate import Gate
from smsgate.operators import Desk
from smsgate.pages import Pages
from smsgate.public import PublicPages
from smsgate.settings import Settings
from smsgate.status import StatusPage
from smsgate.tasks import Bells
from smsgate.writer import Writer


def create(
    settings: Settings, bells: Bells, clock: Clock, more_routes: Sequence[BaseRoute] = (), rehearsal: bool = False
) -> Starlette:
    """The web application. The database is connected and its tables are up to date before it is opened."""
    writer = Writer(after_commit=bells.hear)
    gate = Gate(settings, writer, clock)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        writer.start()
        yield
        writer.stop()

    async def healthz(_: Request) -> Response:
        """Whether texts can be stored (else 503) and letters go out (else 200, degraded: texts are still taken in)."""
        if not writer.is_alive():
            return JSONResponse({"status": "texts cannot be stored: start smsgate again"}, 503)
        try:
            why = await run_in_threadpool(troubles, clock())
        except peewee.PeeweeException:
            return JSONResponse({"status": "the database does not answer"}, 503)
        return JSONResponse({"status": "degraded", "why": why} if why else {"status": "ok"})

    pages = Pages(settings)
    public = PublicPages(pages, rehearsal)
    desk = Desk(pages, Door(settings, clock), clock, bells)
    routes = [
        *gate.routes(),
        Route("/healthz", healthz),
        metrics.route(clock),
        *public.routes(),
        *StatusPage(desk).routes(),
        *CasePage(desk).routes(),
        *CallPage(desk).routes(),
        *assets.routes(),
        *more_routes,
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def troubles(as_of: datetime) -> list[str]:
    """What is not well although texts can be stored, in plain words; asked on a connection of its own."""
    try:
        doing, stuck = health.health(), outage.stuck()
        unheard_since = health.unheard_since(doing, as_of)
    finally:
        connection.close()
    found = []
    if doing.trouble:
        found.append(
            f"no letters go out since {doing.trouble_since:%Y-%m-%d %H:%M} UTC; the carrier says: {doing.trouble}"
        )
    elif stuck:
        found.append(f"no letters go out since {stuck.created_at:%Y-%m-%d %H:%M} UTC; tried and failed: {stuck.fault}")
    if unheard_since:
        found.append(f"nobody hears texts since {unheard_since:%Y-%m-%d %H:%M} UTC: is `smsgate work` running?")
    return found
