"""Several volunteers for one request: what becomes of one of them takes nothing from the others."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from db import concerns
from db.models import Offer, Request
from tests import calls
from tests.town import Town


def offers() -> list[tuple[str, str]]:
    """Who has said yes, and where that stands."""
    return [(offer.volunteer.person.name, offer.step) for offer in Offer.select().order_by(Offer.id)]


def both_join(town: Town) -> None:
    """Bram and Chloe offer help next door to Amina."""
    for name in ("Bram", "Chloe"):
        town.texts(name.lower(), f"BENEVOLE 1050 {name}")


def both_say_yes(town: Town) -> None:
    """Amina wants two, and Bram and Chloe say yes; she is asked about Bram."""
    both_join(town)
    town.texts("amina", "AIDE 1050 x2 courses")
    town.texts("bram", "OUI")
    town.texts("chloe", "OUI")
    town.reads_all()


def bram_is_met_and_another_wanted(town: Town) -> None:
    """Amina wants two; she and Bram have each other's number, and Chloé was asked too."""
    both_join(town)
    town.texts("amina", "AIDE 1050 x2 courses")
    town.texts("bram", "OUI")
    town.texts("amina", "OUI")
    town.reads_all()


def test_silence_about_the_second_does_not_send_the_first_away(town: Town) -> None:
    bram_is_met_and_another_wanted(town)
    town.texts("chloe", "OUI")
    town.reads_all()
    town.plays("""
        --- 121m
        amina < attend votre réponse
        --- 121m
        amina < nous ne cherchons plus
        chloe < n'a pas répondu
        --- 25h
        amina < l'aide promise par Bram
    """)
    assert offers() == [("Bram", "introduced"), ("Chloe", "withdrawn")]
    assert (Request.get().taken, Request.get().wanted) == (1, 1)


def test_stop_while_more_are_looked_for_leaves_the_help_that_was_found(town: Town) -> None:
    bram_is_met_and_another_wanted(town)
    town.plays("""
        amina > STOP
        amina < ne vous écrirons plus
        chloe < n'est finalement plus nécessaire
    """)
    assert offers() == [("Bram", "introduced"), ("Chloe", "withdrawn")]
    assert Request.get().step == "introduced"


def test_a_search_that_finds_no_second_one_ends_with_a_word(town: Town) -> None:
    bram_is_met_and_another_wanted(town)
    town.texts("chloe", "NON")
    town.reads_all()
    for _ in range(8):
        town.pass_time(timedelta(days=1))
    assert ["trouvé personne d'autre" in text for text in town.unread("amina")] == [True, False]
    assert "l'aide promise par Bram" in town.unread("amina")[1]
    assert Request.get().step == "followed_up"


def test_no_to_one_of_two_who_said_yes_is_followed_by_the_question_about_the_other(town: Town) -> None:
    both_say_yes(town)
    town.plays("""
        amina > NON
        amina < quelqu'un peut vous aider
        bram < plus nécessaire
        --- 1h
        amina > OUI
        amina < Chloe va vous aider
        chloe < Appelez
    """)


def test_whoever_of_two_withdraws_before_they_were_met_changes_nothing_for_the_asker(town: Town) -> None:
    both_say_yes(town)
    town.texts("chloe", "ANNULER")
    assert town.unread("amina") == []
    town.pass_time(timedelta(hours=1, minutes=59))
    assert town.unread("amina") == [], "no reminder before its time"
    town.texts("amina", "OUI")
    assert "Bram va vous aider" in town.unread("amina")[0]


@pytest.mark.parametrize("was_met", [False, True])
def test_the_call_for_their_yes_is_not_lost_when_another_volunteer_withdraws(town: Town, was_met: bool) -> None:
    both_join(town)
    town.texts("amina", "AIDE 1050 x2 courses")
    calls.calls(town, "amina", no_sms="on")
    town.texts("bram", "OUI")
    if was_met:
        calls.desk(town).agree(Request.get(), town.clock())
    town.texts("chloe", "OUI")
    town.texts("bram" if was_met else "chloe", "ANNULER")
    assert [(one.kind, one.notice) for one in concerns.open_concerns()] == [("call_back", "volunteer_found")]


def test_two_may_be_asked_for_later(town: Town) -> None:
    both_join(town)
    town.texts("amina", "AIDE 1050 courses")
    town.texts("amina", "AIDE 1050 x2 courses")
    assert Request.get().wanted == 2


def test_a_late_yes_counts_when_the_neighbour_who_was_faster_cannot_come(found_town: Callable[..., Town]) -> None:
    town = found_town(matching_wave_size="1")
    for name in ("Bram", "Chloe", "Dirk"):
        town.texts(name.lower(), f"BENEVOLE 1050 {name}")
    town.texts("amina", "AIDE 1050 courses")
    town.pass_time(timedelta(minutes=16))
    town.texts("bram", "OUI")
    assert "Quelqu'un d'autre a déjà dit oui" in town.unread("chloe")[-1]
    town.texts("bram", "ANNULER")
    town.reads_all()
    town.pass_time(timedelta(minutes=5))
    town.texts("chloe", "OUI")
    assert ("Chloe", "accepted") in offers()
    assert "demandons l'accord" in town.unread("chloe")[0]
    assert "d'autre a déjà dit oui" in town.unread("dirk")[0], "he was asked in place of Bram"
