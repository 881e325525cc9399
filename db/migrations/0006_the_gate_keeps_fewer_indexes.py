"""A text is put among those of its sender when it has been heard, not while the carrier waits for our answer."""

from typing import Any


def up(_: Any, db: Any) -> None:
    for index in ("text_sender_received_at", "text_waiting_of_sender"):
        db.execute_sql(f"DROP INDEX {index}")
    db.execute_sql("CREATE INDEX text_past ON text (sender, received_at) WHERE state <> 'waiting'")
    of_long_texts = "state = 'waiting' AND part_of IS NOT NULL"
    db.execute_sql(f"CREATE INDEX text_waiting_part ON text (sender, part_of) WHERE {of_long_texts}")
