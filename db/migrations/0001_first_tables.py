"""People, volunteers, requests, offers, texts and letters."""

from typing import Any

from peewee import AutoField, BigIntegerField, BooleanField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Table(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Person(Table):
        number = TextField(unique=True)
        name = TextField(null=True)
        language = TextField(null=True)
        question = TextField(null=True)
        question_about = IntegerField(null=True)
        question_at = BigIntegerField(null=True)
        stopped_at = BigIntegerField(null=True)
        created_at = BigIntegerField()

    class Volunteer(Table):
        person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
        postcode = TextField(null=True)
        language = TextField(default="")
        languages = TextField(default="")
        needs = TextField(default="")
        resting_until = BigIntegerField(null=True, index=True)
        spared_until = BigIntegerField(null=True, index=True)
        asked_at = BigIntegerField(default=0)
        free = BooleanField(default=False)
        created_at = BigIntegerField()

    class Profile(Table):
        postcode = TextField()
        language = TextField()
        languages = TextField()
        needs = TextField()

        class Meta:
            indexes = ((("postcode", "language", "languages", "needs"), True),)

    class Request(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE")
        postcode = TextField(null=True)
        need = TextField(null=True)
        details = TextField(default="")
        wanted = IntegerField(default=1)
        taken = IntegerField(default=0)
        waves = IntegerField(default=0)
        step = TextField()
        moved_at = BigIntegerField()
        due_at = BigIntegerField(null=True)
        reminded_at = BigIntegerField(null=True)
        nobody_at = BigIntegerField(null=True)
        created_at = BigIntegerField()

        class Meta:
            indexes = ((("person", "step"), False), (("step", "postcode"), False), (("step", "due_at"), False))

    class Offer(Table):
        request = ForeignKeyField(Request, on_delete="CASCADE")
        volunteer = ForeignKeyField(Volunteer, on_delete="CASCADE")
        step = TextField()
        moved_at = BigIntegerField()
        asked_at = BigIntegerField()

        class Meta:
            indexes = (
                (("request", "volunteer"), True),
                (("request", "step"), False),
                (("volunteer", "step"), False),
                (("volunteer", "asked_at"), False),
            )

    class Text(Table):
        account = TextField()
        message = TextField()
        sender = TextField()
        recipient = TextField()
        words = TextField()
        part_of = TextField(null=True)
        part = IntegerField(default=1)
        parts = IntegerField(default=1)
        received_at = BigIntegerField()
        state = TextField()
        heard_at = BigIntegerField(null=True)
        fault = TextField(null=True)

        class Meta:
            indexes = (
                (("account", "message"), True),
                (("state", "id"), False),
                (("sender", "state"), False),
                (("sender", "part_of"), False),
            )

    class Letter(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE")
        notice = TextField()
        details = TextField(default="{}")
        state = TextField()
        ref = TextField(unique=True)
        carrier_ref = TextField(null=True, index=True)
        due_at = BigIntegerField()
        claimed_at = BigIntegerField(null=True)
        sent_at = BigIntegerField(null=True)
        receipt_at = BigIntegerField(null=True)
        attempts = IntegerField(default=0)
        fault = TextField(null=True)
        price = TextField(null=True)
        created_at = BigIntegerField()

        class Meta:
            indexes = (
                (("state", "due_at"), False),
                (("person", "state"), False),
                (("person", "notice", "created_at"), False),
            )

    db.create_tables([Person, Volunteer, Profile, Request, Offer, Text, Letter])
    # Whom to ask next, in the order of asking; only those who are free, so that a walk never steps over the others.
    alike = "language, languages, needs, asked_at, id"
    db.execute_sql(f"CREATE INDEX volunteer_free_at_postcode ON volunteer (postcode, {alike}) WHERE free")
    db.execute_sql(f"CREATE INDEX volunteer_free_anywhere ON volunteer ({alike}) WHERE free")
