"""SQL written once and kept: peewee takes a millisecond to write what a database answers in a tenth of one.

A hundred texts a second were heard before, measured, two thirds of the time spent on writing SQL.
"""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar, overload

from peewee import Model, ModelSelect, Query, Select, Value

from db.connection import Moment, database

P = ParamSpec("P")
Row = TypeVar("Row", bound=Model)
MOMENT = Moment()


@overload
def statement(write: Callable[P, "ModelSelect[Row]"]) -> Callable[P, list[Row]]: ...
@overload
def statement(write: Callable[P, Query]) -> Callable[P, Any]: ...
def statement(write: Callable[P, Query]) -> Callable[P, Any]:
    """A query as a function of its values: its SQL is written at the first call, and then only filled in.

    Returns the rows of a SELECT (models, or tuples if the query says so), or how many rows an UPDATE or DELETE changed.
    Whoever writes the query is handed placeholders: they go into it whole, and nothing can be asked of them.
    """

    @cache
    def written(_: str, how_many: int) -> tuple[str, tuple[Any, ...], "_Rows | None"]:
        query = write(*(Value(_Hole(number), converter=False) for number in range(how_many)))  # type: ignore[call-arg, arg-type]
        query.bind(database.obj)
        sql, values = query.sql()
        return sql, tuple(values), _Rows(query) if isinstance(query, Select) else None

    @wraps(write)
    def ask(*given: Any) -> Any:
        sql, values, rows = written(_kind(), len(given))
        filled = [_plain(given[one.number]) if isinstance(one, _Hole) else one for one in values]
        cursor = database.execute_sql(sql, filled)
        return rows.read(cursor) if rows else cursor.rowcount

    return ask  # type: ignore[return-value]


def insert(table: type[Row], **values: Any) -> Row:
    """A new row."""
    row = table(**values)
    (row.id,) = _inserted(row, or_ignore=False)  # type: ignore[attr-defined]
    row._dirty.clear()  # type: ignore[attr-defined]
    return row


def insert_if_new(table: type[Row], **values: Any) -> Row | None:
    """A new row, or None if there is one already with what must be unique."""
    row = table(**values)
    made = _inserted(row, or_ignore=True)
    if made is None:
        return None
    (row.id,) = made  # type: ignore[attr-defined]
    row._dirty.clear()  # type: ignore[attr-defined]
    return row


def change(row: Model, **values: Any) -> None:
    """Change these columns of a row, here and in the database."""
    for name, value in values.items():
        setattr(row, name, value)
    sql = _update(_kind(), type(row), tuple(values))
    database.execute_sql(sql, [*(_plain(value) for value in values.values()), row.id])  # type: ignore[attr-defined]
    row._dirty.clear()  # type: ignore[attr-defined]


def _inserted(row: Model, or_ignore: bool) -> Any:
    sql, names = _insert(_kind(), type(row), or_ignore)
    return database.execute_sql(sql, [_plain(row.__data__.get(name)) for name in names]).fetchone()


@cache
def _insert(_: str, table: type[Model], or_ignore: bool) -> tuple[str, tuple[str, ...]]:
    fields = [field for field in table._meta.sorted_fields if field.name != "id"]
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    holes = ", ".join([database.param] * len(fields))
    ignore = " ON CONFLICT DO NOTHING" if or_ignore else ""
    sql = f'INSERT INTO "{table._meta.table_name}" ({columns}) VALUES ({holes}){ignore} RETURNING id'  # noqa: S608
    return sql, tuple(field.name for field in fields)


@cache
def _update(_: str, table: type[Model], names: tuple[str, ...]) -> str:
    columns = [table._meta.fields[name].column_name for name in names]
    changes = ", ".join(f'"{column}" = {database.param}' for column in columns)
    return f'UPDATE "{table._meta.table_name}" SET {changes} WHERE id = {database.param}'  # noqa: S608


def _kind() -> str:
    """Which database's SQL."""
    return type(database.obj).__name__


class _Rows:
    """Makes models, or tuples, of the rows of one query, as peewee does; what peewee finds out each time is kept."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.reader: Any = None

    def read(self, cursor: Any) -> list[Any]:
        """Every row."""
        found = cursor.fetchall()
        if not found:
            return []
        if self.reader is None:
            self.reader = self.query._get_cursor_wrapper(cursor)  # type: ignore[attr-defined]
            self.reader.initialize()
        return [self.reader.process_row(row) for row in found]


class _Hole:
    """Where a value goes."""

    def __init__(self, number: int) -> None:
        self.number = number


def _plain(value: Any) -> Any:
    """A value as the database takes it."""
    match value:
        case datetime():
            return MOMENT.db_value(value)
        case Model():
            return value.id  # type: ignore[attr-defined]
        case Enum():
            return value.value
        case _:
            return value
