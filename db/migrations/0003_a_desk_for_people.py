"""Requests by telephone, people to ring, what operators write beside a case, and the figures of each day."""

from typing import Any

from peewee import AutoField, BigIntegerField, BooleanField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Table(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Tally(Table):
        of = TextField(unique=True)
        figures = TextField()
        counted_at = BigIntegerField()

    db.create_tables([Tally])
    migrator.migrate(
        migrator.add_column("request", "consented_at", BigIntegerField(null=True)),
        migrator.add_column("request", "introduced_at", BigIntegerField(null=True)),
        migrator.add_column("request", "answered_at", BigIntegerField(null=True)),
        migrator.add_column("request", "helped", BooleanField(null=True)),
        migrator.add_column("concern", "notice", TextField(null=True)),
        migrator.add_column("concern", "outcome", TextField(null=True)),
    )
    # As they are: playhouse would make the whole table anew for a column that may not be null.
    db.execute_sql("ALTER TABLE person ADD COLUMN no_sms BOOLEAN NOT NULL DEFAULT FALSE")
    db.execute_sql("ALTER TABLE deed ADD COLUMN note TEXT NOT NULL DEFAULT ''")
    db.execute_sql(
        "UPDATE request SET introduced_at ="
        " (SELECT MIN(moved_at) FROM offer WHERE offer.request_id = request.id AND offer.step = 'introduced')"
    )
    answered = "step IN ('helped', 'not_helped')"
    db.execute_sql(f"UPDATE request SET answered_at = moved_at, helped = (step = 'helped') WHERE {answered}")  # noqa: S608
    db.execute_sql("CREATE INDEX request_created_at ON request (created_at)")
    db.execute_sql("CREATE INDEX request_introduced_at ON request (introduced_at) WHERE introduced_at IS NOT NULL")
    db.execute_sql("CREATE INDEX request_answered_at ON request (answered_at) WHERE answered_at IS NOT NULL")
