"""What is written under a drawn phone is what the service waits for, at every step of the journey."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from db.models import Person
from smsgate.demo_cast import TOWNS, joining, name_of, phones
from smsgate.demo_waits import Wait, in_words, wait_for
from smsgate.page_words import LANGUAGES, words
from smsgate.settings import read
from tests.town import PEOPLE, Town


def says(town: Town, who: str, language: str = "en") -> str:
    """What is written under somebody's phone."""
    as_of = town.clock()
    wait = wait_for(PEOPLE[who], town.settings.rules(), as_of)
    return in_words(wait, words(language), town.settings["service.timezone"], as_of)


def at(town: Town, **later: float) -> str:
    """A time from now on the town's clock."""
    return f"{(town.clock() + timedelta(**later)).astimezone(town.settings['service.timezone']):%H:%M}"


@pytest.fixture
def noon(town: Town) -> Town:
    """A town at noon, far from midnight."""
    here = town.clock().astimezone(town.settings["service.timezone"])
    until_noon = here.replace(hour=12, minute=0, second=30, microsecond=0) - here
    town.clock.skip(until_noon % timedelta(days=1))
    return town


def test_an_introduction_as_it_is_waited_for(noon: Town) -> None:
    town = noon
    assert says(town, "amina") == "This number has not sent anything yet."
    town.texts("bram", "BENEVOLE 1050 Bram")
    assert says(town, "bram") == "Ready as soon as a neighbour needs help."
    town.texts("amina", "AIDE 1050 courses, Amina")
    assert says(town, "amina") == f"We are waiting for a neighbour’s YES. We ask others at {at(town, minutes=15)}."
    assert says(town, "bram").startswith("We are waiting for a YES or NO until ")
    town.texts("bram", "OUI")
    assert says(town, "amina") == f"We are waiting for a YES or NO. Reminder at {at(town, hours=2)}."
    assert says(town, "bram") == f"We are waiting for Amina’s YES or NO until {at(town, hours=2)}."
    assert says(town, "bram", "fr") == f"Amina a jusqu’à {at(town, hours=2)} pour répondre OUI ou NON."
    town.pass_time(timedelta(hours=2))
    assert says(town, "amina") == f"We are waiting for a YES or NO. The request ends at {at(town, hours=2)}."
    town.texts("amina", "OUI")
    tomorrow = (town.clock() + timedelta(days=1)).astimezone(town.settings["service.timezone"])
    asked_then = f"We ask on {tomorrow:%A} at {tomorrow:%H:%M} whether help came."
    assert says(town, "amina") == f"They have each other’s number. {asked_then}"
    assert says(town, "bram") == f"They have each other’s number. {asked_then}"
    town.pass_time(timedelta(days=1))
    assert says(town, "amina").startswith("Did help come? We are waiting for the answer until ")
    assert says(town, "bram").startswith("We are waiting for Amina until ")
    town.pass_time(timedelta(days=2))
    assert says(town, "bram").startswith("Did help come? We are waiting for the answer until ")
    assert says(town, "amina").startswith("We are waiting for Bram until ")
    town.texts("bram", "NON")
    assert says(town, "amina").startswith("Look for someone else? We are waiting for the answer until ")
    town.texts("amina", "NON")
    assert says(town, "amina") == "We are waiting for nothing."


def test_the_other_ways_as_they_are_waited_for(noon: Town) -> None:
    town = noon
    town.texts("amina", "AIDE")
    assert says(town, "amina") == "We are waiting for the postcode."
    town.texts("amina", "1050")
    assert says(town, "amina") == f"Nobody is free. We try again at {at(town, hours=1)}."
    town.texts("amina", "STOP")
    assert says(town, "amina") == "Said STOP: we text no more, except after START."
    town.texts("amina", "EFFACER")
    assert says(town, "amina").startswith("Erase everything? We are waiting for a YES or NO until ")
    town.texts("amina", "OUI")
    assert says(town, "amina") == "This number has not sent anything yet."
    town.texts("chloe", "BENEVOLE 1050")
    town.texts("chloe", "PAUSE 20")
    in_20_days = (town.clock() + timedelta(days=20)).astimezone(town.settings["service.timezone"])
    assert says(town, "chloe").startswith(f"Is resting until {in_20_days.day} {in_20_days:%B}, ")
    town.texts("dirk", "BENEVOLE 1050")
    for _ in range(3):
        town.texts("elise", "AIDE 1050")
        town.texts("dirk", "OUI")
        town.texts("elise", "ANNULER")
    assert says(town, "dirk").startswith("Asked often enough this week: nothing more until ")


def test_at_night_the_morning_is_waited_for(found_town: Callable[..., Town]) -> None:
    night = datetime.now(UTC)
    town = found_town(
        matching_quiet_hours=f"{night - timedelta(hours=1):%H:%M}-{night + timedelta(hours=1):%H:%M}",
        service_timezone="UTC",
    )
    town.texts("bram", "BENEVOLE 1050")
    town.texts("amina", "AIDE 1050")
    assert says(town, "amina").startswith("It is night. We ask the neighbours ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wait_can_be_said_today_this_week_and_later(language: str) -> None:
    said = words(language)
    now = datetime(2026, 11, 23, 11, tzinfo=UTC)
    zone, amina = read(environment={})["service.timezone"], Person(number=phones(language)[0].number)
    for key in said["waits"].keys() - {f"{word}{form}" for word in ("at", "until") for form in ("", "_day", "_date")}:
        for later in (timedelta(minutes=15), timedelta(days=2), timedelta(days=20)):
            sentence = in_words(Wait(key, now + later, amina), said, zone, now)
            assert sentence[0].isupper(), sentence
            assert "{" not in sentence
            if later == timedelta(days=20) and "12:00" in sentence:
                assert "13" in sentence, sentence  # the thirteenth of December


@pytest.mark.parametrize(
    ("language", "this_week", "later"),
    [
        ("fr", "Se repose jusqu’à jeudi 11:00.", "Se repose jusqu’au 1er décembre à 11:00."),
        ("nl", "Neemt pauze tot donderdag 11:00.", "Neemt pauze tot 1 december om 11:00."),
        ("de", "Macht Pause bis Donnerstag, 11:00.", "Macht Pause bis zum 1. Dezember, 11:00."),
        ("en", "Is resting until Thursday, 11:00.", "Is resting until 1 December, 11:00."),
    ],
)
def test_a_day_and_a_date_are_said_as_people_say_them(language: str, this_week: str, later: str) -> None:
    said, then = words(language), datetime(2022, 12, 1, 11, tzinfo=UTC)  # a Thursday
    for days, says_so in ((2, this_week), (20, later)):
        sentence = in_words(Wait("resting", then), said, ZoneInfo("UTC"), then - timedelta(days=days))
        assert sentence == says_so


def test_no_drawn_phone_is_asked_for_another_language(noon: Town) -> None:
    for number, text in joining():
        noon.texts(number, text)
    for language in LANGUAGES:
        amina, bram, chloe, _ = phones(language)
        noon.texts(amina.number, amina.first_text)
        asked = {one.number for one in (bram, chloe)}
        for number, _ in joining():
            wait = wait_for(number, noon.settings.rules(), noon.clock())
            assert (wait.question == "offer") is (number in asked), (language, number)
        noon.texts(amina.number, words("fr")["texts"]["stop"])
    assert len(TOWNS) == len(LANGUAGES)
    assert name_of("32470123411") == "Bram"
    assert name_of("32470999999") is None
