"""What the operators' page shows: cases with their people masked, and the figures that were counted ahead."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from db import concerns, figures, health
from db.concerns import Kind
from db.figures import Overview
from db.models import Concern, Health
from db.postcodes import place
from db.tally import DAYS
from smsgate import belgium, chart, numbers, places

CASES_A_PAGE = 20
LAST_FOR_DAYS = 7  # credit for less than a week of such days is worth a word
BUSIEST = 8  # how many postcodes are named one by one


def shown(kind: str, page: int, language: str, as_of: datetime, timezone: ZoneInfo) -> dict[str, Any]:
    """All of it, as the template wants it; kind: one of Kind, or anything else for all."""
    counts = concerns.count_by_kind()
    wanted = {kind: counts[kind]} if kind in counts else counts
    many = int(sum(wanted.values()))
    pages = max(1, -(-many // CASES_A_PAGE))
    first = (min(page, pages) - 1) * CASES_A_PAGE
    counted, doing = figures.overview(as_of, timezone), health.health()
    return {
        "as_of": as_of,
        "counts": {one: int(counts[one]) for one in Kind if counts[one]},
        "all_counted": int(sum(counts.values())),
        "kind": kind if kind in counts else "",
        "cases": [_case(concern, language) for concern in concerns.most_urgent(wanted, first, CASES_A_PAGE)],
        "first": first + 1,
        "many": many,
        "page": min(page, pages),
        "pages": pages,
        "doing": doing,
        "unheard_since": health.unheard_since(doing, as_of),
        "balance": _balance(doing),
        "lasts_days": _lasts_days(doing, counted),
        "figures": counted,
    } | (_drawn(counted, language) if counted else {})


def masked_name(name: str | None) -> str:
    """A name as operators see it before they open a case: A…"""
    return f"{name[0]}…" if name else ""


def _case(concern: Concern, language: str) -> Mapping[str, Any]:
    request, there = concern.request, concern.request and concern.request.place()
    return {
        "id": concern.id,
        "kind": concern.kind,
        "notice": concern.notice,
        "who": numbers.masked(concern.person.number) if not concern.person.is_erased() else "",
        "name": masked_name(concern.person.name),
        "need": request.need if request else None,
        "place": places.shown(there, language) if there else "",
        "since": request.created_at if request and concern.kind == Kind.NOBODY else concern.opened_at,
    }


def _drawn(counted: Overview, language: str) -> dict[str, Any]:
    willing, waiting = counted.volunteers.at, counted.waiting_at
    busiest = sorted(waiting, key=lambda postcode: (-waiting[postcode], postcode))[:BUSIEST]
    named = ((place(postcode), postcode) for postcode in busiest)
    return {
        "chart": chart.drawn([(day, one.all.asked, one.all.introduced) for day, one in counted.days.items()]),
        "map": belgium.drawn(willing, waiting),
        "map_size": (belgium.WIDTH, belgium.HEIGHT),
        "provinces": belgium.by_province(willing, waiting),
        "busiest": [
            (places.shown(there, language), waiting[postcode], willing.get(postcode, 0))
            for there, postcode in named
            if there
        ],
    }


def _balance(doing: Health) -> Decimal | None:
    try:
        return Decimal(doing.balance) if doing.balance else None
    except InvalidOperation:
        return None


def _lasts_days(doing: Health, counted: Overview | None) -> int | None:
    """For how many days like the last fourteen the credit is enough; None for a week or more, and if nobody knows."""
    left, spent = _balance(doing), counted.fortnight.cost if counted else 0
    if left is None or not spent or left >= LAST_FOR_DAYS * spent / DAYS:
        return None
    return int(left * DAYS / spent)
