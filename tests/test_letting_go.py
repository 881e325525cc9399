"""Whoever lets go is let go: after STOP or ANNULER nobody is looked for, and no number goes out."""

from datetime import timedelta

import pytest

from db.models import Request
from tests import calls
from tests.calls import LANDLINE
from tests.test_calls import two_volunteers as two_volunteers
from tests.town import PEOPLE, Town


def meets_bram(town: Town, by_telephone: bool) -> None:
    """Amina asks by text, or by telephone, where she agrees at once that a volunteer gets her number."""
    if by_telephone:
        calls.calls(town, "amina", name="Amina", consented="on")
        town.texts("bram", "OUI")
    else:
        town.texts("amina", "AIDE 1050 courses")
        town.texts("bram", "OUI")
        town.texts("amina", "OUI")


def cannot_be_helped_by_bram_twice(town: Town, by_telephone: bool) -> None:
    """Bram promises shopping and the pharmacy, and then cannot come: somebody else is looked for, for each."""
    meets_bram(town, by_telephone)
    town.texts("amina", "AIDE 1050 pharmacie")
    town.texts("bram", "OUI")
    town.texts("amina", "OUI")
    town.texts("bram", "ANNULER")
    assert [request.step for request in Request.select()] == ["searching", "searching"]
    town.reads_all()


def whoever_joins_now(town: Town) -> list[str]:
    """What somebody reads who joins next door and says yes to whatever they are asked."""
    town.texts("dirk", "BENEVOLE 1050 Dirk")
    town.pass_time(timedelta(minutes=20))
    town.texts("dirk", "OUI")
    return town.unread("dirk")


@pytest.mark.parametrize("by_telephone", [False, True])
def test_nobody_is_looked_for_when_a_volunteer_cannot_come_to_whoever_has_stopped(
    two_volunteers: Town, by_telephone: bool
) -> None:
    meets_bram(two_volunteers, by_telephone)
    two_volunteers.texts("amina", "STOP")
    two_volunteers.texts("bram", "ANNULER")
    two_volunteers.reads_all()
    two_volunteers.texts("chloe", "OUI")
    assert not any("0470 12 34 00" in text for text in whoever_joins_now(two_volunteers))
    assert Request.get().step == "withdrawn"
    assert two_volunteers.vonage.texts_to(PEOPLE["chloe"])[1:] == two_volunteers.unread("chloe"), "never asked"


@pytest.mark.parametrize("by_telephone", [False, True])
def test_stop_ends_every_search(two_volunteers: Town, by_telephone: bool) -> None:
    cannot_be_helped_by_bram_twice(two_volunteers, by_telephone)
    two_volunteers.texts("amina", "STOP")
    assert [request.step for request in Request.select()] == ["withdrawn", "withdrawn"]
    assert not any("0470 12 34 00" in text for text in whoever_joins_now(two_volunteers))


def test_cancel_ends_every_search_and_no_good_news_follows(two_volunteers: Town) -> None:
    cannot_be_helped_by_bram_twice(two_volunteers, by_telephone=False)
    two_volunteers.texts("amina", "ANNULER")
    whoever_joins_now(two_volunteers)
    assert len(two_volunteers.unread("amina")) == 1
    assert [request.step for request in Request.select()] == ["withdrawn", "withdrawn"]


def test_cancel_leaves_the_help_that_was_found_before(two_volunteers: Town) -> None:
    meets_bram(two_volunteers, by_telephone=False)
    two_volunteers.texts("amina", "AIDE 1050 pharmacie")
    two_volunteers.texts("amina", "ANNULER")
    assert [request.step for request in Request.select().order_by(Request.id)] == ["introduced", "withdrawn"]


def test_a_yes_that_was_passed_on_for_one_volunteer_is_none_for_the_next(two_volunteers: Town) -> None:
    request = calls.calls(two_volunteers, LANDLINE, name="Lucie")
    two_volunteers.texts("bram", "OUI")
    calls.desk(two_volunteers).agree(Request.get_by_id(request.id), two_volunteers.clock())
    calls.ring(two_volunteers)
    assert "Appelez Lucie au 02 512 34 56" in two_volunteers.vonage.texts_to(PEOPLE["bram"])[-1]
    two_volunteers.texts("bram", "ANNULER")
    two_volunteers.pass_time(timedelta(minutes=16))
    two_volunteers.texts("chloe", "OUI")
    assert not any("02 512 34 56" in text for text in two_volunteers.vonage.texts_to(PEOPLE["chloe"]))
    assert Request.get().step == "proposed", "Lucie is rung and asked again"
