"""Whoever was not helped is heard: by whom they met, by telephone, or by asking again."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from db import concerns
from db.concerns import RUNG
from db.models import Offer, Person, Request
from db.notices import Notice
from tests import calls
from tests.calls import LANDLINE
from tests.test_calls import two_volunteers as two_volunteers
from tests.town import PEOPLE, Town

DAY = timedelta(hours=25)


def meets_bram(town: Town, words: str = "AIDE 1050 courses") -> None:
    """Amina and Bram have each other's number; a day later she is asked whether help came."""
    town.texts("amina", words)
    town.texts("bram", "OUI")
    town.texts("amina", "OUI")
    town.pass_time(DAY)
    town.reads_all()


def to_ring() -> list[tuple[str, str]]:
    return [(one.person.number, one.notice) for one in concerns.open_concerns() if one.notice]


def test_to_ask_again_is_to_want_somebody_else(two_volunteers: Town) -> None:
    meets_bram(two_volunteers)
    two_volunteers.plays("""
        amina > NON
        amina < cherchions quelqu'un d'autre
        amina > AIDE 1050 courses, du lait et du pain
        amina < Nous cherchons
        chloe < Pouvez-vous aider
        chloe > OUI
        chloe < demandons l'accord
        amina < quelqu'un peut vous aider
        amina > OUI
        amina < Chloé va vous aider
        chloe < Appelez
        chloe < du lait et du pain
    """)
    assert Request.select().count() == 1


def test_to_ask_for_something_else_leaves_that_question_behind(two_volunteers: Town) -> None:
    meets_bram(two_volunteers)
    two_volunteers.texts("amina", "NON")
    two_volunteers.texts("amina", "AIDE 1050 promener le chien")
    assert [request.step for request in Request.select().order_by(Request.id)] == ["not_helped", "searching"]
    assert Person.get(number=PEOPLE["amina"]).question is None


def test_a_volunteer_found_is_said_before_how_the_last_one_was_is_asked(two_volunteers: Town) -> None:
    two_volunteers.texts("amina", "AIDE 1050 courses")
    two_volunteers.texts("bram", "OUI")
    two_volunteers.texts("amina", "OUI")
    two_volunteers.texts("amina", "AIDE 1050 promener le chien")
    two_volunteers.texts("amina", "AIDE 1050 promener le chien")
    for offer in Offer.select().where(Offer.request == calls.latest()):
        assert offer.step == "asked"
    two_volunteers.pass_time(DAY)
    assert Person.get(number=PEOPLE["amina"]).question == "followup"
    two_volunteers.reads_all()
    two_volunteers.texts("chloe", "OUI")
    assert "quelqu'un peut vous aider" in two_volunteers.unread("amina")[0]


def test_a_volunteer_who_could_not_help_is_not_the_end_of_it(two_volunteers: Town) -> None:
    meets_bram(two_volunteers)
    two_volunteers.plays("""
        --- 49h
        bram < Avez-vous pu aider
        bram > NON
        bram < merci de votre réponse
        amina < Bram n'a pas pu vous aider
        amina > OUI
        amina < Nous cherchons
        chloe < Pouvez-vous aider
    """)


def test_somebody_who_is_rung_is_asked_so_by_telephone(two_volunteers: Town) -> None:
    calls.calls(two_volunteers, LANDLINE, name="Lucie", consented="on")
    two_volunteers.texts("bram", "OUI")
    two_volunteers.pass_time(DAY)
    two_volunteers.pass_time(timedelta(hours=49))
    assert to_ring() == [(LANDLINE, "follow_up")]
    two_volunteers.texts("bram", "NON")
    assert to_ring() == [(LANDLINE, "look_again_for")]
    calls.desk(two_volunteers).not_helped(Request.get(), True, two_volunteers.clock())
    assert to_ring() == []
    assert Request.get().step == "searching"


def test_whoever_had_stopped_and_wants_somebody_else_is_told_again(two_volunteers: Town) -> None:
    two_volunteers.texts("amina", "AIDE 1050 courses")
    two_volunteers.texts("bram", "OUI")
    two_volunteers.texts("amina", "OUI")
    two_volunteers.texts("amina", "STOP")
    two_volunteers.reads_all()
    calls.desk(two_volunteers).not_helped(Request.get(), True, two_volunteers.clock())
    calls.ring(two_volunteers)
    two_volunteers.texts("chloe", "OUI")
    assert "quelqu'un peut vous aider" in two_volunteers.unread("amina")[-1]


def test_nobody_is_asked_about_a_volunteer_who_was_erased(two_volunteers: Town) -> None:
    two_volunteers.texts("amina", "AIDE 1050 x2 courses")
    for who in ("bram", "amina", "chloe", "amina"):
        two_volunteers.texts(who, "OUI")
    two_volunteers.pass_time(DAY)
    two_volunteers.texts("bram", "EFFACER")
    two_volunteers.texts("bram", "OUI")
    two_volunteers.texts("chloe", "ANNULER")
    two_volunteers.texts("dirk", "BENEVOLE 1050 Dirk")
    two_volunteers.texts("dirk", "OUI")
    two_volunteers.texts("amina", "OUI")
    two_volunteers.reads_all()
    two_volunteers.pass_time(DAY)
    assert "l'aide promise par Dirk" in two_volunteers.unread("amina")[0]


def test_no_to_a_request_is_no_to_that_one_alone(two_volunteers: Town) -> None:
    meets_bram(two_volunteers)
    two_volunteers.texts("dirk", "AIDE 1050 promener le chien")
    two_volunteers.reads_all()
    two_volunteers.texts("bram", "ANNULER")
    assert two_volunteers.unread("amina") == []
    assert [offer.step for offer in Offer.select().order_by(Offer.id) if offer.volunteer.person.name == "Bram"] == [
        "introduced",
        "declined",
    ]


def test_a_volunteer_who_needs_help_is_not_waited_for_and_hears_at_once_who_can_help(
    found_town: Callable[..., Town],
) -> None:
    found_town(matching_wave_size="1").plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1050 Chloé
        chloe < Bienvenue
        dirk  > BENEVOLE 1050 Dirk
        dirk  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < Pouvez-vous aider
        bram  > AIDE 1050 pharmacie
        bram  < C'est noté
        chloe < pharmacie
        chloe > OUI
        chloe < Merci beaucoup
        bram  < quelqu'un peut vous aider
        --- 16m
        dirk  < courses
        amina < Personne n'a encore dit oui
    """)


def test_a_list_goes_to_whoever_does_the_shopping(two_volunteers: Town) -> None:
    two_volunteers.texts("amina", "AIDE 1050 courses")
    two_volunteers.texts("bram", "OUI")
    two_volunteers.texts("amina", "OUI")
    two_volunteers.texts("amina", "AIDE 1050 promener le chien")
    two_volunteers.reads_all()
    two_volunteers.texts("amina", "LISTE lait, pain")
    assert "lait, pain" in two_volunteers.unread("bram")[0]


def test_whoever_helped_is_not_called_off_when_the_asker_is_erased_afterwards(two_volunteers: Town) -> None:
    meets_bram(two_volunteers)
    two_volunteers.texts("amina", "EFFACER")
    two_volunteers.texts("amina", "OUI")
    assert two_volunteers.unread("bram") == []


def test_a_yes_written_before_the_question_is_no_yes_to_it(two_volunteers: Town) -> None:
    two_volunteers.texts("amina", "AIDE 1050 courses")
    two_volunteers.texts("bram", "OUI")
    Person.update(question_at=two_volunteers.clock() + timedelta(seconds=2)).where(
        Person.number == PEOPLE["amina"]
    ).execute()
    two_volunteers.reads_all()
    two_volunteers.texts("amina", "OUI")
    assert "Répondez simplement OUI ou NON" in two_volunteers.unread("amina")[0]
    assert two_volunteers.unread("bram") == []
    two_volunteers.pass_time(timedelta(seconds=5))
    two_volunteers.texts("amina", "OUI")
    assert "Bram va vous aider" in two_volunteers.unread("amina")[1]


@pytest.mark.parametrize("notice", sorted(RUNG))
def test_every_call_has_its_words(notice: Notice) -> None:
    from smsgate.page_words import LANGUAGES, words

    for language in LANGUAGES:
        assert words(language)["status"]["ring"][notice]
