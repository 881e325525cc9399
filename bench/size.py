"""How many bytes a town takes on the disk: rows, and bytes a row with its share of the indexes, table by table.

python -m bench.size [--postgresql postgresql://…]   # an empty database with its tables, to compare
"""

import argparse
import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path

from bench.days import Town
from bench.people import DAYS, REQUESTS, VOLUNTEERS, People
from bench.town import SEED, UNTIL_ALL_IS_CLOSED, Strategy, default_rules, settle
from db import connection, moving, privacy
from db.connection import database

TABLES = ("person", "volunteer", "profile", "request", "offer", "text", "letter", "concern")
AT_ONCE = 2_000


def main() -> None:
    """Live through the town, and print a row a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.size", description=__doc__)
    parser.add_argument("--postgresql", help="an empty database with its tables, to compare")
    parser.add_argument("--volunteers", type=int, default=VOLUNTEERS)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    wanted = parser.parse_args()
    people = People(SEED, wanted.volunteers, wanted.requests, DAYS)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "town.db"
        settle(people, file)
        town = live(people, file)
        rows, fresh = measured(file)
        on_postgresql = moved(file, wanted.postgresql) if wanted.postgresql else {}
        connection.connect(f"sqlite:///{file}")
        while privacy.empty_old(town.now + timedelta(days=60), timedelta(days=30), AT_ONCE):
            pass
        database.execute_sql("VACUUM")
        _, emptied = measured(file)
        connection.close()
    print(f"seed {SEED}: {wanted.volunteers:,} volunteers, {wanted.requests} requests in {DAYS} days\n")
    print("| table | rows | bytes a row | once its words are emptied | on PostgreSQL |")
    print("| --- | --: | --: | --: | --: |")
    for table in TABLES:
        if many := rows[table]:
            server = f"{on_postgresql[table] / many:.0f}" if on_postgresql else ""
            print(f"| {table} | {many:,} | {fresh[table] / many:.0f} | {emptied[table] / many:.0f} | {server} |")
    print(f"\n{town.texts_in:,} texts in, {len(town.sent):,} letters out")


def live(people: People, file: Path) -> Town:
    """The two months, asked in the way smsgate asks."""
    town = Town(people, Strategy("smsgate", default_rules()).rules, file)
    for text in people.texts():
        if text.at >= people.first_day:
            town.expect(text.at, text)
    town.live(people.pleas[-1].at + UNTIL_ALL_IS_CLOSED)
    return town


def measured(file: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Rows and bytes of each table, those of its indexes included."""
    database.execute_sql("VACUUM")
    connection.close()
    opened = sqlite3.connect(file)
    rows = {table: opened.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in TABLES}
    of_each = "SELECT s.tbl_name, SUM(d.pgsize) FROM dbstat d JOIN sqlite_schema s USING (name) GROUP BY 1"
    bytes_ = dict(opened.execute(of_each).fetchall())
    opened.close()
    return rows, bytes_


def moved(file: Path, url: str) -> dict[str, int]:
    """The bytes of each table of the same town on a PostgreSQL server."""
    moving.move(f"sqlite:///{file}", url)
    connection.connect(url)
    bytes_ = {}
    for table in TABLES:
        database.execute_sql(f"VACUUM FULL {table}")
        bytes_[table] = database.execute_sql("SELECT pg_total_relation_size(%s)", (table,)).fetchone()[0]
    connection.close()
    return bytes_


if __name__ == "__main__":
    main()
