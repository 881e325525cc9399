"""What time brings, in the words of each language: the night, the waits, the reminders and the next day."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from string import Template

import pytest

from tests.test_time import BRUSSELS, at
from tests.town import Town

# What people write and what they must read at least, a row a moment: French, Dutch, German, English.
WORDS = {
    "join": ("BENEVOLE 1050 Bram", "VRIJWILLIGER 2000 Bram", "FREIWILLIG 4700 Bram", "VOLUNTEER 1000 Bram"),
    "join too": ("BENEVOLE 1050 Chloé", "VRIJWILLIGER 2000 Chloé", "FREIWILLIG 4700 Chloé", "VOLUNTEER 1000 Chloé"),
    "ask": ("AIDE 1050 courses", "HULP 2000 boodschappen", "HILFE 4700 Einkauf", "HELP 1000 shopping"),
    "ask again": ("AIDE", "HULP", "HILFE", "HELP"),
    "yes": ("OUI", "JA", "JA", "YES"),
    "no": ("NON", "NEE", "NEIN", "NO"),
    "cancel": ("ANNULER", "ANNULEREN", "ABBRECHEN", "CANCEL"),
    "rest": ("PAUSE 3", "PAUZE 3", "PAUSE 3", "PAUSE 3"),
    "list": ("LISTE", "LIJST", "LISTE", "LIST"),
    "list of two": ("LISTE pain, lait", "LIJST brood, melk", "LISTE Brot, Milch", "LIST bread, milk"),
    "welcome": ("Bienvenue", "Welkom", "Willkommen", "Welcome"),
    "noted": ("C'est noté: courses", "Genoteerd: boodschappen", "Notiert: Einkauf", "Noted: shopping"),
    "tomorrow": ("dès le matin", "Zodra het ochtend is", "Sobald es Morgen ist", "As soon as it is morning"),
    "offer": ("Pouvez-vous aider?", "Kunt u helpen?", "Können Sie helfen?", "Can you help?"),
    "no luck yet": (
        "Personne n'a encore dit oui",
        "Nog niemand heeft ja gezegd",
        "Noch hat niemand Ja gesagt",
        "Nobody has said yes yet",
    ),
    "nobody yet": (
        "Appelez le 02 123 45 67",
        "bel dan 02 123 45 67",
        "rufen Sie bitte 02 123 45 67",
        "please ring 02 123 45 67",
    ),
    "given up": (
        "nous n'avons pas trouvé d'aide pour vous",
        "we vonden geen hulp voor u",
        "keine Hilfe für Sie finden",
        "could not find help for you",
    ),
    "still looking": ("Nous cherchons toujours", "We zoeken nog altijd", "Wir suchen noch", "We are still looking"),
    "thanks": ("Merci beaucoup", "Hartelijk dank", "Vielen Dank", "Thank you so much"),
    "found": ("Bonne nouvelle", "Goed nieuws", "Gute Nachricht", "Good news"),
    "faster": ("Quelqu'un d'autre a déjà dit oui", "al een andere buur", "war schneller", "was faster"),
    "reminder": ("attend votre réponse", "wacht op uw antwoord", "wartet auf Ihre Antwort", "waiting for your answer"),
    "closed": ("Sans nouvelles de vous", "We kregen geen antwoord", "Ohne Ihre Antwort", "We had no answer"),
    "freed": ("n'a pas répondu", "heeft niet geantwoord", "hat nicht geantwortet", "has not answered"),
    "met": ("Bram va vous aider", "Bram gaat u helpen", "Bram hilft Ihnen", "Bram will help you"),
    "call": ("0470 12 34 00", "0470 12 34 00", "0470 12 34 00", "0470 12 34 00"),
    "did it help": ("promise par Bram", "Heeft Bram u kunnen helpen", "Hat Bram Ihnen geholfen", "Did Bram help you"),
    "did you help": ("pu aider cette", "Hebt u uw buur kunnen helpen", "Hilfe bekommen?", "able to help your"),
    "glad": ("cela nous fait plaisir", "Fijn om te horen", "das freut uns", "we are so glad"),
    "look again": ("quelqu'un d'autre?", "iemand anders zoeken?", "jemand anderen suchen?", "somebody else?"),
    "so be it": (
        "merci de votre réponse",
        "Bedankt voor uw antwoord",
        "danke für Ihre Antwort",
        "thank you for answering",
    ),
    "cannot after all": ("n'est plus libre", "kan toch niet", "kann leider doch nicht", "cannot help after all"),
    "not needed": ("n'est finalement plus nécessaire", "toch niet nodig", "hat sich erledigt", "nothing more for you"),
    "no problem": ("Pas de souci", "Geen probleem", "Kein Problem", "No problem"),
    "cancelled": ("est annulée", "is geannuleerd", "ist abgesagt", "is cancelled"),
    "model": ("LISTE 1 pain gris", "LIJST 1 grijs brood", "LISTE 1 Brot", "LIST 1 brown bread"),
    "kept": ("ajouté à votre demande", "staat nu bij uw vraag", "bei Ihrer Anfrage notiert", "added this to your"),
    "rested": ("ne vous demanderons rien", "geen vragen van ons tot", "Wir fragen Sie bis zum", "no requests until"),
    "in their words": (
        "Voici sa demande: pain",
        "buur schreef: boodsch",
        "geschrieben: Einkauf",
        "asked wrote: shopping",
    ),
}
SPOKEN = {
    language: {moment.replace(" ", "_"): said[column] for moment, said in WORDS.items()}
    for column, language in enumerate(("fr", "nl", "de", "en"))
}
SPOKEN["fr"]["in_their_words"] = "Voici sa demande: courses"

in_every_language = pytest.mark.parametrize("words", SPOKEN.values(), ids=SPOKEN)
Found = Callable[..., Town]


def play(town: Town, words: Mapping[str, str], conversation: str) -> None:
    town.plays(Template(conversation).substitute(words))


@in_every_language
def test_the_night_the_waves_and_a_week_without_luck(found_town: Found, words: Mapping[str, str]) -> None:
    town = found_town(matching_quiet_hours="20:00-08:00", matching_wave_size="1", service_helpline="02 123 45 67")
    at(town, "15:00")
    play(
        town,
        words,
        """
        bram  > $join
        bram  < $welcome
        chloe > $join_too
        chloe < $welcome
    """,
    )
    at(town, "22:00")
    play(
        town,
        words,
        """
        amina > $ask
        amina < $tomorrow
        --- 11h
        bram  < $offer
        amina > $ask_again
        amina < $still_looking
        --- 16m
        amina < $no_luck_yet
        chloe < $offer
        --- 16m
        amina < $nobody_yet
        --- 8d
        amina < $given_up
    """,
    )


@in_every_language
def test_an_asker_who_is_reminded_and_does_not_answer(town: Town, words: Mapping[str, str]) -> None:
    play(
        town,
        words,
        """
        bram  > $join
        bram  < $welcome
        chloe > $join_too
        chloe < $welcome
        amina > $ask
        amina < $noted
        bram  < $offer
        chloe < $offer
        bram  > $yes
        bram  < $thanks
        chloe < $faster
        amina < $found
        --- 121m
        amina < $reminder
        --- 121m
        amina < $closed
        bram  < $freed
    """,
    )


@in_every_language
def test_the_next_day_it_had_helped(town: Town, words: Mapping[str, str]) -> None:
    introduce(town, words)
    play(
        town,
        words,
        """
        --- 24h
        amina < $did_it_help
        amina > $yes
        amina < $glad
    """,
    )


@in_every_language
def test_the_next_day_it_had_not_and_nobody_else_is_wanted(town: Town, words: Mapping[str, str]) -> None:
    introduce(town, words)
    play(
        town,
        words,
        """
        --- 24h
        amina < $did_it_help
        amina > $no
        amina < $look_again
        amina > $no
        amina < $so_be_it
    """,
    )


@in_every_language
def test_the_next_day_it_had_not_and_someone_else_is_looked_for(town: Town, words: Mapping[str, str]) -> None:
    introduce(town, words)
    play(
        town,
        words,
        """
        chloe > $join_too
        chloe < $welcome
        --- 24h
        amina < $did_it_help
        amina > $no
        amina < $look_again
        amina > $yes
        amina < $noted
        chloe < $offer
    """,
    )


@in_every_language
def test_the_volunteer_is_asked_where_the_asker_is_silent(town: Town, words: Mapping[str, str]) -> None:
    introduce(town, words)
    play(
        town,
        words,
        """
        --- 24h
        amina < $did_it_help
        --- 49h
        bram  < $did_you_help
        bram  > $yes
        bram  < $glad
    """,
    )


@in_every_language
def test_either_side_takes_it_back_and_the_other_hears_it(town: Town, words: Mapping[str, str]) -> None:
    introduce(town, words)
    play(
        town,
        words,
        """
        chloe > $join_too
        chloe < $welcome
        bram  > $cancel
        bram  < $no_problem
        amina < $cannot_after_all
        chloe < $offer
        chloe > $yes
        chloe < $thanks
        amina < $found
        amina > $cancel
        amina < $cancelled
        chloe < $not_needed
    """,
    )


@in_every_language
def test_a_list_goes_with_the_request_and_a_volunteer_rests(town: Town, words: Mapping[str, str]) -> None:
    play(
        town,
        words,
        """
        bram  > $join
        bram  < $welcome
        amina > $ask
        amina < $noted
        bram  < $offer
        amina > $list
        amina < $model
        amina > $list_of_two
        amina < $kept
        bram  > $yes
        bram  < $thanks
        amina < $found
        amina > $yes
        amina < $met
        bram  < $call
        bram  < $in_their_words
        bram  > $rest
        bram  < $rested
    """,
    )


@pytest.mark.parametrize(
    ("joins", "rests", "until"),
    [
        ("BENEVOLE 1050", "PAUSE 3", "jusqu'au {day}/{month}."),
        ("VRIJWILLIGER 2000", "PAUZE 3", "tot {day}/{month}."),
        ("FREIWILLIG 4700", "PAUSE 3", "bis zum {day}.{month}. nicht"),
        ("VOLUNTEER 1000", "PAUSE 3", "until {day}/{month}."),
    ],
)
def test_whoever_rests_reads_until_when_as_the_language_writes_a_date(
    town: Town, joins: str, rests: str, until: str
) -> None:
    at(town, "12:00")  # far from midnight
    town.texts("bram", joins)
    town.texts("bram", rests)
    then = (town.clock() + timedelta(days=3)).astimezone(BRUSSELS)
    assert until.format(day=then.day, month=then.month) in town.unread("bram")[-1]


def introduce(town: Town, words: Mapping[str, str]) -> None:
    """Both have said yes; everything read."""
    for who, wrote in (("bram", "join"), ("amina", "ask"), ("bram", "yes"), ("amina", "yes")):
        town.texts(who, words[wrote])
    assert words["met"] in town.unread("amina")[-1]
    town.reads_all()
