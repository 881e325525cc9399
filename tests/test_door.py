"""The operators' door: one name and password, kept as a hash; no patience with guessing; forms of our own only."""

from collections.abc import Callable
from datetime import timedelta

import httpx2
import pytest

from db import concerns
from db.models import Concern, Deed
from smsgate import door, passwords, settings
from smsgate.door import read_keys
from tests.town import PEOPLE, Town

PASSWORD = "correct horse battery staple"
HASH = passwords.hash_of(PASSWORD)
Found = Callable[..., Town]


@pytest.fixture
def town(found_town: Found) -> Town:
    opened = found_town(status_password_hash=HASH, service_public_url="https://help.example")
    opened.http.headers["Accept-Language"] = "en"
    return opened


def knock(town: Town, password: str = PASSWORD, user: str = "operator") -> httpx2.Response:
    return town.http.get("/status", auth=(user, password))


def test_whoever_has_the_password_is_let_in(town: Town) -> None:
    assert town.http.get("/status").status_code == 401
    assert "Basic" in town.http.get("/status").headers["WWW-Authenticate"]
    assert knock(town).status_code == 200
    assert "What needs a person" in knock(town).text


@pytest.mark.parametrize(
    ("user", "password"),
    [("operator", "wrong"), ("somebody", PASSWORD), ("operator", ""), ("operator", "the hash"), ("", "")],
)
def test_nobody_else_is(town: Town, user: str, password: str) -> None:
    refused = knock(town, HASH if password == "the hash" else password, user)
    assert refused.status_code == 401
    assert HASH not in refused.text


def test_guessing_is_slowed_and_the_right_password_of_someone_inside_still_opens(town: Town) -> None:
    assert knock(town).status_code == 200
    answers = [knock(town, f"guess {number}").status_code for number in range(8)]
    assert answers[0] == 401
    assert answers[-1] == 429
    assert town.http.get("/status", auth=("operator", "guess 9")).headers["Retry-After"] == "60"
    assert knock(town).status_code == 200


def test_without_a_password_in_the_settings_the_page_stays_closed(found_town: Found) -> None:
    closed = found_town()
    answer = closed.http.get("/status", auth=("operator", ""))
    assert (answer.status_code, "smsgate password" in answer.text) == (503, True)


def test_a_password_in_the_place_of_its_hash_is_a_clear_fault() -> None:
    _, faults = settings.read_with_faults(environment={"SMSGATE_STATUS_PASSWORD_HASH": PASSWORD})
    assert list(faults) == ["status.password_hash"]
    assert "smsgate password" in faults["status.password_hash"]
    assert PASSWORD not in faults["status.password_hash"]


@pytest.mark.parametrize(
    "said", ["", "Basic", "Basic !!!", "Basic b3BlcmF0b3I=", "Bearer x", "Basic w6k=", "Basic /w==", "Basic é"]
)
def test_what_is_no_name_and_password_is_none(said: str) -> None:
    assert read_keys(said) is None


def test_keys_in_no_alphabet_of_ours_are_refused_like_any_other(town: Town) -> None:
    assert town.http.get("/status", headers={"Authorization": b"Basic \xe9"}).status_code == 401


def test_a_guesser_cannot_be_somebody_else_each_time(town: Town) -> None:
    answers = [
        town.http.get(
            "/status", auth=("operator", "guess"), headers={"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"}
        ).status_code
        for number in range(8)
    ]
    assert answers[-1] == 429, "the address that the proxy saw counts, not what was written before it"


def test_the_page_is_strict_and_is_never_kept(town: Town) -> None:
    headers = knock(town).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in headers["Strict-Transport-Security"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def close(town: Town, **more: object) -> httpx2.Response:
    """The button beside a concern."""
    (concern,) = list(concerns.open_concerns())
    return town.http.post(f"/status/concerns/{concern.id}/close", auth=("operator", PASSWORD), **more)


def test_an_operator_closes_a_concern_and_it_is_noted_who_did(town: Town) -> None:
    town.texts("amina", "je suis tombée, je ne peux plus me lever")
    page = knock(town).text
    assert "Emergency" in page
    assert "0470 ** ** 00" in page
    assert "0470 12 34 00" not in page
    assert PEOPLE["amina"] not in page
    key = page.partition('name="key" value="')[2].partition('"')[0]
    assert close(town, data={"key": key}).status_code == 303
    assert "Nothing needs a person" in knock(town).text
    assert (Concern.get().closed_by, Deed.get().by, Deed.get().did) == ("operator", "operator", "closed")


@pytest.mark.parametrize("form", [{}, {"key": ""}, {"key": "0" * 64}, {"key": "é"}])
def test_a_form_that_is_not_ours_changes_nothing(town: Town, form: dict[str, str]) -> None:
    town.texts("amina", "je suis tombée, je ne peux plus me lever")
    assert close(town, data=form).status_code == 403
    assert concerns.open_concerns().count() == 1


def test_a_form_from_elsewhere_or_of_last_week_changes_nothing(town: Town) -> None:
    town.texts("amina", "je suis tombée, je ne peux plus me lever")
    key = knock(town).text.partition('name="key" value="')[2].partition('"')[0]
    assert close(town, data={"key": key}, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert close(town, data={"key": key}, headers={"Origin": "null"}).status_code == 403
    town.clock.skip(timedelta(days=2))
    assert close(town, data={"key": key}).status_code == 403
    assert concerns.open_concerns().count() == 1


def test_a_form_of_ours_is_known_behind_a_proxy_that_asks_for_us_by_another_name(town: Town) -> None:
    town.texts("amina", "je suis tombée, je ne peux plus me lever")
    key = knock(town).text.partition('name="key" value="')[2].partition('"')[0]
    assert close(town, data={"key": key}, headers={"Origin": "https://help.example"}).status_code == 303


def test_looking_changes_nothing(town: Town) -> None:
    town.texts("amina", "je suis tombée, je ne peux plus me lever")
    (concern,) = list(concerns.open_concerns())
    assert town.http.get(f"/status/concerns/{concern.id}/close", auth=("operator", PASSWORD)).status_code == 405
    assert concerns.open_concerns().count() == 1


def test_a_crowd_of_guessers_is_remembered_one_by_one_and_not_for_ever() -> None:
    guard = door.Door(settings.read(environment={"SMSGATE_STATUS_PASSWORD_HASH": HASH}), lambda: None)  # type: ignore[arg-type, return-value]
    for address in range(3 * door.ADDRESSES_REMEMBERED):
        assert guard.guesses(str(address)).try_acquire("guess", blocking=False)
    assert guard.guesses.cache_info().currsize == door.ADDRESSES_REMEMBERED
