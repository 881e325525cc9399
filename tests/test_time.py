"""The journey in time: whoever asks knows where they stand; whoever helps is asked fairly, by day, not too often."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from db import inbox
from db.followup import FollowUp
from db.models import Letter, Offer, Person, Request, Volunteer
from db.rules import Quiet
from db.steps import OfferStep, RequestStep
from smsgate import kinds
from smsgate.tasks import Drain
from tests.town import PEOPLE, Town, until

BRUSSELS = ZoneInfo("Europe/Brussels")
Found = Callable[..., Town]


def at(town: Town, clock: str) -> None:
    """Move the town's clock to the next time it shows this in Brussels."""
    hour, minute = map(int, clock.split(":"))
    here = town.clock().astimezone(BRUSSELS)
    then = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if then <= here:
        then += timedelta(days=1)
    town.clock.skip(then - here)


def introduced(town: Town) -> None:
    """Bram has joined, Amina has asked, both have said yes; everything read."""
    for who, words in (
        ("bram", "BENEVOLE 1050 Bram"),
        ("amina", "AIDE 1050 courses"),
        ("bram", "OUI"),
        ("amina", "OUI"),
    ):
        town.texts(who, words)
    town.reads_all()


# --- waves


def test_after_each_wave_without_luck_the_next_is_asked_and_the_asker_knows(found_town: Found) -> None:
    found_town(matching_wave_size="1").plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1180 Chloé
        chloe < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        --- 14m
        --- 2m
        chloe < courses
        amina < Nous demandons à d'autres voisins
        --- 16m
        amina < personne n'a encore dit oui
        --- 2h
        --- 2h
    """)


def test_a_no_makes_place_for_the_next_and_the_asker_still_hears_when_the_wave_is_over(found_town: Found) -> None:
    found_town(matching_wave_size="1").plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        dirk  > BENEVOLE 1180 Dirk
        dirk  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        bram  > NON
        bram  < Pas de souci
        chloe < courses
        --- 16m
        dirk  < courses
        amina < Nous demandons à d'autres voisins
    """)


def test_someone_who_joins_at_night_is_asked_in_the_morning(found_town: Found) -> None:
    town = found_town(matching_quiet_hours="20:00-08:00")
    at(town, "15:00")
    town.plays("""
        amina > AIDE 1050 courses
        amina < Personne n'est libre
    """)
    at(town, "22:00")
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        --- 8h
        --- 3h
        bram  < courses
    """)


def test_when_nobody_was_found_the_asker_hears_whom_to_call(found_town: Found) -> None:
    found_town(service_helpline="02 123 45 67").plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        bram  > NON
        bram  < Pas de souci
        amina < Appelez le 02 123 45 67
    """)


@pytest.mark.parametrize(
    ("asks", "waits"),
    [
        ("HULP 2000 boodschappen", "We vonden nog niemand"),
        ("HILFE 4700 Einkauf", "Leider konnte noch niemand Ja sagen"),
        ("HELP 1000 shopping", "Sorry, nobody has said yes yet"),
    ],
)
def test_nobody_was_found_in_every_language(town: Town, asks: str, waits: str) -> None:
    town.texts("bram", f"VOLUNTEER {asks.split()[1]} Bram")
    town.texts("amina", asks)
    town.texts("bram", "NO")
    assert waits in town.unread("amina")[1]


def test_a_request_nobody_took_is_tried_again_for_a_week_and_then_closed_kindly(town: Town) -> None:
    town.plays("""
        amina > AIDE 1050 courses
        amina < Personne n'est libre
        --- 6d
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        bram  < courses
        bram  > NON
        bram  < Pas de souci
        --- 2d
        amina < Désolés, nous n'avons pas trouvé d'aide pour vous
        chloe > BENEVOLE 1050 Chloé
        chloe < Bienvenue
    """)
    assert Request.get().step == RequestStep.UNMET


def test_a_volunteer_who_is_free_again_is_asked_for_a_request_that_found_nobody(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        bram  > PAUSE 1
        bram  < nous ne vous demanderons rien jusqu'au
        amina > AIDE 1050 courses
        amina < Personne n'est libre
        --- 23h
        --- 3h
        bram  < courses
        bram  > OUI
        bram  < Merci beaucoup
        amina < Bonne nouvelle
    """)


def test_an_offer_nobody_answers_lapses_after_a_day_and_its_volunteer_can_be_asked_again(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        --- 16m
        amina < personne n'a encore dit oui
        --- 24h
        dirk  > AIDE 1050 pharmacie
        dirk  < C'est noté
        bram  < pharmacie
    """)


# --- who is asked


def asked_in_order(town: Town, *steps: tuple[str, str]) -> list[str]:
    """Who was asked for help after these texts, in that order."""
    for who, words in steps:
        town.texts(who, words)
    names = {number: name for name, number in PEOPLE.items()}
    return [names[offer.volunteer.person.number] for offer in Offer.select().order_by(Offer.id)]


def test_in_the_same_band_those_who_speak_the_askers_language_come_first(found_town: Found) -> None:
    asked = asked_in_order(
        found_town(matching_wave_size="2"),
        ("bram", "VRIJWILLIGER 1050 Bram"),
        ("chloe", "BENEVOLE 1050 Chloé"),
        ("dirk", "BENEVOLE 1040 Dirk"),
        ("amina", "AIDE 1050 courses"),
    )
    assert asked == ["chloe", "bram"]


def test_the_one_asked_longest_ago_comes_first(found_town: Found) -> None:
    town = found_town(matching_wave_size="1")
    asked = asked_in_order(
        town,
        ("bram", "BENEVOLE 1050 Bram"),
        ("chloe", "BENEVOLE 1050 Chloé"),
        ("amina", "AIDE 1050 courses"),
        ("bram", "OUI"),
        ("amina", "OUI"),
        ("dirk", "AIDE 1050 courses"),
        ("chloe", "OUI"),
        ("dirk", "OUI"),
        ("elise", "AIDE 1050 courses"),
    )
    assert asked == ["bram", "chloe", "bram"]


def test_a_neighbour_who_was_faster_does_not_put_the_others_first_again(found_town: Found) -> None:
    asked = asked_in_order(
        found_town(matching_wave_size="2"),
        ("bram", "BENEVOLE 1050 Bram"),
        ("chloe", "BENEVOLE 1050 Chloé"),
        ("elise", "BENEVOLE 1050 Elise"),
        ("fons", "BENEVOLE 1050 Fons"),
        ("amina", "AIDE 1050 courses"),
        ("bram", "OUI"),
        ("dirk", "AIDE 1050 courses"),
    )
    assert asked == ["bram", "chloe", "elise", "fons"]


def test_whoever_named_needs_is_asked_for_those_only(found_town: Found) -> None:
    asked = asked_in_order(
        found_town(matching_wave_size="3"),
        ("bram", "BENEVOLE 1050 pharmacie chien"),
        ("chloe", "BENEVOLE 1060 Chloé"),
        ("amina", "AIDE 1050 courses"),
        ("dirk", "AIDE 1050 pharmacie"),
    )
    assert asked == ["chloe", "bram"]


def test_whoever_named_languages_is_asked_by_those_who_speak_them_only(found_town: Found) -> None:
    asked = asked_in_order(
        found_town(matching_wave_size="3"),
        ("bram", "VRIJWILLIGER 1050 Bram Nederlands Engels"),
        ("chloe", "BENEVOLE 1060 Chloé, je parle aussi néerlandais"),
        ("amina", "AIDE 1050 courses"),
        ("dirk", "HULP 1050 boodschappen"),
    )
    assert asked == ["chloe", "bram"]


def test_a_friendly_call_is_help_from_anywhere_in_the_country_and_language_counts(found_town: Found) -> None:
    asked = asked_in_order(
        found_town(matching_wave_size="1"),
        ("bram", "VRIJWILLIGER 1050 Bram"),
        ("chloe", "BENEVOLE 6700 Chloé"),
        ("amina", "AIDE 1050 parler"),
    )
    assert asked == ["chloe"]


def test_nobody_is_asked_more_often_than_the_town_allows(found_town: Found) -> None:
    town = found_town(matching_asks_per_week="2", matching_wave_size="1")
    town.texts("bram", "BENEVOLE 1050 Bram")
    for asker in ("amina", "chloe", "dirk"):
        town.texts(asker, "AIDE 1050 courses")
        town.texts("bram", "NON")
    assert Offer.select().count() == 2
    town.pass_time(timedelta(days=6, hours=23))
    assert Offer.select().count() == 2
    town.pass_time(timedelta(hours=2))  # the first of the two asks is a week ago
    assert Offer.select().count() == 2, "all three had given up by then"
    town.texts("elise", "AIDE 1050 courses")
    assert Offer.select().count() == 3


def test_a_neighbour_who_was_faster_counts_as_no_ask_for_the_others(found_town: Found) -> None:
    town = found_town(matching_asks_per_week="1", matching_wave_size="2")
    for who, words in (
        ("bram", "BENEVOLE 1050 Bram"),
        ("chloe", "BENEVOLE 1050 Chloé"),
        ("amina", "AIDE 1050 courses"),
        ("bram", "OUI"),
        ("dirk", "AIDE 1050 courses"),
    ):
        town.texts(who, words)
    chloe = Volunteer.get(Volunteer.person == Person.get(number=PEOPLE["chloe"]))
    assert [offer.step for offer in chloe.offers.order_by(Offer.id)] == [OfferStep.TOO_LATE, OfferStep.ASKED]


# --- the night


def test_at_night_nobody_is_asked_and_the_asker_hears_that_it_begins_in_the_morning(found_town: Found) -> None:
    town = found_town(matching_quiet_hours="20:00-08:00")
    at(town, "15:00")
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
    """)
    at(town, "21:30")
    town.plays("""
        amina > AIDE 1050 courses
        amina < Nous chercherons quelqu'un dès le matin
        --- 11h
        bram  < courses
    """)


def test_a_yes_at_night_is_thanked_at_once_and_the_asker_is_asked_in_the_morning(found_town: Found) -> None:
    town = found_town(matching_quiet_hours="20:00-08:00", matching_wave_size="2")
    at(town, "19:50")
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        chloe < courses
        --- 11m
        bram  > OUI
        bram  < Merci beaucoup
        --- 13h
        chloe < Quelqu'un d'autre a déjà dit oui
        amina < Bonne nouvelle
    """)


def test_a_letter_put_off_until_the_morning_does_not_hold_up_an_answer_at_night(found_town: Found) -> None:
    town = found_town(matching_quiet_hours="20:00-08:00")
    at(town, "15:00")
    introduced(town)
    at(town, "22:00")
    town.plays("""
        amina > ANNULER
        amina < Votre demande est annulée
        bram  > merci pour tout
        bram  > INFO
        bram  < Ici, on s'aide gratuitement
        --- 11h
        bram  < Votre aide n'est finalement plus nécessaire
    """)


def both_say_yes_in_the_evening(found_town: Found, asked: str = "AIDE 1050 courses") -> Town:
    """Bram and Amina have both said yes, and it is night: he is told of her in the morning."""
    town = found_town(matching_quiet_hours="20:00-08:00")
    at(town, "19:30")
    for who, words in (("bram", "BENEVOLE 1050 Bram"), ("amina", asked), ("bram", "OUI")):
        town.texts(who, words)
    at(town, "20:15")
    town.texts("amina", "OUI")
    return town


def test_a_volunteer_who_stops_before_they_know_whom_to_help_is_not_waited_for(found_town: Found) -> None:
    town = both_say_yes_in_the_evening(found_town)
    town.reads_all()
    town.texts("bram", "STOP")
    at(town, "08:05")
    town.pass_time(timedelta(0))
    assert "n'est plus libre" in town.unread("amina")[0]
    assert Request.get().step == RequestStep.SEARCHING


@pytest.mark.parametrize(
    ("as_of", "is_night", "morning"),
    [
        ("2026-11-23T18:59:00", False, "2026-11-23T18:59:00"),
        ("2026-11-23T19:00:00", True, "2026-11-24T07:00:00"),  # winter: Brussels is an hour ahead of UTC
        ("2026-11-24T06:59:59", True, "2026-11-24T07:00:00"),
        ("2026-11-24T07:00:00", False, "2026-11-24T07:00:00"),
        ("2026-07-01T18:00:00", True, "2026-07-02T06:00:00"),  # summer: two hours
        ("2026-03-28T20:00:00", True, "2026-03-29T06:00:00"),  # the night the clock goes forward
        ("2026-03-29T05:59:00", True, "2026-03-29T06:00:00"),
        ("2026-10-24T19:00:00", True, "2026-10-25T07:00:00"),  # the night it goes back
        ("2026-10-25T06:30:00", True, "2026-10-25T07:00:00"),
    ],
)
def test_the_night_is_right_across_both_clock_changes(as_of: str, is_night: bool, morning: str) -> None:
    quiet = Quiet(*kinds.quiet_hours("20:00-08:00") or (), BRUSSELS)  # type: ignore[call-arg, arg-type]
    now = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    assert quiet.holds(now) is is_night
    if is_night:
        assert quiet.next_end(now) == datetime.fromisoformat(morning).replace(tzinfo=UTC)


# --- waiting for the asker


def test_an_asker_who_does_not_answer_is_reminded_and_then_the_volunteer_is_freed_with_thanks(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        bram  > OUI
        bram  < Merci beaucoup
        amina < Bonne nouvelle
        --- 121m
        amina < attend votre réponse
        --- 121m
        amina < Sans nouvelles de vous, nous ne cherchons plus
        bram  < La personne n'a pas répondu
    """)
    assert Request.get().step == RequestStep.WITHDRAWN


def test_a_postcode_nobody_tells_us_is_not_waited_for_for_ever(town: Town) -> None:
    town.plays("""
        amina > AIDE
        amina < Quel est votre code postal
        --- 49h
        amina < nous n'avons pas trouvé d'aide pour vous
    """)


# --- the next day


def test_it_did_not_work_out_and_someone_else_is_found_never_the_same_volunteer(town: Town) -> None:
    introduced(town)
    town.plays("""
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        --- 24h
        amina < l'aide promise par Bram
        amina > NON
        amina < Voulez-vous que nous cherchions quelqu'un d'autre
        amina > OUI
        amina < C'est noté: courses, 1050 Ixelles
        chloe < courses
        chloe > OUI
        chloe < Merci beaucoup
        amina < Bonne nouvelle
        amina > OUI
        amina < Chloé va vous aider
        chloe < 0470 12 34 00
    """)


def test_it_did_not_work_out_and_nobody_else_is_wanted(town: Town) -> None:
    introduced(town)
    town.plays("""
        --- 24h
        amina < l'aide promise par Bram
        amina > NON
        amina < Voulez-vous que nous cherchions quelqu'un d'autre
        amina > NON
        amina < C'est noté, merci de votre réponse
    """)
    assert Request.get().step == RequestStep.NOT_HELPED


def test_without_an_answer_the_volunteer_is_asked_instead(town: Town) -> None:
    introduced(town)
    town.plays("""
        --- 24h
        amina < l'aide promise par Bram
        --- 49h
        bram  < Avez-vous pu aider
        bram  > OUI
        bram  < Merci, cela nous fait plaisir
    """)
    assert Request.get().step == RequestStep.HELPED


def test_without_any_answer_it_stays_unknown(town: Town) -> None:
    introduced(town)
    town.plays("""
        --- 24h
        amina < l'aide promise par Bram
        --- 49h
        bram  < Avez-vous pu aider
        --- 49h
    """)
    assert Request.get().step == RequestStep.UNKNOWN
    assert all(person.question is None for person in Person.select())


# --- lists, cancelling, several volunteers


def test_a_list_is_handed_over_at_the_introduction_or_at_once_when_they_have_met(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        amina > LISTE pain, lait
        amina < Merci, c'est ajouté
        bram  > OUI
        bram  < Merci beaucoup
        amina < Bonne nouvelle
        amina > OUI
        amina < Bram va vous aider
        bram  < 0470 12 34 00
        bram  < pain, lait
        amina > LISTE café
        amina < Merci, c'est ajouté
        bram  < Voici sa demande: café
    """)


def test_an_empty_list_brings_a_model_of_one(town: Town) -> None:
    town.plays("""
        amina > LISTE
        amina < LISTE 1 pain gris, 1 litre de lait
    """)


def test_a_volunteer_who_cannot_come_after_all_says_so_and_another_is_asked(town: Town) -> None:
    introduced(town)
    town.plays("""
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        bram  > ANNULER
        bram  < Pas de souci
        amina < la personne qui voulait vous aider n'est plus libre
        chloe < courses
    """)


def test_an_asker_who_cancels_after_the_introduction_tells_the_volunteer(town: Town) -> None:
    introduced(town)
    town.plays("""
        amina > ANNULER
        amina < Votre demande est annulée
        bram  < Votre aide n'est finalement plus nécessaire
        --- 25h
    """)


def test_an_organisation_asks_for_two_and_each_is_introduced_in_turn(found_town: Found) -> None:
    found_town(matching_wave_size="2").plays("""
        bram  > BENEVOLE 4000 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 4000 Chloé
        chloe < Bienvenue
        dirk  > BENEVOLE 4000 Dirk
        dirk  < Bienvenue
        amina > AIDE 4000 x2 distribution de colis
        amina < C'est noté
        bram  < 4000 Liège
        chloe < 4000 Liège
        dirk  < 4000 Liège
        bram  > OUI
        bram  < Merci beaucoup
        amina < Bonne nouvelle
        chloe > OUI
        chloe < Merci beaucoup
        dirk  < Quelqu'un d'autre a déjà dit oui
        amina > OUI
        amina < Bram va vous aider
        bram  < 0470 12 34 00
        bram  < distribution de colis
        amina < Bonne nouvelle
        amina > OUI
        amina < Chloé va vous aider
        chloe < 0470 12 34 00
        chloe < distribution de colis
    """)


# --- catching up


def test_a_service_that_was_down_for_days_catches_up_once_and_without_a_flood(town: Town) -> None:
    introduced(town)
    town.texts("chloe", "BENEVOLE 6700 Chloé")
    town.texts("dirk", "AIDE 6700 courses")
    town.reads_all()
    before = Letter.select().count()
    town.clock.skip(timedelta(days=3))
    for _ in range(3):
        town.sweep()
        town.settle()
    assert Letter.select().count() - before <= 4
    assert len(town.unread("amina")) == 1
    assert "l'aide promise par Bram" in town.unread("amina")[0]


def test_an_offer_that_could_not_be_sent_before_it_was_too_late_is_not_sent_at_all(found_town: Found) -> None:
    town = found_town(matching_wave_size="2")
    for who, words in (
        ("bram", "BENEVOLE 1050 Bram"),
        ("chloe", "BENEVOLE 1060 Chloé"),
        ("amina", "AIDE 1050 courses"),
    ):
        town.texts(who, words)
    town.reads_all()
    Letter.update(state="waiting", due_at=town.clock() + timedelta(hours=1)).where(
        (Letter.person == Person.get(number=PEOPLE["chloe"])) & (Letter.notice == "offer")
    ).execute()
    town.texts("bram", "OUI")
    town.pass_time(timedelta(hours=1, minutes=1))
    assert town.unread("chloe") == []


# --- questions that cross, and texts that come late


def test_an_asker_hears_of_her_volunteer_although_she_had_another_question_open(found_town: Found) -> None:
    found_town(matching_wave_size="2").plays("""
        amina > BENEVOLE 1050 Amina
        amina < Bienvenue
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        elise > BENEVOLE 1050 Elise
        elise < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        elise < courses
        dirk  > AIDE 1050 pharmacie
        dirk  < C'est noté
        amina < pharmacie
        elise > OUI
        elise < Merci beaucoup
        bram  < Quelqu'un d'autre a déjà dit oui
        --- 16m
        dirk  < Personne n'a encore dit oui
        bram  < pharmacie
        elise < pharmacie
        bram  > OUI
        bram  < Merci beaucoup
        dirk  < Bonne nouvelle
        elise < Quelqu'un d'autre a déjà dit oui
        amina < Bonne nouvelle
    """)


def test_an_asker_who_was_asked_for_a_postcode_as_a_volunteer_hears_of_her_volunteer(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        amina > BENEVOLE
        amina < Quel est votre code postal
        bram  > OUI
        bram  < Merci beaucoup
        amina < Bonne nouvelle
    """)


def test_someone_who_missed_an_offer_is_understood_as_ever(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        --- 16m
        amina < personne n'a encore dit oui
        --- 24h
        bram  > courses svp
        bram  < Quel est votre code postal
        bram  > 1050
        bram  < Personne n'est libre
    """)


def test_a_late_no_is_a_no(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        --- 16m
        amina < personne n'a encore dit oui
        --- 24h
        bram  > NON
        bram  < Pas de souci
        bram  > OUI
        bram  < Pardon, nous n'avons pas compris
    """)


def test_a_yes_to_an_offer_that_lapsed_just_now_is_not_met_with_silence(found_town: Found) -> None:
    found_town(matching_wave_size="2").plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        chloe < courses
        --- 16m
        amina < personne n'a encore dit oui
        --- 24h
        chloe > OUI
        chloe < Merci beaucoup
        amina < Bonne nouvelle
        bram  > OUI
        bram  < Quelqu'un d'autre a déjà dit oui
    """)


def test_a_corrected_postcode_is_looked_at(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 6700 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < Personne n'est libre près de 1050
        amina > AIDE 6700 courses
        amina < C'est noté: courses, 6700 Arlon
        bram  < courses, 6700 Arlon
    """)


def test_a_postcode_given_as_a_volunteer_completes_the_request_too(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1060 Bram
        bram  < Bienvenue
        amina > AIDE courses
        amina < Quel est votre code postal
        amina > BENEVOLE 1050
        amina < C'est noté: courses, 1050
        amina < Bienvenue
        bram  < courses
    """)


def test_a_volunteer_who_was_also_helped_takes_back_the_offer_that_is_open(found_town: Found) -> None:
    town = found_town(matching_wave_size="1")
    introduced(town)
    town.texts("amina", "BENEVOLE 1050")
    town.texts("bram", "PAUSE")
    town.texts("dirk", "AIDE 1050 pharmacie")
    town.reads_all()
    town.plays("""
        amina > ANNULER
        amina < Pas de souci
        dirk  < personne n'a encore dit oui
    """)


def test_what_people_wrote_while_we_were_down_is_heard_before_what_fell_due(found_town: Found) -> None:
    town = found_town(matching_wave_size="1")
    for who, words in (("bram", "BENEVOLE 1050"), ("chloe", "BENEVOLE 1060"), ("amina", "AIDE 1050 courses")):
        town.texts(who, words)
    town.reads_all()
    town.workers[0].stop()
    town.deliver("bram", "OUI")
    town.clock.skip(timedelta(minutes=20))
    town.next_worker()
    town.sweep()
    town.workers[0].start()
    town.settle()
    assert "Merci beaucoup" in town.unread("bram")[0]
    assert town.unread("chloe") == []


def test_one_request_that_cannot_go_on_does_not_stop_the_others(
    town: Town, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    introduced(town)
    for who, words in (("chloe", "BENEVOLE 6700 Chloé"), ("dirk", "AIDE 6700"), ("chloe", "OUI"), ("dirk", "OUI")):
        town.texts(who, words)
    town.reads_all()
    broken, asked = Request.select().order_by(Request.id).get(), FollowUp.ask

    def ask(self: FollowUp, request: Request, as_of: datetime) -> None:
        if request == broken:
            raise ValueError
        asked(self, request, as_of)

    monkeypatch.setattr(FollowUp, "ask", ask)
    town.pass_time(timedelta(hours=25))
    assert "l'aide promise par Chloé" in town.unread("dirk")[0]
    assert f"Request cannot go on request={broken.id}" in caplog.text


def test_a_letter_on_its_way_when_stop_comes_is_not_sent_after_all(town: Town) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.vonage.answers += [lambda *_: (503, "")] * 2
    town.texts("amina", "AIDE 1050 courses")
    town.reads_all()
    town.deliver("bram", "STOP")
    until(lambda: not inbox.is_any_waiting(town.clock()), "STOP is heard")
    town.pass_time(timedelta(minutes=5))
    assert [text for text in town.unread("bram") if "courses" in text] == []
    assert "ne vous écrirons plus" in town.unread("bram")[-1]


def test_a_letter_claimed_when_stop_comes_is_not_sent_after_all(town: Town) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts("amina", "AIDE 1050 courses")
    town.reads_all()
    town.workers[0].stop()
    Letter.update(state="claimed", claimed_at=town.clock()).where(Letter.notice == "offer").execute()
    Person.update(stopped_at=town.clock()).where(Person.number == PEOPLE["bram"]).execute()
    town.next_worker().start()
    town.pass_time(timedelta(minutes=3))
    assert town.unread("bram") == []


def test_letters_cut_off_by_a_crash_are_sent_by_the_next_sweep(town: Town) -> None:
    town.texts("amina", "AIDE 1050 courses")
    town.reads_all()
    Letter.update(state="claimed", claimed_at=town.clock()).execute()
    town.clock.skip(timedelta(minutes=3))
    town.sweep()
    town.settle()
    assert len(town.unread("amina")) == 1


def test_a_letter_in_hand_is_not_sent_twice_although_the_sweep_first_heard_for_minutes(town: Town) -> None:
    town.texts("amina", "AIDE 1050 courses")
    town.workers[0].stop()

    def hear_for_minutes() -> None:
        town.clock.skip(timedelta(minutes=3))
        Letter.update(state="claimed", claimed_at=town.clock()).execute()  # by whoever sends meanwhile

    town.next_worker().hearing = Drain(hear_for_minutes)
    town.sweep()
    assert Letter.get().state == "claimed"
    town.workers[0].start()
