"""The account in trouble: no credit, wrong keys, a line that is dead. Letters wait, people get them all, in order."""

from datetime import timedelta

from db.health import health
from db.models import Letter
from tests.fake_vonage import Answer, refused
from tests.test_time import introduced
from tests.town import PEOPLE, Town, until


def all_refused(town: Town, answer: Answer) -> None:
    """From now on the carrier answers every letter like this."""
    town.vonage.answers_to |= dict.fromkeys(PEOPLE.values(), answer)


def no_credit(*_: object) -> tuple[int, str]:
    return 200, refused("9", "Quota Exceeded - rejected")


def write(town: Town, who: str, words: str) -> None:
    """Somebody's text is heard; what it brings cannot be sent yet."""
    town.deliver(who, words)
    until(lambda: not town.waiting_texts(), f"{who} is heard")


def test_without_credit_for_six_hours_the_sending_stops_and_then_everybody_gets_everything_in_order(
    town: Town,
) -> None:
    for who, words in (("bram", "BENEVOLE 1050 Bram"), ("chloe", "BENEVOLE 6700 Chloé")):
        town.texts(who, words)
    town.reads_all()
    all_refused(town, no_credit)
    tried_before = len(town.vonage.sent)
    write(town, "amina", "AIDE 1050 courses")
    write(town, "amina", "LISTE pain")
    write(town, "dirk", "AIDE 6700 pharmacie")
    until(lambda: health().trouble is not None, "the account is known to be in trouble")
    calls_under_way = 8
    assert len(town.vonage.sent) - tried_before <= calls_under_way
    for _ in range(6 * 12):  # six hours, looked at every five minutes
        town.clock.skip(timedelta(minutes=5))
        town.sweep()
        until(lambda: health().retry_at > town.clock(), "one letter is tried when it is time")
        town.rest()
    tries = len(town.vonage.sent) - tried_before
    assert 6 * 4 - 3 <= tries <= 6 * 4 + calls_under_way + 6, "a letter every quarter of an hour, to see"
    town.reads_all()
    town.vonage.answers_to.clear()
    town.pass_time(timedelta(minutes=16))
    assert health().trouble is None
    for who, texts in {
        "amina": ["C'est noté: courses", "ajouté à votre demande"],
        "dirk": ["C'est noté: pharmacie"],
        "bram": ["courses, 1050"],
        "chloe": ["pharmacie, 6700"],
    }.items():
        received = town.unread(who)
        assert all(words in text for words, text in zip(texts, received, strict=False)), (who, received)
        assert len(received) >= len(texts)
    assert not Letter.select().where(Letter.state.in_(("waiting", "claimed", "failed"))).exists()


def test_a_refused_key_stops_the_sending_and_says_so_in_plain_words(town: Town) -> None:
    all_refused(town, lambda *_: (401, '{"title": "Unauthorized"}'))
    write(town, "amina", "AIDE 1050 courses")
    until(lambda: health().trouble is not None, "the account is known to be in trouble")
    said = town.http.get("/healthz")
    assert said.status_code == 200, "texts can still be taken in"
    assert said.json()["status"] == "degraded"
    assert "does not accept our key and secret" in said.json()["why"][0]
    town.vonage.answers_to.clear()
    town.pass_time(timedelta(minutes=2))
    assert town.http.get("/healthz").json() == {"status": "ok"}
    assert len(town.unread("amina")) >= 1


def test_what_is_left_to_spend_is_kept(town: Town) -> None:
    introduced(town)
    assert health().balance == "12.34560000"
    assert health().balance_at <= town.clock()


def test_texts_that_nobody_hears_are_told_by_healthz(town: Town) -> None:
    town.pass_time(timedelta(minutes=1))
    town.clock.skip(timedelta(minutes=7))
    said = town.http.get("/healthz").json()
    assert said["status"] == "degraded"
    assert "smsgate work" in said["why"][0]
    town.sweep()
    assert town.http.get("/healthz").json() == {"status": "ok"}


def test_a_letter_on_a_dead_line_goes_when_the_line_is_back(town: Town) -> None:
    all_refused(town, lambda *_: (503, "<html>busy</html>"))
    write(town, "amina", "AIDE 1050 courses")
    write(town, "amina", "INFO")
    for attempt in range(1, 9):
        tried = (Letter.attempts >= attempt) & (Letter.state == "waiting")
        until(lambda tried=tried: Letter.select().where(tried).exists(), "another try")
        town.clock.skip(timedelta(minutes=30))
        town.sweep()
    town.reads_all()
    town.vonage.answers_to.clear()
    town.pass_time(timedelta(minutes=20))
    noted, explained = town.unread("amina")
    assert "Personne n'est libre" in noted
    assert "Ici, on s'aide" in explained
