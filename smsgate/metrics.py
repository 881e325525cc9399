"""Figures for a monitor, in Prometheus' format: what waits, since when, what needs a person; nothing about anyone."""

from collections.abc import Iterator
from datetime import datetime

from peewee import fn
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db import concerns, connection, health, inbox, outbox
from db.leaving import open_requests_by_step
from db.models import Letter, Text
from smsgate.clock import Clock


def route(clock: Clock) -> Route:
    """The address a monitor asks."""

    async def metrics(_: Request) -> Response:
        """All figures, as of now."""
        return Response(await run_in_threadpool(_page, clock()), media_type="text/plain; version=0.0.4")

    return Route("/metrics", metrics)


def _page(as_of: datetime) -> bytes:
    # Loaded when a monitor first asks: not every town has one.
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.registry import Collector

    class Figures(Collector):
        def collect(self) -> Iterator[GaugeMetricFamily]:
            for name, what, labels, values in figures(as_of):
                family = GaugeMetricFamily(name, what, labels=labels)
                for label, value in values.items():
                    family.add_metric([label] if labels else [], value)
                yield family

    registry = CollectorRegistry()
    registry.register(Figures())
    try:
        return generate_latest(registry)
    finally:
        connection.close()


def figures(as_of: datetime) -> Iterator[tuple[str, str, tuple[str, ...], dict[str, float]]]:
    """Each figure: its name, what it says, the name of its label if it has one, and its value for each."""
    doing = health.health()
    waiting = Text.state == inbox.WAITING
    owed = Letter.state.in_((outbox.WAITING, outbox.CLAIMED)) & (Letter.due_at <= as_of)
    yield "smsgate_texts_waiting", "Texts stored and not heard yet", (), {"": Text.select().where(waiting).count()}
    yield (
        "smsgate_text_waiting_seconds",
        "How long the oldest of them has waited",
        (),
        {"": _seconds(inbox.waits_since(), as_of)},
    )
    yield "smsgate_letters_due", "Letters due and not sent yet", (), {"": Letter.select().where(owed).count()}
    yield (
        "smsgate_letter_due_seconds",
        "How long the oldest of them has been due",
        (),
        {"": _seconds(Letter.select(fn.MIN(Letter.due_at)).where(owed).scalar(), as_of)},
    )
    yield "smsgate_carrier_up", "Whether the carrier takes letters", (), {"": float(doing.trouble is None)}
    if doing.balance:
        yield "smsgate_balance_euros", "What is left to spend, as the carrier last said", (), {"": float(doing.balance)}
    if doing.swept_at:
        yield "smsgate_worker_seconds", "Since the worker last looked", (), {"": _seconds(doing.swept_at, as_of)}
    yield "smsgate_requests_open", "Open requests by step", ("step",), open_requests_by_step()
    yield "smsgate_concerns_open", "What needs a person, by kind", ("kind",), concerns.count_by_kind()


def _seconds(since: datetime | None, as_of: datetime) -> float:
    return max(0.0, (as_of - since).total_seconds()) if since else 0.0
