"""Which step may follow which, and the one guarded move."""

from datetime import datetime
from enum import StrEnum

from peewee import Query

from db.models import Offer, Request
from db.statements import statement


class RequestStep(StrEnum):
    """Where a request stands."""

    INCOMPLETE = "incomplete"  # we asked for the postcode
    SEARCHING = "searching"  # volunteers are asked, or awaited
    PROPOSED = "proposed"  # a volunteer said yes; the asker is asked
    INTRODUCED = "introduced"  # both have each other's number
    FOLLOWED_UP = "followed_up"  # the asker, then the volunteer, is asked whether help came
    HELPED = "helped"
    NOT_HELPED = "not_helped"
    UNKNOWN = "unknown"  # nobody told us
    UNMET = "unmet"  # nobody was found
    WITHDRAWN = "withdrawn"  # the asker took it back, or did not answer


class OfferStep(StrEnum):
    """Where one request put to one volunteer stands."""

    ASKED = "asked"
    ACCEPTED = "accepted"  # the volunteer said yes; the asker is asked
    INTRODUCED = "introduced"
    DECLINED = "declined"  # the volunteer said no
    LAPSED = "lapsed"  # no answer in time
    TOO_LATE = "too_late"  # a neighbour was faster
    WITHDRAWN = "withdrawn"  # taken back by either side


OPEN_REQUESTS = (
    RequestStep.INCOMPLETE,
    RequestStep.SEARCHING,
    RequestStep.PROPOSED,
    RequestStep.INTRODUCED,
    RequestStep.FOLLOWED_UP,
)

REQUEST_STEPS: dict[RequestStep, set[RequestStep]] = {
    RequestStep.INCOMPLETE: {RequestStep.SEARCHING, RequestStep.UNMET, RequestStep.WITHDRAWN},
    RequestStep.SEARCHING: {
        RequestStep.PROPOSED,
        RequestStep.INTRODUCED,  # several were wanted, and no more were found
        RequestStep.UNMET,
        RequestStep.WITHDRAWN,
    },
    RequestStep.PROPOSED: {RequestStep.INTRODUCED, RequestStep.SEARCHING, RequestStep.WITHDRAWN},
    RequestStep.INTRODUCED: {
        RequestStep.FOLLOWED_UP,
        RequestStep.SEARCHING,  # the volunteer cannot come after all
        RequestStep.UNKNOWN,
        RequestStep.WITHDRAWN,
    },
    RequestStep.FOLLOWED_UP: {
        RequestStep.HELPED,
        RequestStep.NOT_HELPED,
        RequestStep.UNKNOWN,
        RequestStep.SEARCHING,
        RequestStep.WITHDRAWN,
    },
    RequestStep.NOT_HELPED: {RequestStep.SEARCHING},  # someone else is looked for
}

OFFER_STEPS: dict[OfferStep, set[OfferStep]] = {
    OfferStep.ASKED: {
        OfferStep.ACCEPTED,
        OfferStep.DECLINED,
        OfferStep.LAPSED,
        OfferStep.TOO_LATE,
        OfferStep.WITHDRAWN,
    },
    OfferStep.ACCEPTED: {OfferStep.INTRODUCED, OfferStep.WITHDRAWN},
    OfferStep.INTRODUCED: {OfferStep.WITHDRAWN},
    OfferStep.LAPSED: {OfferStep.ACCEPTED, OfferStep.DECLINED},  # a late yes counts if help is still needed
    # Should that neighbour not be wanted, or not come after all: asked again, or a late yes counts.
    OfferStep.TOO_LATE: {OfferStep.ASKED, OfferStep.ACCEPTED, OfferStep.DECLINED},
}


class OutOfStep(Exception):
    """Somebody else was there first, or the step is not allowed: nothing was changed."""


def move(row: Request | Offer, step: RequestStep | OfferStep, as_of: datetime) -> None:
    """Move one request or offer to its next step: exactly one row changes, or OutOfStep is raised."""
    if not may_follow(row.step, step):
        raise OutOfStep(f"{row.step} -> {step}")
    moved = _move_request if isinstance(row, Request) else _move_offer
    if moved(row.id, row.step, step, as_of) != 1:
        raise OutOfStep(f"{row.step} -> {step}")
    row.step, row.moved_at = step, as_of


def take(request: Request) -> None:
    """One more volunteer for this request, of those still wanted: of two who say yes at once, one raises OutOfStep."""
    if _take(request) != 1:
        raise OutOfStep("all that were wanted have said yes")
    request.taken += 1


@statement
def _move_request(request: int, before: str, step: str, as_of: datetime) -> Query:
    return Request.update(step=step, moved_at=as_of).where((Request.id == request) & (Request.step == before))


@statement
def _move_offer(offer: int, before: str, step: str, as_of: datetime) -> Query:
    return Offer.update(step=step, moved_at=as_of).where((Offer.id == offer) & (Offer.step == before))


@statement
def _take(request: Request) -> Query:
    wanting = (Request.taken < Request.wanted) & Request.step.in_((RequestStep.SEARCHING, RequestStep.PROPOSED))
    return Request.update(taken=Request.taken + 1).where((Request.id == request) & wanting)


def may_follow(before: str, step: RequestStep | OfferStep) -> bool:
    """Whether the tables allow this step after that one."""
    if isinstance(step, RequestStep):
        return step in REQUEST_STEPS.get(RequestStep(before), ())
    return step in OFFER_STEPS.get(OfferStep(before), ())
