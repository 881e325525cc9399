"""Floods: one number cannot wear the service out, nor make it write to others without end; and operators see who."""

from datetime import timedelta

import pytest

from db import inbox
from db.concerns import Kind
from db.connection import transaction
from db.models import Letter, Offer, Person, Request, Text
from tests.test_time import Found
from tests.test_undelivered import needs_a_person
from tests.town import PEOPLE, Town


def test_more_than_twenty_texts_in_an_hour_are_stored_and_left_unanswered_after_one_warning(town: Town) -> None:
    for number in range(30):
        town.deliver("amina", f"LISTE pain {number}")
    town.settle()
    received = town.unread("amina")
    assert Text.select().count() == 30
    assert len(received) == 21
    assert "nous répondrons de nouveau dans une heure" in received[-1]
    assert needs_a_person() == [(Kind.FLOOD, "amina")]
    town.pass_time(timedelta(hours=1, minutes=1))
    town.reads_all()
    town.texts("amina", "INFO")
    assert "Ici, on s'aide" in town.unread("amina")[0]


def test_in_a_flood_a_cry_for_help_and_stop_are_still_heard(found_town: Found) -> None:
    town = found_town(limits_texts_per_hour="2")
    for words in ("INFO", "INFO", "INFO", "je suis tombée, je ne peux plus me lever", "STOP"):
        town.texts("amina", words)
    received = town.unread("amina")
    assert ["112" in text for text in received[2:]] == [True, True, False]
    assert "ne vous écrirons plus" in received[-1]


def test_the_words_of_one_flood_do_not_silence_anybody_else(found_town: Found) -> None:
    town = found_town(limits_texts_per_hour="2")
    for _ in range(9):
        town.deliver("amina", "INFO")
    town.texts("bram", "INFO")
    assert "Ici, on s'aide" in town.unread("bram")[0]


@pytest.mark.parametrize(
    ("asks", "cancels", "enough"),
    [
        ("AIDE 1050 courses", "ANNULER", "écrivez-nous demain"),
        ("HULP 1050 boodschappen", "ANNULEREN", "Probeer het morgen"),
        ("HILFE 4700 Einkauf", "ABBRECHEN", "Versuchen Sie es bitte morgen"),
        ("HELP 1050 shopping", "CANCEL", "text us tomorrow"),
    ],
)
def test_one_number_makes_so_many_requests_a_day_and_no_more(
    found_town: Found, asks: str, cancels: str, enough: str
) -> None:
    town = found_town(limits_requests_per_day="2")
    for words in (asks, cancels, asks, cancels, asks):
        town.texts("amina", words)
    assert Request.select().count() == 2
    assert enough in town.unread("amina")[-1]
    assert needs_a_person() == [(Kind.FLOOD, "amina")]
    town.pass_time(timedelta(hours=24, minutes=1))
    town.texts("amina", asks)
    assert Request.select().count() == 3


def test_so_many_volunteers_are_asked_for_one_number_in_a_day_and_no_more(found_town: Found) -> None:
    town = found_town(limits_volunteers_per_day="3", matching_wave_size="2")
    for who in ("bram", "chloe", "dirk", "elise", "fons"):
        town.texts(who, f"BENEVOLE 1050 {who}")
    town.texts("amina", "AIDE 1050 courses")
    town.pass_time(timedelta(minutes=16))
    town.pass_time(timedelta(minutes=16))
    assert Offer.select().count() == 3
    assert (Kind.FLOOD, "amina") in needs_a_person()
    town.pass_time(timedelta(hours=24))
    assert Offer.select().count() > 3, "the day after it goes on"


def test_a_flood_of_one_text_brought_again_and_again_is_one_text(town: Town) -> None:
    fields = town.fields("amina", "INFO")
    for _ in range(40):
        assert town.http.post("/webhooks/inbound", data=fields).status_code == 200
    town.settle()
    assert (Text.select().count(), Letter.select().count()) == (1, 1)
    assert needs_a_person() == []


def test_first_halves_of_long_texts_from_many_do_not_keep_anybody_waiting(town: Town) -> None:
    half = {"concat": "true", "concat-ref": "7", "concat-total": "2", "concat-part": "1"}
    for number in range(inbox.LOOKED_AT_FIRST + 20):
        town.deliver(f"3247100{number:04}", "AIDE 1050", **half)
    town.texts("amina", "AIDE 1050 courses")
    assert "1050 Ixelles" in town.unread("amina")[0]


def test_a_number_that_writes_by_the_hundred_is_not_heard_before_everybody_else(town: Town) -> None:
    town.workers.pop().stop()
    for number in range(inbox.LOOKED_AT_FIRST + 20):
        town.deliver("amina", f"LISTE pain {number}")
    town.deliver("bram", "je suis tombé, je ne peux plus me lever")
    with transaction():
        assert [text.sender for text in inbox.take_waiting(10, town.clock())] == [PEOPLE["amina"], PEOPLE["bram"]]


def test_cries_for_help_from_one_number_do_not_hide_anybody_elses(town: Town) -> None:
    for _ in range(40):
        town.deliver("amina", "je suis tombée, je ne peux plus me lever")
    town.texts("bram", "je suis tombée, je ne peux plus me lever")
    assert sorted(needs_a_person()) == [(Kind.EMERGENCY, "amina")] * 5 + [(Kind.EMERGENCY, "bram")]


def test_being_erased_is_no_way_around_the_limits_of_a_day(found_town: Found) -> None:
    town = found_town(limits_requests_per_day="2", limits_volunteers_per_day="3", matching_wave_size="2")
    for who in ("bram", "chloe", "dirk", "elise", "fons"):
        town.texts(who, f"BENEVOLE 1050 {who}")
    for _ in range(4):
        for words in ("AIDE 1050 courses", "EFFACER", "OUI"):
            town.texts("amina", words)
    assert (Request.select().count(), Offer.select().count()) == (2, 3)
    assert Person.select().where(Person.erased_mark.is_null(False)).exists()
    town.pass_time(timedelta(hours=24, minutes=1))
    assert not Person.select().where(Person.erased_mark.is_null(False)).exists()
    town.texts("amina", "AIDE 1050 courses")
    assert Request.select().count() == 3


def test_a_machine_that_says_stop_for_ever_is_not_answered_for_ever(town: Town) -> None:
    for _ in range(15):
        town.texts("amina", "STOP")
    assert len(town.unread("amina")) == 10
    assert Person.get().is_stopped()
