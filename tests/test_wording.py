"""What we say: in four languages alike, warm, and each in one SMS."""

import json
import subprocess
import sys

import pytest

from db.notices import Notice
from db.postcodes import longest_name, names
from keywords import say
from keywords.hear import Listener
from keywords.meanings import Intent, Need
from keywords.segments import Cost, cost, to_gsm7
from smsgate import numbers
from smsgate.wording import all_worded, longest_details

LANGUAGES = ("de", "en", "fr", "nl")


def test_we_speak_four_languages() -> None:
    assert say.languages() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_has_a_sentence_and_no_sentence_is_without_a_notice(language: str) -> None:
    assert say.notices(language) == set(Notice)


@pytest.mark.parametrize("notice", sorted(Notice))
def test_a_sentence_carries_the_same_details_in_every_language(notice: str) -> None:
    carried = {say.placeholders(notice, language) for language in LANGUAGES}
    assert len(carried) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_need_has_a_word(language: str) -> None:
    assert set(say.sentences(language)["need"]) == set(Need)


@pytest.mark.parametrize("worded", list(all_worded()), ids=lambda worded: f"{worded.language}-{worded.notice}")
def test_every_sentence_fits_one_sms_with_its_longest_details(worded: object) -> None:
    from smsgate.wording import Worded

    assert isinstance(worded, Worded)
    assert cost(worded.text).gsm7, [letter for letter in worded.text if not cost(letter).gsm7]
    assert (worded.sms, worded.septets <= 160) == (1, True), f"{worded.septets}: {worded.text}"
    assert "{" not in worded.text


def test_the_longest_details_are_the_longest() -> None:
    assert longest_name("fr") in str(longest_details("fr")["place"])
    for number in ("32470123456", "33612345678", "4915123456789", "352621123456", "442079460000"):
        assert len(numbers.for_people(number)) <= len(str(longest_details("fr")["number"]))


@pytest.mark.parametrize("notice", ["volunteer_found", "confirm_reminder"])
@pytest.mark.parametrize(
    ("language", "first_name"),
    [("fr", "votre prénom"), ("nl", "uw voornaam"), ("de", "Vornamen"), ("en", "first name")],
)
def test_whoever_consents_reads_that_their_name_is_given_too(notice: str, language: str, first_name: str) -> None:
    assert first_name in say.say(notice, language, {})


def example(language: str, notice: str, keyword: str) -> str:
    """What a sentence shows people to text: from its keyword to the end of the sentence."""
    said = say.say(notice, language, {})
    return said[said.rindex(keyword) :].split(". ")[0]


@pytest.mark.parametrize(
    ("language", "ask", "join", "items"),
    [
        ("fr", "AIDE", "BENEVOLE", "LISTE"),
        ("nl", "HULP", "VRIJWILLIGER", "LIJST"),
        ("de", "HILFE", "FREIWILLIG", "LISTE"),
        ("en", "HELP", "VOLUNTEER", "LIST"),
    ],
)
def test_what_is_shown_to_text_is_understood(language: str, ask: str, join: str, items: str) -> None:
    listener = Listener(names())
    for notice in ("not_helped", "confirm_expired", "nothing_to_cancel", "not_understood", "how_it_works"):
        heard = listener.hear(example(language, notice, f"{ask} "))
        assert (heard.intent, heard.language, bool(heard.postcode)) == (Intent.REQUEST, language, True), notice
    assert listener.hear(example(language, "how_it_works", join)).intent is Intent.JOIN
    model = listener.hear(example(language, "list_model", f"{items} 1"))
    assert model.intent is Intent.LIST
    assert "6 " in (model.details or ""), model


# --- how much a text costs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Cost(True, 0, 1)),
        ("a" * 160, Cost(True, 160, 1)),
        ("a" * 161, Cost(True, 161, 2)),
        ("a" * 306, Cost(True, 306, 2)),
        ("a" * 307, Cost(True, 307, 3)),
        ("éèàùäöüßÇÉñØ", Cost(True, 12, 1)),
        ("€{}[]~\\|^", Cost(True, 18, 1)),
        ("€" * 80, Cost(True, 160, 1)),
        ("ç", Cost(False, 1, 1)),
        ("ê" * 70, Cost(False, 70, 1)),
        ("ê" * 71, Cost(False, 71, 2)),
        ("😀", Cost(False, 2, 1)),
        ("😀" * 36, Cost(False, 72, 2)),
    ],
)
def test_a_text_costs_what_the_standard_says(text: str, expected: Cost) -> None:
    assert cost(text) == expected


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("José", "José"),
        ("Noël", "Noel"),
        ("François", "Francois"),
        ("Zoë", "Zoe"),
        ("Łukasz", "Lukasz"),
        ("l’œuf…", "l'oeuf..."),
        ("Anne\u00a0Marie", "Anne Marie"),
        ("Ayşe", "Ayse"),
        ("😀", ""),
    ],
)
def test_names_keep_a_form_that_every_phone_can_show(written: str, sent: str) -> None:
    assert to_gsm7(written) == sent


def test_a_person_without_a_name_is_a_neighbour() -> None:
    assert "l'aide promise par cette personne?" in say.say("follow_up", "fr", {"name": None})
    assert say.say("introduce_to_asker", "nl", {"number": "0470 12 34 56"}).startswith("Uw buur gaat u helpen")


def test_a_persons_own_words_are_cut_so_that_they_fit() -> None:
    text = say.say("in_their_words", "fr", {"words": "pain, lait, " * 40})
    assert cost(text) == Cost(True, 160, 1)


def test_words_with_braces_are_only_words() -> None:
    assert "{name}" in say.say("in_their_words", "fr", {"words": "{name} {0}"})


# --- the command


def test_wording_prints_every_sentence_and_exits_0() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "smsgate", "wording", "--json"], capture_output=True, text=True, check=True, timeout=60
    )
    lines = [json.loads(line) for line in printed.stdout.splitlines()]
    assert len(lines) == len(LANGUAGES) * len(Notice)
    assert lines[0].keys() == {"language", "notice", "text", "septets", "sms"}
