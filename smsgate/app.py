"""The service: its routes, opened and closed."""

import contextlib
from collections.abc import AsyncIterator, Sequence

import peewee
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from db import connection
from smsgate import assets
from smsgate.clock import Clock
from smsgate.gate import Gate
from smsgate.pages import Pages
from smsgate.public import PublicPages
from smsgate.settings import Settings
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
        """Whether texts can be stored and the database answers."""
        if not writer.is_alive():
            return JSONResponse({"status": "texts cannot be stored: start smsgate again"}, 503)
        if not await run_in_threadpool(database_answers):
            return JSONResponse({"status": "the database does not answer"}, 503)
        return JSONResponse({"status": "ok"})

    public = PublicPages(Pages(settings), rehearsal)
    routes = [*gate.routes(), Route("/healthz", healthz), *public.routes(), *assets.routes(), *more_routes]
    return Starlette(routes=routes, lifespan=lifespan)


def database_answers() -> bool:
    """One small question to the database, on a connection of its own."""
    try:
        connection.database.execute_sql("SELECT 1")
    except peewee.PeeweeException:
        return False
    finally:
        connection.close()
    return True
