"""Conversations as on the phone, through the real door: Vonage's call, the queue, the database, the SDK."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.town import PEOPLE, Town

# --- joining


@pytest.mark.parametrize(
    ("words", "welcome"),
    [
        ("BENEVOLE 1050 Marie", "Si quelqu'un près de 1050 Ixelles a besoin d'aide, nous vous écrirons"),
        ("VRIJWILLIGER 2000 Jef", "Als een buur rond 2000 Antwerpen hulp nodig heeft, krijgt u een sms"),
        ("FREIWILLIG 4700", "Braucht jemand rund um 4700 Eupen Hilfe, schreiben wir Ihnen"),
        ("VOLUNTEER 1000 Ann", "When a neighbour near 1000 Brussels needs help, we will text you"),
    ],
)
def test_a_volunteer_is_welcomed_and_hears_what_happens_next(town: Town, words: str, welcome: str) -> None:
    town.plays(f"""
        bram > {words}
        bram < {welcome}
    """)


def test_a_volunteer_without_a_postcode_is_asked_for_it(town: Town) -> None:
    town.plays("""
        bram > VRIJWILLIGER
        bram < Wat is uw postcode?
        bram > 2000
        bram < Welkom
    """)


# --- the whole way


def test_a_senior_asks_a_neighbour_says_yes_and_both_get_each_others_number(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté: courses, 1050 Ixelles
        bram  < quelqu'un a besoin d'aide (courses, 1050 Ixelles)
        bram  > OUI
        bram  < Nous demandons l'accord
        amina < Bonne nouvelle
        amina > OUI
        amina < Son numéro: 0470 12 34 01. Remboursez les achats. Ne donnez jamais votre carte de banque
        bram  < au 0470 12 34 00: courses, 1050 Ixelles. Les frais se règlent entre vous
        --- 24h
        amina < l'aide promise par Bram
        amina > OUI
        amina < Merci, cela nous fait plaisir
    """)


@pytest.mark.parametrize(
    ("join", "ask", "yes", "needs", "found", "met", "safely"),
    [
        (
            "VRIJWILLIGER 2000 Bram",
            "HULP 2000 boodschappen",
            "JA",
            "boodschappen",
            "Goed nieuws",
            "gaat u helpen",
            "nooit uw bankkaart",
        ),
        (
            "FREIWILLIG 4700 Bram",
            "HILFE 4700 Apotheke",
            "JA",
            "Apotheke",
            "Gute Nachricht",
            "hilft Ihnen",
            "nie Bankkarte",
        ),
        ("VOLUNTEER 1000 Bram", "HELP 1000", "YES", "a helping hand", "Good news", "will help you", "never hand over"),
    ],
)
def test_each_is_written_to_in_their_own_language(
    town: Town, join: str, ask: str, yes: str, needs: str, found: str, met: str, safely: str
) -> None:
    for who, words in (("bram", join), ("amina", ask), ("bram", yes), ("amina", yes)):
        town.texts(who, words)
    noted, good_news, meet = town.unread("amina")
    assert needs in noted
    assert found in good_news
    assert met in meet
    assert "0470 12 34 01" in meet
    assert safely in meet
    assert needs in town.unread("bram")[1]
    assert "0470 12 34 00" in town.unread("bram")[3]


def test_two_languages_meet(town: Town) -> None:
    town.plays("""
        bram  > VRIJWILLIGER 1050 Bram
        bram  < Welkom
        amina > AIDE 1050 courses
        amina < courses, 1050 Ixelles
        bram  < boodschappen, 1050 Elsene
        bram  > JA
        bram  < Hartelijk dank
        amina < Bonne nouvelle
    """)


# --- asking


def test_without_a_postcode_the_service_asks_and_the_bare_postcode_answers(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE courses
        amina < Quel est votre code postal?
        amina > 1050
        amina < C'est noté: courses, 1050 Ixelles
        bram  < courses, 1050 Ixelles
    """)


def test_with_nobody_near_the_asker_hears_so_and_the_request_waits_for_someone_to_join(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 6700 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < Personne n'est libre
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        chloe < quelqu'un a besoin d'aide (courses, 1050 Ixelles)
        chloe > OUI
        chloe < Merci beaucoup
        amina < Bonne nouvelle
    """)


def test_the_nearest_are_asked_first(found_town: Callable[..., Town]) -> None:
    town = found_town(matching_wave_size="2")
    for who, words in (
        ("bram", "BENEVOLE 1180"),
        ("chloe", "BENEVOLE 1050"),
        ("dirk", "BENEVOLE 1060"),
        ("amina", "AIDE 1050"),
    ):
        town.texts(who, words)
    asked = [who for who in ("bram", "chloe", "dirk") if len(town.unread(who)) == 2]
    assert asked == ["chloe", "dirk"]


def test_a_second_request_while_one_is_open_says_where_it_stands(town: Town) -> None:
    town.plays("""
        amina > AIDE 1050 courses
        amina < Personne n'est libre
        amina > AIDE 1050 courses
        amina < Nous cherchons toujours
    """)


# --- saying yes and no


def test_the_others_hear_that_a_neighbour_was_faster(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        chloe < courses
        bram  > OUI
        bram  < Merci beaucoup
        chloe < Quelqu'un d'autre a déjà dit oui
        amina < Bonne nouvelle
        --- 5m
        chloe > OUI
        chloe < Quelqu'un d'autre a déjà dit oui
    """)


def test_a_no_from_a_volunteer_and_the_next_one_is_asked(found_town: Callable[..., Town]) -> None:
    found_town(matching_wave_size="1").plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        bram  > NON
        bram  < Pas de souci
        chloe < courses
        chloe > NON
        chloe < Pas de souci
        amina < personne n'a encore dit oui
    """)


def test_the_asker_may_refuse_and_the_next_volunteers_are_asked(found_town: Callable[..., Town]) -> None:
    found_town(matching_wave_size="1").plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        bram  > OUI
        bram  < Merci beaucoup
        amina < Bonne nouvelle
        amina > NON
        amina < nous ne donnons ni votre prénom ni votre numéro. Nous demandons à d'autres voisins
        bram  < n'est finalement plus nécessaire
        chloe < courses
        chloe > OUI
        chloe < Merci beaucoup
        amina < Bonne nouvelle
        amina > OUI
        amina < Chloé va vous aider et vous appellera. Son numéro: 0470 12 34 02
        chloe < 0470 12 34 00
    """)


def test_without_an_answer_the_next_volunteers_are_asked_and_a_late_yes_still_counts(
    found_town: Callable[..., Town],
) -> None:
    found_town(matching_wave_size="1").plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        --- 16m
        chloe < courses
        amina < Nous demandons à d'autres voisins
        bram  > OUI
        bram  < Merci beaucoup
        chloe < Quelqu'un d'autre a déjà dit oui
        amina < Bonne nouvelle
    """)


def test_a_volunteer_who_also_needs_help_answers_one_question_at_a_time(found_town: Callable[..., Town]) -> None:
    found_town(matching_wave_size="1").plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        bram  > AIDE 1050 courses
        bram  < C'est noté
        chloe < courses
        amina > AIDE 1050 pharmacie
        amina < C'est noté
        bram  < pharmacie
        chloe > OUI
        chloe < Merci beaucoup
        bram  > OUI
        bram  < Merci beaucoup
        amina < Bonne nouvelle
        bram  < Bonne nouvelle
        bram  > OUI
        bram  < Chloé va vous aider
        chloe < Bram au 0470 12 34 01
    """)


def test_nobody_came(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        bram  > OUI
        bram  < Merci
        amina < Bonne nouvelle
        amina > OUI
        amina < Bram
        bram  < 0470 12 34 00
        --- 24h
        amina < l'aide promise par Bram
        amina > NON
        amina < Nous en sommes désolés
    """)


# --- stopping and starting


def test_stop_at_any_step_and_only_start_or_a_new_word_of_ones_own_ends_it(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        bram  > STOP
        bram  < nous ne vous écrirons plus
        bram  > OUI
        bram  > merci
        amina > AIDE 1050 courses
        amina < Personne n'est libre
        bram  > START
        bram  < Bon retour
        bram  > STOP
        bram  < nous ne vous écrirons plus
        bram  > BENEVOLE 1050
        bram  < Bienvenue
        bram  < courses
    """)


def test_a_volunteer_who_stops_after_saying_yes_is_replaced(found_town: Callable[..., Town]) -> None:
    found_town(matching_wave_size="1").plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        chloe > BENEVOLE 1060 Chloé
        chloe < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        bram  > OUI
        bram  < Merci
        amina < Bonne nouvelle
        bram  > STOP
        bram  < nous ne vous écrirons plus
        amina < n'est plus libre
        chloe < courses
    """)


def test_an_asker_who_stops_takes_the_request_back(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        amina > STOP
        amina < nous ne vous écrirons plus
        bram  < n'est finalement plus nécessaire
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
    """)


def test_cancelling_tells_whoever_was_asked(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        amina > ANNULER
        amina < Votre demande est annulée
        bram  < n'est finalement plus nécessaire
    """)


# --- not understood


def test_a_puzzling_text_gets_one_helpful_answer_and_at_most_three_a_day(town: Town) -> None:
    town.plays("""
        amina > bonjour gjmptw
        amina < par exemple: AIDE 1050 courses
        amina > gjmptw wxcvb
        amina < par exemple: AIDE 1050 courses
        amina > ghjkl
        amina < par exemple: AIDE 1050 courses
        amina > mlkjh
        --- 24h
        amina > qsdfg
        amina < par exemple: AIDE 1050 courses
    """)


@pytest.mark.parametrize("ok", ["ok", "OK je vais appeler", "d'accord", "Goed ontvangen", "alles klar", "got it"])
def test_ok_to_what_was_said_wants_no_answer(town: Town, ok: str) -> None:
    town.plays(f"""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        bram  > {ok}
        chloe > AIDE 6700 courses
        chloe < Personne n'est libre
        chloe > {ok}
    """)


def test_ok_to_a_question_answers_it(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < quelqu'un a besoin d'aide
        bram  > ok
        bram  < Nous demandons l'accord
        amina < Bonne nouvelle
    """)


def test_ok_from_somebody_who_was_told_nothing_is_answered(town: Town) -> None:
    town.plays("""
        amina > ok
        amina < Besoin d'aide? Écrivez AIDE 1050
    """)


def test_a_puzzling_answer_to_a_question_is_asked_again_and_changes_nothing(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        bram  > gjmptw
        bram  < Répondez simplement OUI ou NON
        bram  > OUI
        bram  < Merci beaucoup
        amina < Bonne nouvelle
    """)


@pytest.mark.parametrize("machine", ["MTN", "8123", "Proximus", "32902123456"])
def test_two_machines_do_not_talk_to_each_other(town: Town, machine: str) -> None:
    town.texts(machine, "AIDE 1050 courses")
    town.texts(machine, "gjmptw")
    assert town.vonage.sent == []


def test_a_long_text_in_parts_is_heard_as_one_whatever_the_order(town: Town) -> None:
    def part(number: str) -> dict[str, str]:
        return {"concat": "true", "concat-ref": "08B5", "concat-total": "3", "concat-part": number}

    town.deliver("amina", "rses", **part("3"))
    town.deliver("amina", "AIDE 10", **part("1"), messageId="first")
    town.deliver("amina", "AIDE 10", **part("1"), messageId="first")
    town.settle()
    assert town.unread("amina") == []
    town.deliver("amina", "50 cou", **part("2"))
    town.settle()
    assert "courses, 1050 Ixelles" in town.unread("amina")[0] or "1050 Ixelles" in town.unread("amina")[0]
    assert len(town.unread("amina")) == 1


def test_a_long_text_that_never_comes_whole_is_answered_all_the_same(town: Town) -> None:
    town.deliver(
        "amina", "AIDE 1050 courses", **{"concat": "true", "concat-ref": "7", "concat-total": "2", "concat-part": "1"}
    )
    town.pass_time(timedelta(seconds=30))
    assert town.unread("amina") == []
    town.pass_time(timedelta(minutes=1))
    assert "1050 Ixelles" in town.unread("amina")[0]


def test_numbers_from_abroad_are_written_with_their_country(town: Town) -> None:
    paul = "33612345678"
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts(paul, "AIDE 1050 courses")
    town.texts("bram", "OUI")
    town.texts(paul, "OUI")
    assert "+33 6 12 34 56 78" in town.unread("bram")[3]
    assert "0470 12 34 01" in town.vonage.texts_to(paul)[2]
    assert PEOPLE["bram"] not in "".join(town.vonage.texts_to(paul))


# --- languages


def test_whoever_has_said_nothing_telling_yet_is_answered_in_four_languages_at_once(town: Town) -> None:
    town.plays("""
        amina > ?!
        amina < Besoin d'aide? Écrivez AIDE 1050. Hulp nodig? Stuur HULP 2000
    """)


def test_a_bare_postcode_tells_the_language_of_its_region(town: Town) -> None:
    town.plays("""
        amina > 9000
        amina < Hier helpen buren elkaar
        bram  > 4700
        bram  < Hier helfen Nachbarn einander
    """)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("NEDERLANDS", "we schrijven u voortaan in het Nederlands"),
        ("FRANCAIS", "nous vous écrirons dans votre langue"),
        ("DEUTSCH", "Wir schreiben Ihnen ab jetzt auf Deutsch"),
        ("ENGLISH", "we will write to you in English"),
    ],
)
def test_a_language_is_asked_for_by_its_name(town: Town, words: str, says: str) -> None:
    town.texts("amina", "AIDE 1050 courses" if words != "FRANCAIS" else "HULP 1050 boodschappen")
    town.texts("amina", words)
    assert says in town.unread("amina")[-1]


def test_a_person_is_written_to_in_the_language_they_last_wrote_a_keyword_in(town: Town) -> None:
    town.plays("""
        amina > AIDE 1050 courses
        amina < Personne n'est libre
        amina > HULP
        amina < We zoeken nog altijd
        bram  > VOLUNTEER 1050 Bram
        bram  < Welcome and thank you
        bram  < A neighbour needs help
        bram  > YES
        bram  < Thank you so much
        amina < Goed nieuws
    """)
