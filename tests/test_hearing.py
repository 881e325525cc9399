"""People are understood: the labelled texts of all four languages, and no mistake that hurts anyone."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from keywords.hear import Listener
from keywords.meanings import Intent, Need, Question
from keywords.score import Score, examples, main, places, score

HERE = Path(__file__).parent
OWN = sorted((HERE / "hearing").glob("*.jsonl"))
GIVEN = HERE.parent.parent / "shared" / "hearing_examples.jsonl"
GOALS = {"intent": 0.95, "language": 0.98, "postcode": 0.98, "need": 0.95, "name": 0.97}


@pytest.fixture(scope="session")
def listener() -> Listener:
    return Listener(places())


@pytest.fixture(scope="session")
def scored(listener: Listener) -> Callable[[Path], Score]:
    """How well each file is heard, once for all tests that ask."""
    return cache(lambda file: score(listener, examples([file])))


def mistakes(result: Score) -> str:
    return "\n".join(f"{example['text']!r}: {heard}" for example, heard, _ in result.mistakes)


def reaches_every_goal(result: Score) -> bool:
    return all(result.share(field) >= goal for field, goal in GOALS.items())


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_nobody_is_hurt_by_a_mistake(scored: Callable[[Path], Score], file: Path) -> None:
    result = scored(file)
    assert not result.dangerous, mistakes(result)


def test_of_no_texts_there_is_no_score() -> None:
    with pytest.raises(SystemExit, match="name files of labelled texts"):
        main(["-v"])


def test_our_own_texts_are_understood(scored: Callable[[Path], Score]) -> None:
    results = [scored(file) for file in OWN]
    texts = sum(result.total for result in results)
    for field, goal in GOALS.items():
        right = sum(result.right[field] for result in results)
        assert right >= goal * texts, "\n".join(mistakes(result) for result in results)


@pytest.mark.skipif(not GIVEN.exists(), reason="the given examples are not here")
def test_the_given_texts_are_understood(listener: Listener) -> None:
    result = score(listener, examples([GIVEN]))
    assert not result.dangerous, mistakes(result)
    assert reaches_every_goal(result), mistakes(result)


def test_our_own_texts_are_many_and_well_labelled() -> None:
    texts = examples(OWN)
    assert len(texts) >= 600
    assert {text["intent"] for text in texts} == set(Intent)
    assert {text["language"] for text in texts} == {"fr", "nl", "de", "en", None}
    for text in texts:
        assert set(text) == {"text", "open", "intent", "language", "postcode", "need", "name"}, json.dumps(text)
        assert text["need"] is None or Need(text["need"])
        assert text["open"] is None or Question(text["open"])


def says(listener: Listener, text: str, **heard: Any) -> Mapping[str, Any]:
    meaning = listener.hear(text)
    return {field: getattr(meaning, field) for field in heard}


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("AIDE 1050 courses pain et lait", {"details": "courses pain et lait", "needs": (Need.SHOPPING,)}),
        ("HULP 9000 apotheek en hond uitlaten", {"needs": (Need.PHARMACY, Need.DOG), "need": Need.PHARMACY}),
        ("LIJST melk, brood", {"details": "melk, brood"}),
        ("LISTE\npain\nlait", {"details": "pain, lait"}),
        ("PAUSE 14", {"days": 14}),
        ("PAUZE 3 WEKEN", {"days": 21}),
        ("Pause zwei Wochen bitte", {"days": 14}),
        ("pause d'un mois svp", {"days": 30}),
        ("PAUSE", {"days": None}),
        ("HELP 1000 shopping x5", {"count": 5, "details": "shopping"}),
        ("AIDE x3 1000 courses", {"count": 3, "postcode": "1000"}),
        ("AIDE 1000 courses", {"count": None}),
        ("HULP/9200/HOND UITLATEN", {"postcode": "9200", "details": "HOND UITLATEN"}),
        ("AIDE|1050|pain", {"postcode": "1050", "details": "pain"}),
    ],
)
def test_what_else_the_journey_wants(listener: Listener, text: str, heard: dict[str, Any]) -> None:
    assert says(listener, text, **heard) == heard


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("AIDE 1050 pain0a et zer0 sucre", "pain0a et zer0 sucre"),
        ("AIDE 1O50 2 l’eau, sirop O5OO", "2 l’eau, sirop O5OO"),
        ("AIDE 4 8 0 0 pain c0mplet", "pain c0mplet"),
        ("aide st. vith pain", "pain"),
    ],
)
def test_a_volunteer_reads_the_askers_own_characters(listener: Listener, text: str, details: str) -> None:
    heard = listener.hear(text)
    assert (heard.intent, heard.details) == (Intent.REQUEST, details)


@pytest.mark.parametrize(
    ("text", "language"), [("NEDERLANDS", "nl"), ("français svp", "fr"), ("Deutsch bitte", "de"), ("ENGLISH", "en")]
)
def test_a_language_asked_for_by_its_name(listener: Listener, text: str, language: str) -> None:
    heard = listener.hear(text)
    assert (heard.intent, heard.switch) == (Intent.UNKNOWN, language)


def test_a_language_named_in_passing_switches_nothing(listener: Listener) -> None:
    assert listener.hear("AIDE 1050 cours de français").switch is None


@pytest.mark.parametrize(
    ("text", "languages", "needs"),
    [
        ("BENEVOLE 1050 français néerlandais", ("fr", "nl"), ()),
        ("BENEVOLE 1050 Marie pharmacie, je parle français et anglais", ("en", "fr"), (Need.PHARMACY,)),
        ("BENEVOLE 1050 parle aussi le flamand", ("fr", "nl"), ()),
        ("VRIJWILLIGER 9000 Nederlands", ("nl",), ()),
        ("VRIJWILLIGER 9000 An, ik spreek ook Frans", ("fr", "nl"), ()),
        ("FREIWILLIG 4700 Deutsch Französisch", ("de", "fr"), ()),
        ("VOLUNTEER 1000 I also speak Dutch", ("en", "nl"), ()),
        ("BENEVOLE 1050 parler", (), (Need.TALK,)),
        ("BENEVOLE 1050 cours de français", (), (Need.OTHER,)),
        ("AIDE 1050 français", (), ()),
    ],
)
def test_a_volunteer_names_languages(
    listener: Listener, text: str, languages: tuple[str, ...], needs: tuple[Need, ...]
) -> None:
    heard = listener.hear(text)
    assert (heard.languages, heard.needs) == (languages, needs)


def test_ja_is_in_the_language_the_person_wrote_before(listener: Listener) -> None:
    assert listener.hear("JA", Question.OFFER).language is None
    assert listener.hear("JA", Question.OFFER, "de").language == "de"
    assert listener.hear("JA", Question.OFFER, "nl").language == "nl"


@pytest.mark.parametrize("text", ["ok", "o", "👍", "oui", "ja", "yes", "JA GRAAG"])
def test_a_yes_answers_a_question_and_nothing_else(listener: Listener, text: str) -> None:
    assert listener.hear(text, Question.OFFER).intent is Intent.YES
    assert listener.hear(text).intent is not Intent.YES
    assert listener.hear(text, Question.POSTCODE).intent is not Intent.YES


def test_names_and_places_are_handed_in() -> None:
    listener = Listener({"atlantis": "1234", "1234": "1234"}, names=["Xylo"])
    heard = listener.hear("BENEVOLE Atlantis Xylo")
    assert (heard.intent, heard.postcode, heard.name) == (Intent.JOIN, "1234", "Xylo")
    assert listener.hear("AIDE 1050").postcode is None


def test_every_place_is_found_where_people_say_they_live(listener: Listener) -> None:
    named = {name: postcode for name, postcode in places().items() if not name.isdecimal() and name != "limburg"}
    missed = [
        name
        for name, postcode in named.items()
        if listener.hear(f"j'habite à {name}", Question.POSTCODE).postcode != postcode
        or listener.hear(name, Question.POSTCODE).intent is not Intent.POSTCODE
    ]
    assert not missed


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("HULP HALLE boodschappen", "1500"),
        ("AIDE JETTE", "1090"),
        ("je jette mes poubelles, aide", None),
        ("hulp, de boom moet weg", None),
        ("j'ai 68 ans, aide svp", None),
        ("AIDE, il me manque 1500 g de farine", None),
        ("aide, rdv à 1400h", None),
        ("hulp 0475 12 34 56", None),
        ("AIDE 02 511 10 50", None),
        ("hulp 12/12/2018", None),
        ("Stationsstraat 14 9000 Gent, hulp", "9000"),
        ("AIDE 1050 2 pains", "1050"),
        ("hulp 1050 0475 12 34 56", "1050"),
        ("HULP ANTWREPEN", "2000"),
        ("AIDE CHARLEROY courses", "6000"),
    ],
)
def test_words_and_numbers_that_are_no_place(listener: Listener, text: str, postcode: str | None) -> None:
    assert listener.hear(text).postcode == postcode


WORDS = sorted((HERE.parent / "keywords" / "words").glob("*.toml"))
SAY = {file.stem: tomllib.loads(file.read_text(encoding="utf-8"))["say"] for file in WORDS}
SENTENCES = [(language, said) for language, say in SAY.items() for said in say.values() if isinstance(said, str)]
WE_ASK_FOR = {
    Intent.REQUEST: "AIDE HULP HILFE HELP",
    Intent.JOIN: "BENEVOLE VRIJWILLIGER FREIWILLIG VOLUNTEER",
    Intent.YES: "OUI JA YES",
    Intent.NO: "NON NEE NEIN NO",
    Intent.CANCEL: "ANNULER ANNULEREN ABBRECHEN CANCEL",
    Intent.LIST: "LISTE LIJST LIST",
    Intent.START: "START",
    Intent.STOP: "STOP",
}
MEANT = {word: intent for intent, words in WE_ASK_FOR.items() for word in words.split()}
NO_COMMANDS = {"SMS", "GSM", "PIN", "OK"}
BEFORE_IT = "Répondez|Écrivez|Antwoord|Schrijf|Stuur|Antworten Sie|Schreiben Sie|Reply|Text|Write"


@pytest.mark.parametrize(("language", "sentence"), SENTENCES)
def test_what_we_ask_to_type_is_understood(listener: Listener, language: str, sentence: str) -> None:
    for word in set(re.findall(r"\b[A-Z]{2,}\b", sentence)) - NO_COMMANDS:
        intent = MEANT[word]
        asked = Question.OFFER if intent in {Intent.YES, Intent.NO} else None
        for typed in (word, word.lower(), f"{word}.", *(f"{verb} {word}" for verb in BEFORE_IT.split("|"))):
            assert listener.hear(typed, asked, language).intent is intent, typed


@pytest.mark.parametrize(("language", "sentence"), SENTENCES)
def test_the_examples_we_give_are_understood_letter_by_letter(listener: Listener, language: str, sentence: str) -> None:
    for example in re.findall(r"\b(?:[A-Z]{4,}) \d.*", sentence):
        typed = re.split(r"[.?!]", example)[0]
        heard = listener.hear(typed, None, language)
        assert heard.intent is MEANT[typed.split()[0]], typed
        if heard.intent is not Intent.LIST:
            assert heard.postcode == typed.split()[1], typed


@pytest.mark.parametrize(("language", "need"), [(language, need) for language in SAY for need in Need])
def test_a_need_is_understood_in_our_own_words_for_it(listener: Listener, language: str, need: Need) -> None:
    keyword = {"fr": "AIDE", "nl": "HULP", "de": "HILFE", "en": "HELP"}[language]
    heard = listener.hear(f"{keyword} 1050 {SAY[language]['need'][need]}")
    assert heard.intent is Intent.REQUEST
    assert heard.need is need or need is Need.OTHER


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("AIDE courses Ixelles, mon fils vit à Namur", "1050"),
        ("mon fils vit à Namur, aide pour les courses 1050", "1050"),
        ("hulp boodschappen in Aalst, mijn dochter woont in Gent", "9300"),
        ("Meine Tochter wohnt in Eupen, ich brauche Hilfe in 4780 St Vith", "4780"),
        ("my daughter lives in Leuven, I need help with shopping in Ixelles", "1050"),
    ],
)
def test_where_the_children_live_is_not_where_help_is_needed(listener: Listener, text: str, postcode: str) -> None:
    assert listener.hear(text).postcode == postcode


@pytest.mark.parametrize("text", ["OUI ou NON", "Répondez OUI ou NON", "JA of NEE", "JA oder NEIN", "YES or NO"])
def test_our_question_sent_back_whole_is_no_answer(listener: Listener, text: str) -> None:
    assert listener.hear(text, Question.OFFER).intent is Intent.UNKNOWN


@pytest.mark.parametrize("question", [Question.OFFER, Question.CONFIRM, Question.FOLLOWUP])
@pytest.mark.parametrize(
    "text", ["ik zeg geen nee", "ich sage nicht nein", "je ne dis pas non", "I won't say no", "I wouldn't say no"]
)
def test_whoever_does_not_say_no_has_not_said_it_and_is_asked_again(
    listener: Listener, text: str, question: Question
) -> None:
    assert listener.hear(text, question).intent is Intent.UNKNOWN


@pytest.mark.parametrize("question", [Question.OFFER, Question.CONFIRM, Question.FOLLOWUP])
def test_whoever_has_to_say_no_has_said_it(listener: Listener, question: Question) -> None:
    assert listener.hear("sorry I have to say no this time", question).intent is Intent.NO


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("PAUSE 10 jours", 10),
        ("PAUSE 2 semaines", 14),
        ("pause une semaine", 7),
        ("PAUSE quinze jours", 15),
        ("PAUZE 10 dagen", 10),
        ("pauze een week", 7),
        ("pauze veertien dagen", 14),
        ("PAUSE 5 Tage", 5),
        ("PAUSE 3 Wochen", 21),
        ("Pause einen Monat", 30),
        ("PAUSE 10 days", 10),
        ("pause for a week", 7),
        ("PAUSE 14j", 14),
        ("PAUZE14", 14),
    ],
)
def test_how_long_a_pause_lasts(listener: Listener, text: str, days: int) -> None:
    heard = listener.hear(text)
    assert (heard.intent, heard.days) == (Intent.PAUSE, days)


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("AIDE 5000 DENTISTE", Need.TRANSPORT),
        ("HULP DOKTER 9000", Need.TRANSPORT),
        ("HILFE 4700 KRANKENHAUS", Need.TRANSPORT),
        ("HELP 1050 DOCTOR", Need.TRANSPORT),
        ("HULP GSM 9000", Need.DIGITAL),
        ("AIDE TELEPHONE 1050", Need.DIGITAL),
        ("HILFE HANDY 4700", Need.DIGITAL),
        ("HUPL 9000 TELEFOON", Need.DIGITAL),
        ("AIDE TELEPHONER 1050", Need.TALK),
        ("AIDE 1050 CHAT", Need.OTHER),
    ],
)
def test_one_word_beside_the_word_for_help_names_the_need(listener: Listener, text: str, need: Need) -> None:
    heard = listener.hear(text)
    assert (heard.intent, heard.need) == (Intent.REQUEST, need)
    assert heard.postcode


@pytest.mark.parametrize(
    "text", ["AIDE mon medecin est en vacances 1050, courses svp", "hulp boodschappen 9000, bel op mijn gsm"]
)
def test_the_same_word_in_passing_does_not(listener: Listener, text: str) -> None:
    assert listener.hear(text).needs == (Need.SHOPPING,)
