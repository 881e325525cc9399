"""The second opinion helps where the rules are at a loss, and can hurt nobody."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from keywords.hear import Listener
from keywords.meanings import Intent, Question
from keywords.resemblance import LEARNT, MEANINGS, NOUGHT, Resemblance, resemblance
from keywords.rules import decide
from keywords.score import examples, places
from keywords.situation import Situation
from keywords.verdict import verdict
from tests.test_hearing import OWN

LISTENER = Listener(places())
TEXTS = [(text["text"], Question(text["open"]) if text["open"] else None) for text in examples(OWN)]
STANDING = {Intent.EMERGENCY, Intent.STOP, Intent.FORGET}


class Certain(Resemblance):
    """An opinion that finds every text to resemble one meaning, and nothing else."""

    def __init__(self, meaning: Intent) -> None:
        super().__init__({})
        self.meaning = meaning

    def of(self, now: Situation) -> dict[Intent, float]:
        return {meaning: float(meaning is self.meaning) for meaning in MEANINGS}


@given(some.sampled_from(TEXTS), some.sampled_from(MEANINGS))
@settings(max_examples=500, deadline=None)
def test_no_alarm_and_no_farewell_is_ever_overruled(text: tuple[str, Question | None], resembled: Intent) -> None:
    now = LISTENER.situation(*text)
    assert now is not None
    ruled = decide(now)
    heard = verdict(now, Certain(resembled))
    if ruled in STANDING:
        assert heard is ruled
    if ruled is Intent.YES:
        assert heard is not Intent.NO
    if ruled is Intent.NO:
        assert heard is not Intent.YES


@pytest.mark.parametrize(
    ("text", "question", "meaning"),
    [
        ("je fais un saut chez elle après le marché", Question.OFFER, Intent.YES),
        ("ik wip er na de koffie even binnen", Question.OFFER, Intent.YES),
        ("je garde mon numéro secret", Question.CONFIRM, Intent.NO),
        ("mijn buurjongen heeft het gras al afgereden, zoek maar niet verder", None, Intent.CANCEL),
        ("je voudrais offrir quelques heures par semaine à des anciens, 1030", None, Intent.JOIN),
        ("ik heb nog wat uren over die ik wil geven aan oudjes, 9000", None, Intent.JOIN),
        ("jusqu'à quelle heure on peut vous écrire?", None, Intent.INFO),
    ],
)
def test_what_no_list_holds_is_heard_by_what_it_resembles(
    text: str, question: Question | None, meaning: Intent
) -> None:
    now = LISTENER.situation(text, question)
    assert now is not None
    assert decide(now) in {None, Intent.UNKNOWN}
    assert LISTENER.hear(text, question).intent is meaning


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("non ça ne me gêne pas", Question.CONFIRM),
        ("non je n'y vois pas d'inconvénient", Question.CONFIRM),
        ("nee dat stoort mij niet", Question.CONFIRM),
        ("no I don't mind at all", Question.CONFIRM),
        ("ja maar pas na 5 uur", Question.OFFER),
        ("nee wacht ja of toch", Question.OFFER),
        ("nein warte doch ja oder", Question.OFFER),
    ],
)
def test_an_objection_denied_is_no_refusal_and_second_thoughts_are_no_answer(text: str, question: Question) -> None:
    assert LISTENER.hear(text, question).intent is Intent.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "stop de me remercier, c'est moi qui vous remercie",
        "stop met mij te bedanken, ik moet U bedanken!",
        "hör auf mir zu danken",
        "stop thanking me",
    ],
)
def test_to_be_thanked_no_more_is_no_wish_to_leave(text: str) -> None:
    assert LISTENER.hear(text).intent is not Intent.STOP


def test_a_text_of_unknown_words_resembles_nothing() -> None:
    assert LISTENER.hear("qsdf wxcv uiop").intent is Intent.UNKNOWN


def test_what_was_learnt_is_small_and_whole() -> None:
    assert LEARNT.stat().st_size < 300_000
    weights = resemblance().weights
    assert len(weights) > 1_000
    assert all(len(kept) == len(MEANINGS) and kept != chr(NOUGHT) * len(MEANINGS) for kept in weights.values())


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("VRIJWILLIGER 3980 Sofie apotheek boodschappen", Intent.JOIN),
        ("BENEVOLE 6706 Marie pharmacie courses", Intent.JOIN),
        ("BENEVOLE courses pharmacie 1050 Sofie", Intent.JOIN),
        ("FREIWILLIG 4728 Petra Computer Apotheke", Intent.JOIN),
        ("VOLUNTEER shopping pharmacy", Intent.JOIN),
        ("LISTE 1050 Sofie courses pharmacie", Intent.LIST),
        ("ANNULER 1050 Sofie courses pharmacie", Intent.CANCEL),
        ("HULP 9000 Jef boodschappen hond", Intent.REQUEST),
    ],
)
@pytest.mark.parametrize("question", [None, *Question])
def test_whoever_writes_as_we_ask_is_taken_at_their_word(words: str, meant: Intent, question: Question | None) -> None:
    assert LISTENER.hear(words, question, None).intent is meant
