"""Receipts: what became of a letter. They come late, twice, out of order, or before our own call returned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from db.connection import transaction
from db.models import Letter
from db.outbox import CLAIMED, DELIVERED, FAILED, GIVEN_UP, SENT, WAITING, Failure


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a letter, as the carrier tells it later."""

    ref: str | None
    carrier_ref: str
    delivered: bool
    failure: Failure | None  # none unless it failed
    code: str
    price: str | None
    at: datetime


def note(receipts: Sequence[Receipt]) -> None:
    """Note on each letter what became of it, all or none; a receipt for a letter that is not ours changes nothing."""
    with transaction():
        for receipt in receipts:
            _note(receipt)


def _note(receipt: Receipt) -> None:
    ours = Letter.ref == receipt.ref if receipt.ref else Letter.carrier_ref == receipt.carrier_ref
    if receipt.delivered:
        state = DELIVERED
    elif receipt.failure:
        state = FAILED
    else:
        state = SENT
    # What is known for certain is not changed by a later rumour.
    open_to = {
        DELIVERED: (WAITING, CLAIMED, SENT, FAILED, GIVEN_UP),
        FAILED: (WAITING, CLAIMED, SENT),
        SENT: (WAITING, CLAIMED),
    }
    Letter.update(
        state=state,
        receipt_at=receipt.at,
        failure=receipt.failure,
        fault=receipt.code if receipt.failure else None,
        number=None,
        price=fn.COALESCE(receipt.price, Letter.price),
    ).where(ours & Letter.state.in_(open_to[state])).execute()
