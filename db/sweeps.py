"""What has fallen due, row by row: one that breaks us does not stop the others."""

import logging
from collections.abc import Callable
from typing import TypeVar

from peewee import ModelSelect

from db.connection import is_out_of_order
from db.models import Table
from db.turns import undisturbed

log = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Table)


def each(due: "ModelSelect[Row]", do: Callable[[Row], object]) -> int:
    """Do this to every row that is due, each in a transaction of its own. Returns to how many it was done."""
    return sum(_one(due, row, do) for row in list(due))


def _one(due: "ModelSelect[Row]", row: Row, do: Callable[[Row], object]) -> bool:
    def work() -> bool:
        still_due = due.where(type(row).id == row.id).first()  # somebody may have written since
        if still_due is not None:
            do(still_due)
        return still_due is not None

    try:
        return undisturbed(work)
    except Exception as fault:
        if is_out_of_order(fault):
            raise
        log.exception("%s cannot go on %s=%d", type(row).__name__, type(row).__name__.lower(), row.id)
        return True
