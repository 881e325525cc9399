"""No query walks through a whole table: a town grows, and nobody waits longer for it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from db import connection, inbox
from db.concerns import Kind
from db.connection import database
from db.inbox import Incoming
from db.models import Concern, Person
from smsgate.hours import next_morning
from tests.test_door import HASH, PASSWORD
from tests.test_time import Found, introduced
from tests.town import SERVICE, Town

GROWS = {"person", "volunteer", "profile", "request", "offer", "text", "letter", "deed"}
ONLY_WHAT_IS_OPEN = (
    "text_waiting",
    "offer_asked",
    "_kept",
)  # indexes of a few rows of many, which may be walked through
# How many volunteers there are at each postcode: counted in a sweep, now and then, and kept (db/tally.py).
CENSUS = 'WHERE ("t1"."postcode" IS NOT NULL) GROUP BY "t1"."postcode"'


def statements_of(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Any, ...]]:
    """Every statement that is run from now on, with values it was run with."""
    statements: dict[str, tuple[Any, ...]] = {}
    kind = type(database.obj)
    execute = kind.execute_sql

    def noted(self: Any, sql: str, params: Any = None) -> Any:
        statements[sql] = tuple(params or ())
        return execute(self, sql, params)

    monkeypatch.setattr(kind, "execute_sql", noted)
    return statements


def plan(sql: str, values: tuple[Any, ...]) -> str:
    """How the database goes about it; PostgreSQL, for which a small table is quicker read whole, as if it were not."""
    if connection.is_postgresql():
        import psycopg

        with psycopg.ClientCursor(database.connection()) as cursor:
            for slow in ("seqscan", "hashjoin", "mergejoin"):
                cursor.execute(f"SET enable_{slow} = off")
            cursor.execute("SET seq_page_cost = 1000")  # of two ways to find EXISTS the cheaper is taken, off or not
            return "\n".join(line for (line,) in cursor.execute(f"EXPLAIN {sql}", values).fetchall())
    cursor = database.connection().execute(f"EXPLAIN QUERY PLAN {sql}", values)
    return "\n".join(row[3] for row in cursor.fetchall())


def counted(table: str) -> None:
    """PostgreSQL plans by what it counted last, which for tables as small as these is any plan."""
    if connection.is_postgresql():
        database.execute_sql(f"ANALYZE {table}")


def walks_through(sql: str, values: tuple[Any, ...]) -> set[str]:
    """The tables of which every row is looked at, by themselves or by an index that does not lead anywhere."""
    said = plan(sql, values)
    if connection.is_postgresql():
        return set(re.findall(r"Seq Scan on (\w+)", said)) & GROWS
    scans = [line for line in said.splitlines() if line.startswith("SCAN") and not line.endswith(ONLY_WHAT_IS_OPEN)]
    names = {alias: table for table, alias in re.findall(r'(?:FROM|JOIN|INTO|UPDATE) "(\w+)" AS "(\w+)"', sql)}
    return {names.get(line.split()[1], line.split()[1]) for line in scans} & GROWS


def test_no_query_walks_through_a_table_that_grows(found_town: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    town = found_town(status_password_hash=HASH)
    asked = statements_of(monkeypatch)
    introduced(town)
    for who, words in (
        ("chloe", "BENEVOLE 1050"),
        ("dirk", "HULP 1050 hond"),
        ("chloe", "PAUSE 7"),
        ("amina", "LISTE pain"),
    ):
        town.texts(who, words)
    town.pass_time(timedelta(hours=26))
    town.texts("amina", "OUI")
    town.texts("elise", "AIDE")
    town.texts("dirk", "ANNULER")
    town.texts("dirk", "WISSEN")
    town.texts("dirk", "JA")
    town.receipt("amina", "delivered")
    town.http.get("/metrics")
    town.http.get("/healthz")
    town.texts("fons", "je suis tombé, je ne peux plus me lever")
    for page in ("", "?kind=emergency", "/call"):
        assert town.http.get(f"/status{page}", auth=("operator", PASSWORD)).status_code == 200
    town.pass_time(timedelta(days=40))
    town.pass_time(timedelta(days=400))
    town.pass_time(timedelta(days=20))
    town.pass_time(next_morning(town.clock(), town.settings["service.timezone"]))  # when what is old is emptied
    # What is set aside is asked for by the town itself, to see that nothing is.
    queries = {
        sql: values
        for sql, values in asked.items()
        if re.match(r"(SELECT|UPDATE|DELETE|WITH)", sql) and "(0 = 1)" not in sql and inbox.SET_ASIDE not in values
    }
    assert len(queries) > 60
    walks = {sql: where for sql, values in queries.items() if (where := walks_through(sql, values))}
    walks = {sql: where for sql, where in walks.items() if not sql.endswith(CENSUS)}
    assert not walks, "\n\n".join(f"{where}: {sql}\n{plan(sql, queries[sql])}" for sql, where in walks.items())
    emptied = [sql for sql in queries if sql.startswith("UPDATE") and "LIMIT" in sql]
    assert len(emptied) == len(("text", "letter", "request", "deed"))
    if not connection.is_postgresql():  # which knows how few those rows are
        assert all("_kept" in plan(sql, queries[sql]) for sql in emptied), "what was emptied is not looked at again"


def test_the_parts_of_a_long_text_are_found_among_the_thousands_that_wait(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = statements_of(monkeypatch)
    part = {"concat": "true", "concat-ref": "7", "concat-total": "2"}
    town.deliver("amina", "AIDE 1050 cour", **part, **{"concat-part": "1"})
    town.deliver("amina", "ses", **part, **{"concat-part": "2"})
    town.settle()
    town.workers[0].stop()
    inbox.store([Incoming("", f"m{one}", f"3247{one:07}", SERVICE, "AIDE", town.clock()) for one in range(2000)])
    counted("text")
    joined = {sql: values for sql, values in asked.items() if '."part_of" = ' in sql}
    assert len(joined) >= 2
    for sql, values in joined.items():
        assert "text_waiting_part" in plan(sql, values), sql


def test_what_is_open_about_a_person_is_found_among_the_thousands_that_an_appeal_leaves_without_anybody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = statements_of(monkeypatch)
    town.texts("amina", "AIDE 1050 courses")
    for one in range(1000):
        person = Person.create(number=f"3247{one:07}", created_at=town.clock())
        Concern.create(kind=Kind.NOBODY, person=person, opened_at=town.clock())
    counted("concern")
    found = {sql: values for sql, values in asked.items() if '."person_id" = ' in sql and 'FROM "concern"' in sql}
    assert found
    for sql, values in found.items():
        assert "concern_person_id" in plan(sql, values), sql
