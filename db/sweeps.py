"""What has fallen due, row by row: one that breaks us does not stop the others."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from db.connection import is_out_of_order, transaction
from db.models import Table

log = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Table)


def each(due: Iterable[Row], do: Callable[[Row], object]) -> int:
    """Do this to every row, each in a savepoint of its own. Returns how many there were."""
    rows = list(due)
    for row in rows:
        try:
            with transaction():
                do(row)
        except Exception as fault:
            if is_out_of_order(fault):
                raise
            log.exception("%s cannot go on %s=%d", type(row).__name__, type(row).__name__.lower(), row.id)
    return len(rows)
