"""Indexes of what is still open, which stay small however long a town's history grows."""

from typing import Any


def up(_: Any, db: Any) -> None:
    for index in ("text_state_id", "text_sender_state", "text_sender_part_of", "person_erased_mark"):
        db.execute_sql(f"DROP INDEX {index}")
    for index, of in (
        ("text_waiting", "text (id) WHERE state = 'waiting'"),
        ("text_waiting_of_sender", "text (sender, id) WHERE state = 'waiting'"),
        ("text_kept", "text (received_at) WHERE sender <> ''"),
        ("letter_kept", "letter (created_at) WHERE details <> '{}' OR carrier_ref IS NOT NULL"),
        ("request_kept", "request (moved_at) WHERE details <> ''"),
        ("deed_kept", "deed (at) WHERE note <> ''"),
        ("offer_asked", "offer (asked_at) WHERE step = 'asked'"),
        ("person_erased", "person (erased_mark) WHERE erased_mark IS NOT NULL"),
        ("person_question_about", "person (question, question_about) WHERE question IS NOT NULL"),
    ):
        db.execute_sql(f"CREATE INDEX {index} ON {of}")
