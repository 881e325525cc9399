"""For a day, whoever was erased is known by a keyed hash of their number, so that its limits hold."""

from typing import Any

from peewee import TextField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("person", "erased_mark", TextField(null=True)),
        migrator.add_index("person", ("erased_mark",)),
    )
