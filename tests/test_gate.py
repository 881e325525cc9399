"""The gate: is it Vonage, what does it say, is it kept. Each shape, each signature, each refusal."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jwt
import pytest
from starlette.testclient import TestClient

from db import connection
from db.models import Letter, Person, Text
from db.outbox import Notice, put
from smsgate import app, settings
from smsgate.signatures import WrongSignature, read_token, sign_fields
from smsgate.tasks import Bells, close_storage
from tests.town import environment

SECRET = "test-only-signature-secret-0123456789"
NOW = datetime(2026, 11, 22, 19, 21, 14, tzinfo=UTC)
SAMPLES = Path(__file__).parent.parent.parent / "shared" / "vonage_samples.jsonl"

# Published test vectors of Vonage's SDKs: method, secret, fields with their signature.
VECTORS = [
    ("md5hash", "my_secret_key_for_testing", {"k": "&", "sig": "c3d6a686ab9c7e7408bb1c0506e9629a"}),
    (
        "md5",
        "abcde",
        {"a": "alphabet", "b": "bananas", "timestamp": "2100", "sig": "e0afe267aefd6dd18a848c1681517a19"},
    ),
    (
        "sha1",
        "abcde",
        {"a": "alphabet", "b": "bananas", "timestamp": "2100", "sig": "b7f749de27b4adcf736cc95c9a7e059a16c85127"},
    ),
    (
        "sha256",
        "abcde",
        {
            "a": "alphabet",
            "b": "bananas",
            "timestamp": "2100",
            "sig": "8d1b0428276b6a070578225914c3502cc0687a454dfbbbb370c76a14234cb546",
        },
    ),
    (
        "sha512",
        "abcde",
        {
            "a": "alphabet",
            "b": "bananas",
            "timestamp": "2100",
            "sig": "1c834a1f6a377d4473971387b065cb38e2ad6c4869ba77b7b53e207a344e87ba"
            "04b456dfc697b371a2d1ce476d01dafd4394aa97525eff23badad39d2389a710",
        },
    ),
    (
        "md5",
        "signature_secret",
        {
            "param1": "value&1",
            "param2": "value=2",
            "timestamp": "1234567890",
            "sig": "2bbf0abafb2c55e5af6231513896a2ac",
        },
    ),
]


class Door:
    """The two doors of a service whose clock stands still."""

    def __init__(self, folder: Path, database_url: str, secret: str, method: str, now: datetime) -> None:
        given = environment(database_url, "127.0.0.1:9", vonage_signature_secret=secret, vonage_signature_method=method)
        chosen = settings.read(folder / "none.ini", given)
        connection.connect(chosen["database.url"])
        connection.migrate()
        self.secret, self.method, self.now = secret, method, now
        self.bells = Bells(chosen)
        self.client = TestClient(app.create(chosen, self.bells, lambda: self.now))

    def signed(self, fields: dict[str, str], method: str | None = None) -> dict[str, str]:
        dated = {"timestamp": str(int(self.now.timestamp()))} | fields
        return dated | {"sig": sign_fields(dated, self.secret, method or self.method)}

    def bearer(self, body: bytes, **claims: Any) -> dict[str, str]:
        said = {
            "iat": int(self.now.timestamp()),
            "jti": "one",
            "iss": "Vonage",
            "api_key": "abcd1234",
            "payload_hash": hashlib.sha256(body).hexdigest(),
        } | claims
        return {"Authorization": f"Bearer {jwt.encode(said, self.secret, 'HS256')}"}


@pytest.fixture
def open_door(tmp_path: Path, database_url: str) -> Iterator[Callable[..., Door]]:
    doors: list[Door] = []

    def opened(secret: str = SECRET, method: str = "md5hash", now: datetime = NOW) -> Door:
        doors.append(Door(tmp_path, database_url, secret, method, now))
        doors[-1].client.__enter__()
        return doors[-1]

    yield opened
    for door in doors:
        door.client.__exit__(None, None, None)
        close_storage(door.bells.huey)
    connection.close()


@pytest.fixture
def door(open_door: Callable[..., Door]) -> Door:
    return open_door()


TEXT = {
    "api-key": "abcd1234",
    "msisdn": "32470123456",
    "to": "32460200300",
    "messageId": "0A0000000123ABCD1",
    "text": "Où est le n° 5 & le 7=?  ça va 😀 €",
    "type": "unicode",
    "keyword": "OÙ",
    "message-timestamp": "2026-11-22 19:21:14",
}
INBOUND, STATUS = "/webhooks/inbound", "/webhooks/status"


# --- every shape a text comes in


@pytest.mark.parametrize("method", settings.SIGNATURE_METHODS)
@pytest.mark.parametrize("shape", ["get", "form", "json", "json without a type"])
def test_a_text_is_kept_in_whatever_shape_and_scheme_the_account_has(
    open_door: Callable[..., Door], shape: str, method: str
) -> None:
    door = open_door(method=method)
    fields = door.signed(TEXT)
    match shape:
        case "get":
            answer = door.client.get(INBOUND, params=fields)
        case "form":
            answer = door.client.post(INBOUND, data=fields)
        case "json":
            answer = door.client.post(INBOUND, json=fields)
        case _:
            answer = door.client.post(INBOUND, content=json.dumps(fields))
    assert answer.status_code == 200
    kept = Text.get()
    assert (kept.sender, kept.words, kept.state) == ("32470123456", TEXT["text"], "waiting")


def test_a_text_of_the_messages_api_is_kept(door: Door) -> None:
    said = {"channel": "sms", "message_uuid": "aaaa-1", "to": "32460200300", "from": "32470123456", "text": "AIDE 😀"}
    body = json.dumps(said | {"usage": {"price": "0.0057"}, "new": [1]}).encode()
    assert door.client.post(INBOUND, content=body, headers=door.bearer(body)).status_code == 200
    assert Text.get().words == "AIDE 😀"


def test_a_picture_is_not_a_text(door: Door) -> None:
    body = json.dumps({"channel": "whatsapp", "message_uuid": "a", "to": "1", "from": "2", "text": "x"}).encode()
    assert door.client.post(INBOUND, content=body, headers=door.bearer(body)).status_code == 200
    assert door.client.post(INBOUND, data=door.signed(TEXT | {"type": "binary"})).status_code == 200
    assert Text.select().count() == 0


def test_one_text_delivered_twice_is_kept_once(door: Door) -> None:
    for _ in range(2):
        assert door.client.post(INBOUND, data=door.signed(TEXT)).status_code == 200
    assert Text.select().count() == 1


def test_half_an_emoji_does_not_lose_the_text(door: Door) -> None:
    body = json.dumps(
        {"channel": "sms", "message_uuid": "a", "to": "32460200300", "from": "32470123456", "text": "AIDE\ud83d\0 1050"}
    ).encode()
    assert door.client.post(INBOUND, content=body, headers=door.bearer(body)).status_code == 200
    assert Text.get().words == "AIDE? 1050"


# --- who is let in


@pytest.mark.parametrize(("method", "secret", "fields"), VECTORS)
def test_published_signatures_are_ours_to_compute(method: str, secret: str, fields: dict[str, str]) -> None:
    assert sign_fields(fields, secret, method) == fields["sig"]


def test_a_wrong_signature_is_refused_and_nothing_is_kept(door: Door) -> None:
    wrong = (
        door.signed(TEXT) | {"text": "changed after signing"},
        door.signed(TEXT) | {"sig": "0" * 32},
        door.signed(TEXT) | {"sig": "é" * 32},
        door.signed(TEXT, method="sha256"),
    )
    for fields in wrong:
        assert door.client.post(INBOUND, data=fields).status_code == 401
    assert Text.select().count() == 0


def test_two_fields_folded_into_one_do_not_pass_for_both(door: Door) -> None:
    fields = door.signed(TEXT)
    folded = {name: value for name, value in fields.items() if name not in ("messageId", "msisdn")}
    folded |= {f"messageId={fields['messageId']}&msisdn": fields["msisdn"]}
    assert door.client.post(INBOUND, json=folded).status_code == 401


def test_a_missing_signature_is_asked_for_again(door: Door) -> None:
    assert door.client.post(INBOUND, data=TEXT).status_code == 503
    body = json.dumps({"channel": "sms", "message_uuid": "a", "to": "1", "from": "2", "text": "x"}).encode()
    assert door.client.post(INBOUND, content=body).status_code == 503
    assert Text.select().count() == 0


@pytest.mark.parametrize("seconds", [-120, 15 * 60 + 5])
def test_a_text_signed_long_ago_or_in_the_future_is_asked_for_again(door: Door, seconds: int) -> None:
    stamp = {"timestamp": str(int(NOW.timestamp()) - seconds)}
    assert door.client.post(INBOUND, data=door.signed(TEXT | stamp)).status_code == 503
    assert Text.select().count() == 0


def test_a_receipt_may_be_three_days_old(door: Door) -> None:
    receipt = {"messageId": "0A", "status": "delivered", "timestamp": str(int(NOW.timestamp()) - 71 * 3600)}
    assert door.client.post(STATUS, data=door.signed(receipt)).status_code == 200


def test_tokens_that_are_not_for_this_call_are_refused(door: Door) -> None:
    said = {"channel": "sms", "message_uuid": "a", "to": "32460200300", "from": "32470123456", "text": "AIDE"}
    body = json.dumps(said).encode()
    unsigned = jwt.encode({"iat": int(NOW.timestamp())}, "", "none")
    other_secret = jwt.encode({"iat": int(NOW.timestamp())}, "another secret, also long enough to sign", "HS256")
    for headers in (
        door.bearer(b"another body"),
        door.bearer(body, api_key="zzzz9999"),
        {"Authorization": f"Bearer {unsigned}"},
        {"Authorization": f"Bearer {other_secret}"},
        {"Authorization": "Bearer garbage"},
    ):
        assert door.client.post(INBOUND, content=body, headers=headers).status_code == 401
    assert door.client.post(INBOUND, content=body, headers=door.bearer(body, iat=0)).status_code == 503
    late = door.bearer(body, iat=int(NOW.timestamp()) + 2)
    assert door.client.post(INBOUND, content=body, headers=late).status_code == 200  # their clock, two seconds ahead


def test_half_an_emoji_for_a_signature_is_a_wrong_signature(door: Door) -> None:
    body = json.dumps(door.signed(TEXT) | {"sig": "\ud83d"})
    assert door.client.post(INBOUND, content=body).status_code == 401
    digits = {"timestamp": "1" * 400}
    assert door.client.post(INBOUND, data=door.signed(TEXT | digits)).status_code == 503


@pytest.mark.parametrize("field", ["msisdn", "messageId", "to", "concat-ref"])
def test_half_an_emoji_anywhere_is_no_fault_of_ours(door: Door, field: str) -> None:
    parts = {"concat": "true", "concat-total": "2", "concat-part": "1", "concat-ref": "7"}
    body = json.dumps(door.signed(TEXT | parts | {field: "\ud83d"}))
    assert door.client.post(INBOUND, content=body).status_code == 200


def test_a_field_that_is_null_is_as_good_as_not_there(door: Door) -> None:
    body = json.dumps(door.signed(TEXT) | {"concat-ref": None})
    assert door.client.post(INBOUND, content=body).status_code == 200


# --- what cannot be read


@pytest.mark.parametrize("missing", ["msisdn", "to", "messageId", "text"])
def test_a_field_is_missing(door: Door, missing: str) -> None:
    fields = {name: value for name, value in TEXT.items() if name != missing}
    answer = door.client.post(INBOUND, data=door.signed(fields))
    assert (answer.status_code, answer.text.startswith(missing)) == (400, True)


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"a": 1, "a": 2}', b'{"a": {"b": 1}}', b'{"a": 1.5}', b"\xff=1", b"a=%FF", b"a=1&a=2"],
)
def test_a_malformed_call_gets_a_clear_refusal(door: Door, body: bytes) -> None:
    answer = door.client.post(INBOUND, content=body)
    assert answer.status_code == 400
    assert answer.text.strip()


def test_parts_that_do_not_fit_together_are_refused(door: Door) -> None:
    for total, part in (("2", "3"), ("0", "0"), ("x", "1"), ("99999", "1")):
        fields = TEXT | {"concat": "true", "concat-ref": "7", "concat-total": total, "concat-part": part}
        assert door.client.post(INBOUND, data=door.signed(fields)).status_code == 400


def test_a_call_that_is_too_large_is_refused(door: Door) -> None:
    assert door.client.post(INBOUND, data=door.signed(TEXT | {"text": "x" * 17_000})).status_code == 413
    assert door.client.get(INBOUND, params={"text": "x" * 17_000}).status_code == 413
    assert Text.select().count() == 0


def test_a_look_at_the_bare_address_is_answered(door: Door) -> None:
    assert door.client.get(INBOUND).status_code == 200


def test_refusals_are_logged_without_what_was_said(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    door.client.post(INBOUND, data=TEXT)
    door.client.post(INBOUND, data=door.signed(TEXT) | {"sig": "x"})
    door.client.post(INBOUND, content=json.dumps(TEXT | {"extra": [TEXT["msisdn"]]}))
    refusals = [record.getMessage() for record in caplog.records if record.name == "smsgate.gate"]
    assert len(refusals) == 3
    assert not any("32470123456" in line or "ça va" in line for line in refusals)


def test_a_fault_of_ours_is_a_5xx_so_that_the_text_comes_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("db.inbox.insert_all_if_new", lambda *_: 1 / 0)
        assert door.client.post(INBOUND, data=door.signed(TEXT)).status_code == 503
    assert door.client.post(INBOUND, data=door.signed(TEXT)).status_code == 200
    assert Text.select().count() == 1


# --- receipts


def a_letter(state: str = "sent") -> Letter:
    person = Person.create(number="32470123456", created_at=NOW)
    put(person, Notice.STOPPED, NOW)
    Letter.update(state=state, carrier_ref="0A01").execute()
    return Letter.get()


def receipt(door: Door, **said: str) -> int:
    fields = {"msisdn": "32470123456", "to": "32460200300", "messageId": "0A01", "price": "0.07"} | said
    return door.client.get(STATUS, params=door.signed(fields)).status_code


def test_a_receipt_is_noted_on_its_letter(door: Door) -> None:
    letter = a_letter()
    assert receipt(door, **{"status": "delivered", "err-code": "0", "client-ref": letter.ref}) == 200
    assert (Letter.get().state, Letter.get().price) == ("delivered", "0.07")


def test_a_receipt_that_comes_before_the_send_call_returned_settles_the_letter(door: Door) -> None:
    letter = a_letter("claimed")
    receipt(door, **{"status": "delivered", "client-ref": letter.ref})
    assert Letter.get().state == "delivered"


def test_receipts_come_twice_and_out_of_order(door: Door) -> None:
    letter = a_letter()
    for status in ("delivered", "buffered", "accepted", "delivered", "failed"):
        receipt(door, **{"status": status, "client-ref": letter.ref})
    assert Letter.get().state == "delivered"


def test_a_failure_is_noted_with_its_code(door: Door) -> None:
    a_letter()
    receipt(door, **{"status": "failed", "err-code": "3"})
    assert (Letter.get().state, Letter.get().fault) == ("failed", "failed 3")


def test_a_receipt_of_the_messages_api_is_noted(door: Door) -> None:
    letter = a_letter()
    said = {"message_uuid": "u-1", "status": "rejected", "client_ref": letter.ref, "error": {"title": "1240"}}
    body = json.dumps(said).encode()
    assert door.client.post(STATUS, content=body, headers=door.bearer(body)).status_code == 200
    assert (Letter.get().state, Letter.get().fault) == ("failed", "rejected 1240")


def test_a_receipt_for_an_unknown_letter_is_fine(door: Door) -> None:
    assert receipt(door, **{"status": "delivered", "client-ref": "nobody's"}) == 200


def test_a_receipt_without_a_status_is_refused(door: Door) -> None:
    assert receipt(door) == 400


# --- the captured calls, where they are at hand


def samples(*kinds: str, expect: tuple[str, ...] = (), but: tuple[str, ...] = ()) -> list[Any]:
    if not SAMPLES.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason="shared/vonage_samples.jsonl is not here"))]
    lines = enumerate(json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines())
    return [
        pytest.param(sample, id=f"{number}-{sample['api']}-{sample['kind']}-{sample['expect']}")
        for number, sample in lines
        if sample["kind"] in kinds and sample["api"] != "voice"
        if (not expect or sample["expect"] in expect) and sample["expect"] not in but
        if sample["signature_secret"] != ""
    ]


def call(door: Door, sample: dict[str, Any], path: str) -> int:
    """Bring a sample to the door exactly as it was captured."""
    if sample["method"] == "GET":
        return door.client.get(f"{path}?{sample['query']}").status_code
    headers = {name: value for name, value in sample["headers"].items() if name in ("Content-Type", "Authorization")}
    return door.client.post(path, content=sample["body"].encode(), headers=headers).status_code


def fields_of(sample: dict[str, Any]) -> dict[str, str]:
    said = sample["query"] if sample["method"] == "GET" else sample["body"]
    if said.lstrip().startswith("{"):
        return {name: str(value) for name, value in json.loads(said).items()}
    return dict(parse_qsl(said, keep_blank_values=True))


def test_a_call_signed_with_an_empty_secret_is_never_let_in(open_door: Callable[..., Door]) -> None:
    # A published vector: an account that had not set a secret yet.
    fields = {
        "message-timestamp": "2013-11-21 17:31:42",
        "messageId": "030000002A264B8B",
        "msisdn": "14843472194",
        "text": "Message test",
        "timestamp": "1385055102",
        "to": "14849970568",
        "type": "text",
        "sig": "f0bfad43bd90cf1ea1f1525c18ba4dab",
    }
    assert sign_fields(fields, "", "md5hash") == fields["sig"]
    door = open_door("", "md5hash", datetime.fromtimestamp(1385055102, UTC))
    assert door.client.get(INBOUND, params=fields).status_code == 503


@pytest.mark.parametrize("sample", samples("signature_vector", "outbound_params"))
def test_a_captured_signature_is_judged_as_its_source_says(sample: dict[str, Any]) -> None:
    fields = fields_of(sample)
    ours = sign_fields(fields, sample["signature_secret"], sample["signature_method"])
    # Java's SDK leaves blank values out, the other SDKs keep them: we keep them.
    assert (ours == fields.get("sig", "").lower()) == (sample["expect"] == "valid")


@pytest.mark.filterwarnings("ignore:The HMAC key is")
@pytest.mark.parametrize("sample", samples("jwt_vector"))
def test_a_captured_token_is_judged_as_its_source_says(sample: dict[str, Any]) -> None:
    token = sample["headers"]["Authorization"].removeprefix("Bearer ")
    if sample["expect"] == "valid":
        assert read_token(token, sample["signature_secret"])["iat"]
    else:
        with pytest.raises(WrongSignature):
            read_token(token, sample["signature_secret"])


ANSWERS = {
    "valid": {200},
    "invalid": {401, 503},
    "reject": {401},
    "reject_or_accept": {200, 401},
    "valid_signature_but_stale": {503},
    "unsigned": {503},
    "unsigned_answer_5xx": {503},
    "signed_secret_unknown": {401},
    "ignore": {200, 503},
}


@pytest.mark.parametrize("sample", samples("inbound", "inbound_all_channels", "dlr", "status"))
def test_a_captured_call_is_answered_as_it_deserves(open_door: Callable[..., Door], sample: dict[str, Any]) -> None:
    signed_at = sample.get("computed_at") or fields_of(sample).get("timestamp", "0")
    now = datetime.fromtimestamp(int(signed_at), UTC) if str(signed_at).isdigit() else NOW
    method = sample["signature_method"] if sample["signature_method"] != "HS256" else None
    door = open_door(sample["signature_secret"] or SECRET, method or "md5hash", now)
    is_text = sample["kind"].startswith("inbound")
    status = call(door, sample, INBOUND if is_text else STATUS)
    assert status in ANSWERS[sample["expect"]]
    if sample["expect"] == "valid" and is_text:
        fields = fields_of(sample)
        assert Text.get().words == fields["text"]
        assert Text.get().sender == (fields.get("msisdn") or fields["from"])
        assert call(door, sample, INBOUND) == 200
        assert Text.select().count() == 1
    elif status != 200:
        assert Text.select().count() == 0


NOT_SIGNED_BY_US = ("unsigned", "signed_secret_unknown")


@pytest.mark.parametrize("sample", samples("inbound", "inbound_all_channels", "dlr", "status", expect=NOT_SIGNED_BY_US))
def test_a_captured_call_would_be_kept_if_our_account_had_signed_it(door: Door, sample: dict[str, Any]) -> None:
    is_text = sample["kind"].startswith("inbound")
    path = INBOUND if is_text else STATUS
    if sample["api"] == "messages":
        body = sample["body"].encode()
        headers = {"Content-Type": "application/json"} | door.bearer(body)
        assert door.client.post(path, content=body, headers=headers).status_code == 200
        expected = json.loads(body)
    else:
        expected = fields_of(sample)
        fields = door.signed({name: expected[name] for name in expected if name not in ("sig", "timestamp")})
        if sample["method"] == "GET":
            assert door.client.get(path, params=fields).status_code == 200
        else:
            headers = {"Content-Type": sample["content_type"]} if sample["content_type"] else {}
            body = (urlencode(fields) if "form" in (sample["content_type"] or "") else json.dumps(fields)).encode()
            assert door.client.post(path, content=body, headers=headers).status_code == 200
    is_sms = expected.get("channel", "sms") == "sms" and expected.get("type") != "binary"
    assert Text.select().count() == int(is_text and is_sms)


# --- whatever else


def test_whatever_is_sent_gets_a_clear_status_and_only_what_was_signed_is_kept(door: Door) -> None:
    from tests.fuzz import fuzz

    answered = fuzz(door, 400)
    assert answered[200] > 20
    assert answered[401] > 20
