"""What a letter is about and why it failed; how the service is doing; what needs a person; who did what; when seen."""

from typing import Any

from peewee import AutoField, BigIntegerField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Table(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Person(Table):
        pass

    class Request(Table):
        pass

    class Offer(Table):
        pass

    class Text(Table):
        pass

    class Letter(Table):
        pass

    class Health(Table):
        trouble = TextField(null=True)
        trouble_since = BigIntegerField(null=True)
        trouble_times = IntegerField(default=0)
        retry_at = BigIntegerField(null=True)
        balance = TextField(null=True)
        balance_at = BigIntegerField(null=True)
        swept_at = BigIntegerField(null=True)
        tidied_at = BigIntegerField(null=True)

    class Concern(Table):
        kind = TextField()
        person = ForeignKeyField(Person, on_delete="CASCADE")
        request = ForeignKeyField(Request, null=True, on_delete="CASCADE")
        letter = ForeignKeyField(Letter, null=True, on_delete="CASCADE")
        text = ForeignKeyField(Text, null=True, on_delete="CASCADE")
        opened_at = BigIntegerField()
        closed_at = BigIntegerField(null=True)
        closed_by = TextField(null=True)

        class Meta:
            indexes = ((("closed_at", "kind", "opened_at"), False),)

    class Deed(Table):
        by = TextField()
        did = TextField()
        person = ForeignKeyField(Person, null=True, on_delete="SET NULL")
        request = ForeignKeyField(Request, null=True, on_delete="SET NULL")
        at = BigIntegerField(index=True)

    db.create_tables([Health, Concern, Deed])
    Health.create()
    for column in ("seen_at", "warned_at", "gone_at", "blocked_at"):
        migrator.migrate(migrator.add_column("person", column, BigIntegerField(null=True)))
    migrator.migrate(
        migrator.add_column(
            "letter", "offer_id", ForeignKeyField(Offer, field=Offer.id, null=True, on_delete="SET NULL")
        ),
        migrator.add_column("letter", "number", TextField(null=True)),
        migrator.add_column("letter", "failure", TextField(null=True)),
        migrator.add_column("text", "heard_as", TextField(null=True)),
        migrator.add_index("text", ("sender", "received_at")),
        migrator.add_index("text", ("received_at",)),
        migrator.add_index("person", ("seen_at",)),
        migrator.add_index("letter", ("created_at",)),
    )
    # As it is: playhouse would make the whole table anew for a column that may not be null.
    db.execute_sql("ALTER TABLE letter ADD COLUMN cut_off INTEGER NOT NULL DEFAULT 0")
    db.execute_sql("UPDATE person SET seen_at = created_at")
