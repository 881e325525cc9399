"""Whatever is sent to the gate, it answers by a clear status and keeps only what was signed.

`python -m tests.fuzz --calls 20000` (or `make fuzz`); a short part of it runs with the tests.
"""

import argparse
import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import jwt
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from db import connection
from db.models import Letter, Text
from smsgate.signatures import sign_fields
from smsgate.tasks import close_storage
from tests.test_gate import INBOUND, NOW, SECRET, STATUS, TEXT, Door

CLEAR = {200, 400, 401, 405, 413, 503}
RECEIPT = {"messageId": "0A", "status": "delivered", "err-code": "0", "client-ref": "none", "msisdn": "32470123456"}
MESSAGE = {
    "channel": "sms",
    "message_uuid": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
    "to": "32460200300",
    "from": "32470123456",
    "text": "AIDE 1050",
    "status": "delivered",
}

words = st.text(max_size=40) | st.sampled_from(
    ["", "\0", "\ud83d", "true", "-1", "9" * 400, "x" * 5000, "٣", "é" * 200]
)
values: st.SearchStrategy[Any] = st.recursive(
    words | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(words, deeper, max_size=3),
    max_leaves=5,
)
names = (
    st.sampled_from([*TEXT, *MESSAGE, "concat", "concat-ref", "concat-part", "concat-total", "sig", "timestamp"])
    | words
)
types = st.sampled_from(
    ["application/x-www-form-urlencoded", "application/json", "text/plain", "", "multipart/form-data; boundary=x", "é"]
)


@dataclass(frozen=True)
class Call:
    """One call, and whether our account signed it."""

    door: str
    method: str
    query: bytes
    body: bytes
    headers: dict[str, str]
    signed: bool


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Something like what Vonage sends, with something wrong with it, or nothing like it at all."""
    door = draw(st.sampled_from([INBOUND, STATUS]))
    method = draw(st.sampled_from(["POST"] * 6 + ["GET"] * 3 + ["PUT", "HEAD", "DELETE"]))
    headers = {"Content-Type": draw(types)}
    match draw(st.sampled_from(["fields", "fields", "message", "bytes"])):
        case "bytes":
            return Call(door, method, draw(st.binary(max_size=60)), draw(st.binary(max_size=300)), headers, False)
        case "message":
            said: dict[str, Any] = MESSAGE | draw(st.dictionaries(names, values, max_size=3))
            body = json.dumps(said).encode("utf-8", "surrogatepass")
            how = draw(st.sampled_from(["rightly", "with another secret", "for another body", "garbage", "not at all"]))
            token = jwt.encode(
                {
                    "iat": int(NOW.timestamp()) + draw(st.integers(-2000, 2000)),
                    "api_key": "abcd1234",
                    "payload_hash": hashlib.sha256(body if how != "for another body" else b"").hexdigest(),
                },
                SECRET if how != "with another secret" else SECRET[::-1],
                "HS256",
            )
            if how != "not at all":
                headers["Authorization"] = (
                    f"Bearer {token if how != 'garbage' else draw(st.text('abc.=', max_size=30))}"
                )
            return Call(door, method, b"", body, headers, how == "rightly")
    fields: dict[str, Any] = TEXT | {"messageId": f"0A{draw(st.integers(0, 10**9))}"} if door == INBOUND else RECEIPT
    fields = dict(fields)
    for name in draw(st.lists(st.sampled_from(sorted(fields)), max_size=2)):
        fields.pop(name, None)
    fields |= draw(st.dictionaries(names, words, max_size=3))
    fields |= {"timestamp": str(int(NOW.timestamp()) + draw(st.sampled_from([0, 0, 0, -3600, 3600, -400_000])))}
    how = draw(st.sampled_from(["rightly", "rightly", "wrongly", "not at all"]))
    signed = how == "rightly"
    if how == "wrongly":
        fields["sig"] = draw(st.sampled_from(["0" * 32, "", "é", sign_fields(fields, SECRET[::-1], "md5hash")]))
    if signed:
        fields = Door.signed(_Signer(), fields)  # type: ignore[arg-type]
    if draw(st.booleans()):
        body = json.dumps(fields).encode("utf-8", "surrogatepass")
        return Call(door, method, b"", body, headers, signed)
    form = urlencode(
        {
            name.encode("utf-8", "surrogatepass"): value.encode("utf-8", "surrogatepass")
            for name, value in fields.items()
        }
    ).encode()
    return Call(door, method, form if method == "GET" else b"", b"" if method == "GET" else form, headers, signed)


class _Signer:
    secret, method, now = SECRET, "md5hash", NOW


def fuzz(door: Door, how_many: int) -> dict[int, int]:
    """Make so many calls. Returns how often each status was answered."""
    answered: dict[int, int] = {}

    @settings(
        max_examples=how_many,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=True,
    )
    @given(calls())
    def one(call: Call) -> None:
        before = Text.select().count()
        request = door.client.build_request(
            call.method,
            f"{call.door}?{quote_from_bytes(call.query, safe='=&%+')}",
            content=call.body,
            headers=[(name.encode(), value.encode()) for name, value in call.headers.items()],
        )
        answer = door.client.send(request)
        answered[answer.status_code] = answered.get(answer.status_code, 0) + 1
        assert answer.status_code in CLEAR, answer.status_code
        assert "not stored" not in answer.text, "a fault of ours"
        assert answer.status_code == 200 or Text.select().count() == before
        assert call.signed or Text.select().count() == before, "kept, and nobody we know signed it"
        assert not Letter.select().exists()

    one()
    return answered


def main() -> None:
    """As many calls as wanted, then how they were answered."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        door = Door(Path(folder), f"sqlite:///{folder}/town.db", SECRET, "md5hash", NOW)
        with door.client:
            for status, times in sorted(fuzz(door, wanted.calls).items()):
                print(f"{times:>7}  answered {status}")
            print(f"{Text.select().count():>7}  texts kept, all of them signed")
        close_storage(door.bells.huey)
        connection.close()


if __name__ == "__main__":
    main()
