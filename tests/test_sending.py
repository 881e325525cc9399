"""Sending: the real SDK against a local HTTPS server that answers as Vonage does."""

import errno
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from peewee import OperationalError

from db import connection, health, outage, outbox, receipts
from db.models import Letter, Person
from db.notices import Notice
from db.receipts import Receipt
from db.rules import Rules
from smsgate import carrier, sending, settings
from smsgate.carrier import SendFailed, Trouble, Vonage
from smsgate.clock import MovableClock
from smsgate.sending import Sending
from tests.fake_vonage import FakeVonage, accepted, refused
from tests.test_gate import samples
from tests.town import SERVICE, environment, until

AMINA, BRAM = "32470123400", "32470123401"


class Post:
    """The post office of a town: its outbox, and the way to the carrier."""

    def __init__(self, folder: Path, database_url: str, vonage: FakeVonage, **more: str) -> None:
        self.vonage = vonage
        self.settings = settings.read(folder / "none.ini", environment(database_url, vonage.host, **more))
        self.clock = MovableClock()
        self.carrier = Vonage(self.settings)
        self.sending = Sending(self.carrier, 1000, "fr", self.clock, Rules())
        connection.connect(self.settings["database.url"])
        connection.migrate()
        self.people = {number: Person.create(number=number, created_at=self.clock()) for number in (AMINA, BRAM)}

    def owes(self, number: str, notice: Notice, **details: str) -> None:
        outbox.put(self.people[number], notice, self.clock(), **details)

    def goes_round(self) -> list[str]:
        """Send what is due; returns the state of every letter."""
        self.sending.send_all_due(lambda: False)
        return [letter.state for letter in Letter.select().order_by(Letter.id)]

    def later(self, time: timedelta) -> None:
        self.clock.skip(time)
        outage.release_cut_off(self.clock)


@pytest.fixture
def open_post(tmp_path: Path, database_url: str, vonage: FakeVonage) -> Iterator[Callable[..., Post]]:
    posts: list[Post] = []

    def opened(**more: str) -> Post:
        posts.append(Post(tmp_path, database_url, vonage, **more))
        return posts[-1]

    yield opened
    for post in posts:
        post.sending.close()
    connection.close()


@pytest.fixture
def post(open_post: Callable[..., Post]) -> Post:
    return open_post()


# --- the wire


def test_a_letter_goes_as_vonage_wants_it(post: Post) -> None:
    post.owes(AMINA, Notice.VOLUNTEER_FOUND)
    assert post.goes_round() == ["sent"]
    (sent,) = post.vonage.sent
    letter = Letter.get()
    assert sent.path == "/sms/json"
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert sent.credentials == "abcd1234:abcdef0123456789"
    assert sent.fields == {"to": AMINA, "from": SERVICE, "text": sent.text, "client-ref": letter.ref}
    assert len(letter.ref) <= 40
    assert (letter.carrier_ref, letter.price) == ("0A00000000000001", "0.07000000")


def test_unicode_is_asked_for_only_where_the_text_needs_it(post: Post) -> None:
    post.carrier.send(AMINA, "Chloé, où ça? €", "ref-1")
    post.carrier.send(AMINA, "Été à Liège €", "ref-2")
    needs, does_not = post.vonage.sent
    assert needs.fields["type"] == "unicode"  # GSM-7 has no small ç
    assert "type" not in does_not.fields
    assert does_not.text == "Été à Liège €"


def test_the_messages_api_is_used_when_the_settings_say_so(open_post: Callable[..., Post]) -> None:
    post = open_post(vonage_api="messages")
    post.owes(AMINA, Notice.STOPPED)
    post.goes_round()
    post.carrier.send(AMINA, "ça", "ref")
    plain, unicode = post.vonage.sent
    assert plain.path == "/v1/messages"
    assert plain.headers["Content-Type"] == "application/json"
    assert plain.fields == {
        "channel": "sms",
        "message_type": "text",
        "to": AMINA,
        "from": SERVICE,
        "text": plain.text,
        "client_ref": Letter.get().ref,
    }
    assert unicode.fields["sms"] == {"encoding_type": "unicode"}
    assert Letter.get().carrier_ref == "00000000-0000-4000-8000-000000000001"


def test_the_pace_of_the_account_is_asked_for_each_letter(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(post.sending.pace, "try_acquire", asked.append)
    post.owes(AMINA, Notice.STOPPED)
    post.owes(BRAM, Notice.STOPPED)
    post.goes_round()
    assert len(asked) == len(post.vonage.sent) == 2


# --- what comes back


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(status, Trouble.TEMPORARY) for status in ("1", "5", "10")]
    + [(status, Trouble.ACCOUNT) for status in ("4", "8", "9", "11", "14")]
    + [("15", Trouble.SENDER)]
    + [("7", Trouble.GONE)]
    + [(status, Trouble.PERMANENT) for status in ("2", "3", "6", "12", "22", "23", "29", "32", "33", "101")],
)
def test_an_error_inside_an_answer_of_200_is_told_by_its_status(post: Post, status: str, trouble: Trouble) -> None:
    post.vonage.answers.append(lambda *_: (200, refused(status, "why")))
    with pytest.raises(SendFailed) as failed:
        post.carrier.send(AMINA, "bonjour", "ref")
    assert failed.value.trouble is trouble
    assert failed.value.reason.startswith(f"status {status}")


@pytest.mark.parametrize("api", ["sms", "messages"])
@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (429, '{"title": "Rate Limit Hit"}', Trouble.TEMPORARY),
        (500, '{"title": "Internal error"}', Trouble.TEMPORARY),
        (503, "<html>busy</html>", Trouble.TEMPORARY),
        (504, "<html>gateway time-out</html>", Trouble.UNCERTAIN),
        (401, '{"title": "Unauthorized"}', Trouble.ACCOUNT),
        (402, '{"title": "Low balance"}', Trouble.ACCOUNT),
        (422, '{"title": "Invalid recipient"}', Trouble.PERMANENT),
        (200, "", Trouble.UNCERTAIN),
        (200, "<html>welcome</html>", Trouble.UNCERTAIN),
        (200, "[]", Trouble.UNCERTAIN),
        (200, '{"message-count": "0", "messages": []}', Trouble.UNCERTAIN),
    ],
)
def test_an_http_answer_is_told_by_what_it_is(
    open_post: Callable[..., Post], api: str, status: int, body: str, trouble: Trouble
) -> None:
    post = open_post(vonage_api=api)
    post.vonage.answers.append(lambda *_: (status, body))
    with pytest.raises(SendFailed) as failed:
        post.carrier.send(AMINA, "bonjour", "ref")
    assert failed.value.trouble is trouble
    assert AMINA not in failed.value.reason
    assert "bonjour" not in failed.value.reason


@pytest.mark.parametrize("sample", samples("send_response"))
def test_a_captured_answer_is_understood(open_post: Callable[..., Post], sample: dict[str, Any]) -> None:
    post = open_post(vonage_api=sample["api"])
    post.vonage.answers.append(lambda *_: (sample["http_status"], sample["body"]))
    if sample["expect"] == "ok":
        said = json.loads(sample["body"])
        expected = said.get("message_uuid") or said["messages"][0]["message-id"]
        assert post.carrier.send(AMINA, "bonjour", "ref").carrier_ref == expected
    else:
        with pytest.raises(SendFailed):
            post.carrier.send(AMINA, "bonjour", "ref")


@pytest.mark.parametrize("sample", samples("outbound_request", expect=("ok",)))
def test_what_we_send_looks_like_what_was_captured(open_post: Callable[..., Post], sample: dict[str, Any]) -> None:
    post = open_post(vonage_api=sample["api"])
    post.carrier.send(AMINA, "hi", "r1")
    (sent,) = post.vonage.sent
    assert sent.path == sample["url"]
    assert sent.headers["Content-Type"] == sample["headers"]["content-type"]
    assert sent.headers["Authorization"].split()[0] == sample["headers"]["authorization"].split()[0]
    assert {"to", "from", "text"} <= sent.fields.keys()


def test_vonage_says_how_long_to_wait(post: Post) -> None:
    said = refused("1", "Throughput Rate Exceeded - please wait [ 250 ] and retry")
    post.vonage.answers.append(lambda *_: (200, said))
    with pytest.raises(SendFailed) as failed:
        post.carrier.send(AMINA, "bonjour", "ref")
    assert failed.value.wait_seconds == 0.25


def test_nobody_is_listening(open_post: Callable[..., Post]) -> None:
    silent = open_post(vonage_rest_host="127.0.0.1:9")
    silent.owes(AMINA, Notice.STOPPED)
    assert silent.goes_round() == ["waiting"]
    assert Letter.get().fault == "no connection"


def test_a_connection_dropped_after_the_letter_went_is_not_sent_again_at_once(post: Post) -> None:
    post.vonage.answers.append(lambda *_: None)
    post.owes(AMINA, Notice.STOPPED)
    assert post.goes_round() == ["claimed"]
    assert len(post.vonage.sent) == 1
    post.later(timedelta(minutes=1))
    assert post.goes_round() == ["claimed"]
    post.later(timedelta(minutes=2))
    assert post.goes_round() == ["sent"]
    assert len(post.vonage.sent) == 2
    assert len({sent.ref for sent in post.vonage.sent}) == 1


def test_a_letter_whose_fate_is_unknown_is_settled_by_its_receipt(post: Post) -> None:
    post.vonage.answers.append(lambda *_: None)
    post.owes(AMINA, Notice.STOPPED)
    post.goes_round()
    receipts.note([Receipt(Letter.get().ref, "0A01", True, None, "delivered 0", None, post.clock())])
    post.later(timedelta(hours=1))
    assert post.goes_round() == ["delivered"]
    assert len(post.vonage.sent) == 1


def test_a_carrier_that_hangs_is_not_waited_for_for_ever(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "TIMEOUT_SECONDS", 1)
    let_go = threading.Event()

    def hang(*_: object) -> None:
        let_go.wait(20)

    post.vonage.answers.append(hang)
    with pytest.raises(SendFailed) as failed:
        post.carrier.send(AMINA, "bonjour", "ref")
    let_go.set()
    assert failed.value.trouble is Trouble.UNCERTAIN


# --- what becomes of the letters


def test_a_letter_that_can_go_later_waits_longer_each_time(post: Post) -> None:
    post.owes(AMINA, Notice.STOPPED)
    waits = []
    for _ in range(8):
        post.vonage.answers.append(lambda *_: (503, ""))
        assert post.goes_round() == ["waiting"]
        due: datetime = Letter.get().due_at
        waits.append(round((due - post.clock()).total_seconds()))
        post.later(due - post.clock())
    about = [30, 60, 120, 240, 480, 900, 900, 900]
    assert all(0.75 * wait <= waited <= 1.25 * wait for waited, wait in zip(waits, about, strict=True)), waits
    assert waits != about, "not in step with the others"
    assert post.goes_round() == ["sent"]


def test_letters_to_one_person_keep_their_order(post: Post) -> None:
    post.vonage.answers.append(lambda *_: (503, ""))
    post.owes(AMINA, Notice.VOLUNTEER_FOUND)
    post.owes(AMINA, Notice.STOPPED)
    post.owes(BRAM, Notice.STOPPED)
    post.goes_round()
    post.later(timedelta(minutes=1))
    post.goes_round()
    texts = [text for text in post.vonage.texts_to(AMINA) if "fait" in text or "nouvelle" in text]
    assert texts[-1].startswith("C'est fait")
    assert texts[-2].startswith("Bonne nouvelle")


def test_trouble_with_the_account_loses_no_letter(post: Post) -> None:
    post.vonage.answers += [lambda *_: (200, refused("9", "Partner quota exceeded"))] * 2
    post.owes(AMINA, Notice.STOPPED)
    post.owes(BRAM, Notice.STOPPED)
    assert post.goes_round() == ["waiting", "waiting"]
    post.later(timedelta(hours=6))
    assert post.goes_round() == ["sent", "sent"]


def test_a_letter_that_can_never_go_does_not_hold_up_the_next(post: Post) -> None:
    post.vonage.answers.append(lambda *_: (200, refused("7", "Number barred")))
    post.owes(AMINA, Notice.VOLUNTEER_FOUND)
    post.owes(AMINA, Notice.STOPPED)
    assert post.goes_round() == ["failed", "sent"]


def test_a_letter_is_worded_in_the_language_its_person_has_when_it_goes(post: Post) -> None:
    post.owes(AMINA, Notice.SEARCHING, need="shopping", postcode="1050")
    Person.update(language="nl").where(Person.number == AMINA).execute()
    post.goes_round()
    assert "boodschappen, 1050 Elsene" in post.vonage.sent[0].text


def test_one_broken_letter_does_not_stop_the_others(post: Post) -> None:
    post.owes(AMINA, Notice.STOPPED)
    Letter.update(notice="no such notice").execute()
    post.owes(BRAM, Notice.STOPPED)
    assert post.goes_round() == ["failed", "sent"]


def test_every_letter_goes_once_when_many_are_due(post: Post) -> None:
    for number in range(100):
        person = Person.create(number=f"324711{number:05d}", created_at=post.clock())
        outbox.put(person, Notice.STOPPED, post.clock())
    assert set(post.goes_round()) == {"sent"}
    assert len({sent.to for sent in post.vonage.sent}) == len(post.vonage.sent) == 100


# --- when one call or one note goes wrong


def test_one_call_that_hangs_does_not_hold_up_the_others(post: Post) -> None:
    let_go = threading.Event()

    def hang(*_: object) -> None:
        let_go.wait(20)

    def go_round() -> None:
        post.goes_round()
        connection.close()

    for number in range(40):
        person = Person.create(number=f"324711{number:05d}", created_at=post.clock())
        outbox.put(person, Notice.STOPPED, post.clock())
    post.vonage.answers.append(hang)
    round_trip = threading.Thread(target=go_round)
    round_trip.start()
    until(lambda: Letter.select().where(Letter.state == "sent").count() == 39, "all but the one that hangs are sent")
    let_go.set()
    round_trip.join()
    connection.close()


def test_a_database_that_is_away_for_half_a_minute_after_sending_does_not_send_a_letter_twice(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, away = outbox.sent, [OperationalError("connection refused")] * 30  # tried again after a second each

    def sometimes_away(*what: Any) -> None:
        if away:
            raise away.pop()
        sent(*what)

    monkeypatch.setattr(outbox, "sent", sometimes_away)
    monkeypatch.setattr("time.sleep", lambda _: None)
    post.owes(AMINA, Notice.STOPPED)
    post.owes(BRAM, Notice.STOPPED)
    assert post.goes_round() == ["sent", "sent"]
    assert len(post.vonage.sent) == 2


def test_a_letter_the_carrier_took_is_not_sent_again_although_it_was_taken_for_cut_off_meanwhile(post: Post) -> None:
    post.owes(AMINA, Notice.STOPPED)
    (letter,) = post.sending.claim(1, 0)
    outcome = post.sending.send(letter)
    post.later(timedelta(minutes=3))
    post.sending.note_all([(letter, outcome)])
    assert post.goes_round() == ["sent"]
    assert len(post.vonage.sent) == 1


@pytest.mark.parametrize("status", [403, 404, 405])
def test_a_wrong_address_or_key_of_ours_costs_no_letter(post: Post, status: int) -> None:
    post.vonage.answers.append(lambda *_: (status, "<html>not here</html>"))
    post.owes(AMINA, Notice.STOPPED)
    assert post.goes_round() == ["waiting"]
    post.later(timedelta(minutes=20))
    assert post.goes_round() == ["sent"]


def test_a_private_key_that_is_none_costs_no_letter(open_post: Callable[..., Post], tmp_path: Path) -> None:
    key = tmp_path / "vonage_key"
    key.write_text("this is no key")
    post = open_post(vonage_api="messages", vonage_application_id="a-1", vonage_private_key=str(key))
    post.owes(AMINA, Notice.STOPPED)
    assert post.goes_round() == ["waiting"]
    assert carrier.unfit(post.settings)
    assert post.vonage.sent == []


def test_the_messages_api_is_called_with_the_applications_key(open_post: Callable[..., Post], tmp_path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = tmp_path / "vonage_key"  # no ending: the SDK alone would take the path for the key
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    post = open_post(vonage_api="messages", vonage_application_id="a-1", vonage_private_key=str(key))
    assert carrier.unfit(post.settings) == []
    post.carrier.send(AMINA, "bonjour", "ref")
    token = post.vonage.sent[0].headers["Authorization"].removeprefix("Bearer ")
    assert jwt.decode(token, private.public_key(), ["RS256"])["application_id"] == "a-1"


def test_trouble_with_the_account_stops_the_sending_for_now(post: Post) -> None:
    for number in range(40):
        person = Person.create(number=f"324711{number:05d}", created_at=post.clock())
        outbox.put(person, Notice.STOPPED, post.clock())
    post.vonage.answers += [lambda *_: (200, refused("4", "Invalid credentials"))] * 40
    states = post.goes_round()
    assert set(states) == {"waiting"}
    assert len(post.vonage.sent) < 20, "a few calls were under way; no more are made"


def test_one_part_taken_is_a_letter_taken(post: Post) -> None:
    said = {
        "message-count": "2",
        "messages": [{"status": "1", "error-text": "x"}, {"status": 0, "message-id": "0A77", "message-price": "0.07"}],
    }
    post.vonage.answers.append(lambda *_: (200, json.dumps(said)))
    assert post.carrier.send(AMINA, "bonjour", "ref").carrier_ref == "0A77"


def test_what_the_letter_before_met_says_nothing_about_this_one(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    post.vonage.answers.append(lambda *_: (422, "{}"))
    with pytest.raises(SendFailed):
        post.carrier.send(AMINA, "bonjour", "ref")
    monkeypatch.setattr(post.carrier, "_by_sms", lambda *_: 1 / 0)
    with pytest.raises(SendFailed) as failed:
        post.carrier.send(AMINA, "bonjour", "ref")
    assert failed.value.trouble is Trouble.ACCOUNT


def test_a_letter_in_hand_holds_back_the_next_one_to_the_same_person(post: Post) -> None:
    post.owes(AMINA, Notice.VOLUNTEER_FOUND)
    post.owes(AMINA, Notice.STOPPED)
    assert [letter.notice for letter in outbox.claim(8, post.clock())] == [Notice.VOLUNTEER_FOUND]
    assert outbox.claim(8, post.clock()) == []


def test_an_answer_that_comes_after_the_receipt_does_not_undo_it(post: Post) -> None:
    post.owes(AMINA, Notice.STOPPED)
    (letter,) = outbox.claim(1, post.clock())
    receipts.note([Receipt(letter.ref, "0A01", True, None, "delivered 0", None, post.clock())])
    outbox.sent(letter, "0A01", "0.07", post.clock())
    assert Letter.get().state == "delivered"


def test_the_sdks_own_log_is_shut(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    post.vonage.answers.append(lambda *_: (422, f'{{"to": "{AMINA}"}}'))
    post.owes(AMINA, Notice.STOPPED)
    post.goes_round()
    assert AMINA not in caplog.text
    assert "C'est fait" not in caplog.text


def test_a_machine_out_of_file_descriptors_costs_no_letter(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_descriptors(*_: object) -> str:
        raise OSError(errno.EMFILE, "Too many open files")

    post.owes(AMINA, Notice.STOPPED)
    with monkeypatch.context() as patched:
        patched.setattr(sending, "word", out_of_descriptors)
        assert post.goes_round() == ["waiting"]
    post.later(timedelta(minutes=1))
    assert post.goes_round() == ["sent"]


def test_a_cry_for_help_is_answered_while_a_letter_to_the_same_person_is_in_hand(post: Post) -> None:
    post.vonage.answers.append(lambda *_: None)
    post.owes(AMINA, Notice.HOW_IT_WORKS)
    assert post.goes_round() == ["claimed"]
    post.owes(AMINA, Notice.EMERGENCY)
    assert post.goes_round() == ["claimed", "sent"]


def test_a_balance_that_is_no_number_is_not_kept(post: Post) -> None:
    post.vonage.answers.append(lambda sent, n: (200, accepted(sent, n)[1].replace("12.34560000", "n/a")))
    post.owes(AMINA, Notice.STOPPED)
    assert post.goes_round() == ["sent"]
    assert health.health().balance is None
