"""Whatever is typed, something sensible is heard: slips of the thumb, capitals, accents, and hostile texts."""

import time
import unicodedata
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from keywords.hear import Listener
from keywords.meanings import Heard, Intent, Question
from keywords.score import examples, places
from keywords.spelling import likely_slips
from tests.test_hearing import OWN

LISTENER = Listener(places())
TEXTS = [(text["text"], text["open"]) for text in examples(OWN)]
KEYWORDS = {
    Intent.REQUEST: "AIDE HULP HILFE HELP",
    Intent.JOIN: "BENEVOLE VOLONTAIRE VRIJWILLIGER FREIWILLIGER VOLUNTEER",
    Intent.YES: "OUI JA YES OK",
    Intent.NO: "NON NEE NEEN NEIN NO",
    Intent.LIST: "LISTE LIJST EINKAUFSLISTE LIST",
    Intent.CANCEL: "ANNULER ANNULEREN ABBRECHEN CANCEL",
    Intent.PAUSE: "PAUSE PAUZE",
    Intent.START: "START REPRENDRE HERVATTEN WEITER",
    Intent.STOP: "STOP ARRET DESABONNER UITSCHRIJVEN ABMELDEN UNSUBSCRIBE",
    Intent.FORGET: "EFFACER WISSEN LOSCHEN LÖSCHEN ERASE",
    Intent.INFO: "INFO COMMENT",
    Intent.EMERGENCY: "AMBULANCE",
}
# A slip that is itself a word of the answer: où, top, s'il te plaît, K.O.; or as near to the opposite answer: O, OO.
OTHER_WORDS = {"ou", "top", "stp", "ko", "o", "oo", "ee", "oee"}
ANSWERS = {Intent.YES, Intent.NO}
ALL_KEYWORDS = [(intent, word) for intent, words in KEYWORDS.items() for word in words.split()]


def hear(text: str, question: Question | None = None) -> Heard:
    return LISTENER.hear(text, question)


@cache
def intent_as_written(text: str, question: Question | None) -> Intent:
    return hear(text, question).intent


def asked(intent: Intent) -> Question | None:
    return Question.OFFER if intent in ANSWERS else None


def without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


questions = some.sampled_from([None, *Question])
languages = some.sampled_from([None, "fr", "nl", "de", "en"])


@given(some.text(some.characters(codec=None), max_size=400), questions, languages)
@settings(max_examples=300, deadline=None)
def test_any_text_means_something_we_know(text: str, question: Question | None, language: str | None) -> None:
    heard = LISTENER.hear(text, question, language)
    assert heard.intent in Intent
    assert heard.language in {None, "fr", "nl", "de", "en"}
    assert heard.postcode is None or heard.postcode.isdecimal()


@given(some.lists(some.sampled_from([word for text, _ in TEXTS for word in text.split()]), max_size=12), questions)
@settings(max_examples=300, deadline=None)
def test_any_shuffle_of_words_means_something_we_know(words: list[str], question: Question | None) -> None:
    assert hear(" ".join(words), question).intent in Intent


@pytest.mark.parametrize("fold", [str.upper, str.lower, str.title, without_accents])
def test_case_and_accents_never_change_an_intent(fold: object) -> None:
    assert callable(fold)
    folded = [(text, fold(text), question) for text, question in TEXTS]
    changed = [
        text
        for text, other, question in folded
        if other != text and intent_as_written(text, question) != hear(other, question).intent
    ]
    assert not changed


@given(some.sampled_from(ALL_KEYWORDS), some.data())
@settings(max_examples=300, deadline=None)
def test_a_keyword_survives_one_slip_of_the_keypad(keyword: tuple[Intent, str], data: some.DataObject) -> None:
    intent, word = keyword
    slip = data.draw(some.sampled_from(sorted(likely_slips(word.lower()) - OTHER_WORDS)))
    postcode = " 1050" if intent in {Intent.REQUEST, Intent.JOIN} else ""
    assert hear(slip.upper() + postcode, asked(intent)).intent is intent


@pytest.mark.parametrize(("intent", "word"), ALL_KEYWORDS)
@pytest.mark.parametrize("dress", ["{}", "{}.", "{} !", '"{}"', "  {}  ", "{}\n", "({})", "{}..."])
def test_a_keyword_is_heard_in_any_dress(intent: Intent, word: str, dress: str) -> None:
    for spelled in (word, word.lower(), word.title()):
        assert hear(dress.format(spelled), asked(intent)).intent is intent


@pytest.mark.parametrize("word", f"{KEYWORDS[Intent.REQUEST]} {KEYWORDS[Intent.JOIN]}".split())
@pytest.mark.parametrize("postcode", ["1050", "1O50", "10 50", " 1050", ".1050", "-1050", " B-1050", "\n1050"])
def test_a_postcode_stuck_to_its_keyword_is_heard(word: str, postcode: str) -> None:
    assert hear(word + postcode).postcode == "1050"


@given(some.sampled_from(KEYWORDS[Intent.NO].split()), some.data())
@settings(max_examples=200, deadline=None)
def test_no_slip_turns_a_no_into_a_yes(word: str, data: some.DataObject) -> None:
    slip = data.draw(some.sampled_from(sorted(likely_slips(word.lower()) - {"o"})))
    assert hear(slip, Question.OFFER).intent is not Intent.YES


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        "AIDE " * 2_000,
        "1050 " * 2_000,
        "ne veux plus " * 800,
        "j'ai besoin " * 800,
        "\x00" * 10_000,
        "STOP\x00\x07\x1b",
        "\ud800" * 5_000,
        "AIDE \udfff 1050",
        "\u202eEDIA 1050",
        "\ufdfa" * 10_000,
        "👍" * 5_000,
        "é\u0301" * 5_000,
        "(((((" * 2_000,
        "a" * 30 + "!" * 9_000,
        " " * 10_000,
        "sint " * 2_000,
        "\n" * 10_000,
        "",
    ],
)
def test_hostile_texts_are_answered_at_once(text: str) -> None:
    hear(text, Question.OFFER)
    started = time.perf_counter()
    assert hear(text, Question.OFFER).intent in Intent
    assert time.perf_counter() - started < 0.2
