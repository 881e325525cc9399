"""Which step may follow which, and the one guarded move."""

from datetime import datetime
from enum import StrEnum

from db.models import Offer, Request


class RequestStep(StrEnum):
    """Where a request stands."""

    INCOMPLETE = "incomplete"  # we asked for the postcode
    SEARCHING = "searching"  # volunteers are asked, or awaited
    PROPOSED = "proposed"  # a volunteer said yes; the asker is asked
    INTRODUCED = "introduced"  # both have each other's number
    FOLLOWED_UP = "followed_up"  # the asker is asked whether help came
    HELPED = "helped"
    NOT_HELPED = "not_helped"
    UNKNOWN = "unknown"  # nobody told us
    UNMET = "unmet"  # nobody was found
    WITHDRAWN = "withdrawn"  # the asker took it back


class OfferStep(StrEnum):
    """Where one request put to one volunteer stands."""

    ASKED = "asked"
    ACCEPTED = "accepted"  # the volunteer said yes; the asker is asked
    INTRODUCED = "introduced"
    DECLINED = "declined"  # the volunteer said no
    LAPSED = "lapsed"  # no answer in time
    TOO_LATE = "too_late"  # a neighbour was faster
    WITHDRAWN = "withdrawn"  # the asker took it back, or refused


OPEN_REQUESTS = (
    RequestStep.INCOMPLETE,
    RequestStep.SEARCHING,
    RequestStep.PROPOSED,
    RequestStep.INTRODUCED,
    RequestStep.FOLLOWED_UP,
)

MAY_FOLLOW: dict[StrEnum, frozenset[StrEnum]] = {
    RequestStep.INCOMPLETE: frozenset({RequestStep.SEARCHING, RequestStep.WITHDRAWN}),
    RequestStep.SEARCHING: frozenset({RequestStep.PROPOSED, RequestStep.UNMET, RequestStep.WITHDRAWN}),
    RequestStep.PROPOSED: frozenset({RequestStep.INTRODUCED, RequestStep.SEARCHING, RequestStep.WITHDRAWN}),
    RequestStep.INTRODUCED: frozenset({RequestStep.FOLLOWED_UP, RequestStep.WITHDRAWN}),
    RequestStep.FOLLOWED_UP: frozenset(
        {RequestStep.HELPED, RequestStep.NOT_HELPED, RequestStep.UNKNOWN, RequestStep.WITHDRAWN}
    ),
    OfferStep.ASKED: frozenset(
        {OfferStep.ACCEPTED, OfferStep.DECLINED, OfferStep.LAPSED, OfferStep.TOO_LATE, OfferStep.WITHDRAWN}
    ),
    OfferStep.ACCEPTED: frozenset({OfferStep.INTRODUCED, OfferStep.WITHDRAWN}),
    OfferStep.INTRODUCED: frozenset({OfferStep.WITHDRAWN}),
    # A late yes counts if help is still needed.
    OfferStep.LAPSED: frozenset({OfferStep.ACCEPTED}),
    OfferStep.TOO_LATE: frozenset({OfferStep.ACCEPTED}),
}


class OutOfStep(Exception):
    """Somebody else was there first, or the step is not allowed: nothing was changed."""


def move(row: Request | Offer, step: RequestStep | OfferStep, as_of: datetime) -> None:
    """Move one request or offer to its next step: exactly one row changes, or OutOfStep is raised."""
    steps = type(step)
    if step not in MAY_FOLLOW.get(steps(row.step), frozenset()):
        raise OutOfStep(f"{row.step} -> {step}")
    model = type(row)
    moved = model.update(step=step, moved_at=as_of).where((model.id == row.id) & (model.step == row.step)).execute()
    if moved != 1:
        raise OutOfStep(f"{row.step} -> {step}")
    row.step, row.moved_at = step, as_of
