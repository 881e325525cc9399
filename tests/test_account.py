"""The account in trouble: no credit, wrong keys, a line that is dead. Letters wait, people get them all, in order."""

from datetime import timedelta

from db import outbox
from db.health import health
from db.models import Health, Letter
from smsgate.tasks import Drain
from tests.fake_vonage import Answer, refused
from tests.test_time import Found, at, introduced
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
    town.workers[0].stop()
    town.clock.skip(timedelta(minutes=7))
    said = town.http.get("/healthz").json()
    assert said["status"] == "degraded"
    assert "smsgate work" in said["why"][0]
    town.next_worker().start()
    until(lambda: town.http.get("/healthz").json() == {"status": "ok"}, "somebody looks again")


def test_texts_are_told_by_healthz_although_no_worker_ever_ran(town: Town) -> None:
    town.workers[0].stop()
    Health.update(swept_at=None).execute()
    town.clock.skip(timedelta(minutes=7))
    assert town.http.get("/healthz").json() == {"status": "ok"}, "nobody waits"
    town.deliver("amina", "INFO")
    town.clock.skip(timedelta(minutes=7))
    assert "nobody hears texts" in town.http.get("/healthz").json()["why"][0]
    town.next_worker().start()
    until(lambda: town.http.get("/healthz").json() == {"status": "ok"}, "somebody looks")


def test_whoever_has_heard_texts_for_minutes_is_not_told_to_be_missing(town: Town) -> None:
    town.workers[0].stop()
    town.next_worker().hearing = Drain(lambda: town.clock.skip(timedelta(minutes=7)))
    town.sweep()
    assert town.http.get("/healthz").json() == {"status": "ok"}
    town.workers[0].start()


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


def foreign(*_: object) -> tuple[int, str]:
    return 200, refused("15", "Illegal Sender Address - rejected")


def test_a_number_that_may_not_be_written_to_from_ours_keeps_nobody_else_waiting(town: Town) -> None:
    town.vonage.answers_to[PEOPLE["dirk"]] = foreign
    write(town, "dirk", "INFO")
    for texts in range(1, 10):
        until(lambda: not outbox.owes_any(town.clock()), "what is due was tried")
        town.clock.skip(timedelta(minutes=20))
        write(town, "amina", "INFO")
        until(lambda texts=texts: len(town.unread("amina")) == texts, "Amina is answered at once")
        town.sweep()
    town.settle()
    assert Letter.select().order_by(Letter.id).get().state == "given up"
    assert town.http.get("/healthz").json() == {"status": "ok"}


def test_with_a_wrong_number_of_our_own_no_letter_is_lost_and_healthz_says_why(town: Town) -> None:
    all_refused(town, foreign)
    write(town, "amina", "INFO")
    for tries in range(1, 10):
        until(lambda tries=tries: Letter.get().attempts >= tries, "another try")
        town.rest()
        town.clock.skip(timedelta(minutes=20))
        town.sweep()
    assert "does not accept our number as the sender" in town.http.get("/healthz").json()["why"][0]
    town.vonage.answers_to.clear()
    town.pass_time(timedelta(minutes=20))
    assert len(town.unread("amina")) > 0


def test_a_line_that_hangs_for_hours_loses_no_letter_and_healthz_says_so(town: Town) -> None:
    def passes_a_quarter_of_an_hour() -> None:
        for minutes in (3, 14):  # cut off; and due again
            town.clock.skip(timedelta(minutes=minutes))
            town.sweep()

    all_refused(town, lambda *_: None)
    write(town, "amina", "INFO")
    for tries in range(1, 18):
        until(lambda tries=tries: len(town.vonage.sent) >= tries, "another try")
        passes_a_quarter_of_an_hour()
    until(lambda: len(town.vonage.sent) >= 18, "another try")
    assert "no letters go out" in town.http.get("/healthz").json()["why"][0]
    town.reads_all()
    town.vonage.answers_to.clear()
    passes_a_quarter_of_an_hour()
    until(lambda: len(town.unread("amina")) == 1, "it goes once the line is back")
    town.settle()
    assert town.http.get("/healthz").json() == {"status": "ok"}


def test_a_clock_set_back_in_the_middle_of_it_keeps_nobody_waiting(town: Town) -> None:
    town.vonage.answers.append(no_credit)
    write(town, "amina", "INFO")
    until(lambda: health().trouble is not None, "the account is known to be in trouble")
    town.rest()
    town.clock.skip(-timedelta(hours=1))
    write(town, "bram", "INFO")
    until(lambda: len(town.unread("bram")) == 1, "Bram is answered")


def test_after_an_outage_nobody_is_asked_in_the_middle_of_the_night(found_town: Found) -> None:
    town = found_town(matching_quiet_hours="20:00-08:00")
    at(town, "19:30")
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.reads_all()
    all_refused(town, no_credit)
    write(town, "amina", "AIDE 1050 courses")
    until(lambda: health().trouble is not None, "the account is known to be in trouble")
    town.rest()
    at(town, "02:30")
    town.reads_all()
    town.vonage.answers_to.clear()
    town.sweep()
    town.settle()
    write(town, "amina", "INFO")
    town.settle()
    assert [len(town.unread(who)) for who in ("amina", "bram")] == [1, 0], "what she has just written is answered"
    at(town, "08:05")
    town.pass_time(timedelta(0))
    assert "courses" in town.unread("bram")[0]
    assert "C'est noté" in town.unread("amina")[1]
