"""What a call of the carrier says: the shapes in which texts and receipts come, read into one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from db.inbox import Incoming
from db.outbox import Failure
from db.receipts import Receipt

LONGEST_FIELD = 4000  # characters; the longest text there is has 255 parts, but nobody's is
LONGEST_NAME = 100  # characters, of a number or a reference
MOST_PARTS = 255

# Source: Vonage, delivery receipts of the SMS API and of the Messages API.
DELIVERED = frozenset({"delivered", "read"})
FAILED = frozenset({"failed", "expired", "rejected", "undeliverable"})
# Absent for now, handset busy, network error; absent for good, barred by the user, opted out: in each API's own codes.
ABSENT = frozenset({"2", "7", "8", "1180", "1220", "1230", "1000", "1331"})
GONE = frozenset({"3", "4", "9", "1190", "1050", "1240"})


class Malformed(Exception):
    """The call cannot be read; the message says why, and holds nothing of what it said."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call, read: its fields as the sender signed them, and which API it comes from."""

    fields: Mapping[str, str]
    messages_api: bool


def read_call(method: str, query: bytes, content_type: str, body: bytes) -> Call:
    """The fields of a GET's query, a form or JSON; JSON is known by its first character, as some send no type."""
    if method == "GET":
        return Call(_form(query), messages_api=False)
    if body.lstrip()[:1] in (b"{", b"[") and "form" not in content_type:
        said = _json(body)
        if "message_uuid" in said:
            return Call(_scalars(said, nested_too=True), messages_api=True)
        return Call(_scalars(said, nested_too=False), messages_api=False)
    return Call(_form(body), messages_api=False)


def text_of(call: Call, as_of: datetime) -> Incoming | None:
    """The text this call brings; None for what no person wrote (a picture, an echo of ours). Raises Malformed."""
    said = _storable(call.fields)
    if said.get("to") and said.get("to") in (said.get("msisdn"), said.get("from")):
        return None  # from our own number: we do not talk to ourselves
    if call.messages_api:
        if said.get("channel") != "sms":
            return None
        return Incoming(
            account="",
            message=_needed(said, "message_uuid"),
            sender=_needed(said, "from").removeprefix("+"),
            recipient=_needed(said, "to"),
            words=_text(said),
            received_at=as_of,
        )
    if said.get("type") == "binary":
        return None
    return Incoming(
        account="",  # there is one; its secret signed the call
        message=_needed(said, "messageId"),
        sender=_needed(said, "msisdn").removeprefix("+"),
        recipient=_needed(said, "to"),
        words=_text(said),
        received_at=as_of,
        **_part(said),
    )


def receipt_of(call: Call, as_of: datetime) -> Receipt:
    """What this receipt tells of a letter. Raises Malformed."""
    said = _storable(call.fields)
    status = said.get("status", "").lower()
    if not status:
        raise Malformed("status is missing")
    code = said.get("error.title" if call.messages_api else "err-code", "")
    return Receipt(
        ref=said.get("client_ref" if call.messages_api else "client-ref") or None,
        carrier_ref=_needed(said, "message_uuid" if call.messages_api else "messageId"),
        delivered=status in DELIVERED,
        failure=_failure(code) if status in FAILED else None,
        code=f"{status} {code}".strip()[:60],
        price=said.get("usage.price" if call.messages_api else "price"),
        at=as_of,
    )


def _storable(fields: Mapping[str, str]) -> dict[str, str]:
    """Half an emoji (a lone surrogate) and NUL cannot be stored: what remains of a text is still worth hearing."""
    return {name: value.encode("utf-8", "replace").decode().replace("\0", "") for name, value in fields.items()}


def _failure(code: str) -> Failure:
    if code in ABSENT:
        return Failure.ABSENT
    return Failure.GONE if code in GONE else Failure.REFUSED


def _part(said: Mapping[str, str]) -> dict[str, Any]:
    if said.get("concat", "").lower() != "true":
        return {}
    ref, total, part = said.get("concat-ref", ""), said.get("concat-total", ""), said.get("concat-part", "")
    are_numbers = total.isdecimal() and part.isdecimal()
    if not (0 < len(ref) <= LONGEST_NAME and are_numbers and 1 <= int(part) <= int(total) <= MOST_PARTS):
        raise Malformed("concat-ref, concat-part and concat-total do not fit together")
    if int(total) == 1:
        return {}
    return {"part_of": f"{said['to']}/{ref}/{int(total)}", "part": int(part), "parts": int(total)}


def _needed(said: Mapping[str, str], name: str) -> str:
    value = said.get(name, "")
    if not value or len(value) > LONGEST_NAME:
        raise Malformed(f"{name} is missing or too long")
    return value


def _text(said: Mapping[str, str]) -> str:
    words = said.get("text")
    if words is None:
        raise Malformed("text is missing")
    if len(words) > LONGEST_FIELD:
        raise Malformed("text is too long")
    return words


def _form(encoded: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(encoded.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except (UnicodeDecodeError, ValueError):
        raise Malformed("not a form in UTF-8") from None
    return _once(pairs)


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Malformed("not JSON in UTF-8") from None
    if not isinstance(said, dict):
        raise Malformed("not a JSON object")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        # Which of the two was signed, and which would be read? Vonage sends each once.
        raise Malformed("a field comes twice")
    return fields


def _scalars(said: Mapping[str, Any], nested_too: bool) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in said.items():
        match value:
            case str() | int() if not isinstance(value, bool):
                fields[name] = str(value)
            case dict() if nested_too:
                fields |= {f"{name}.{inner}": str(deep) for inner, deep in value.items() if isinstance(deep, str | int)}
            case None:
                continue  # as good as not there
            case _ if not nested_too:
                # The signature is over the text of each value, and these have none that both sides agree on.
                raise Malformed("a field is neither a text nor a whole number")
    return fields
