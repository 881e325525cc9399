"""What the pages say: in four languages alike, and what they tell people to send is understood."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.postcodes import names
from keywords.hear import Listener
from keywords.meanings import Intent, Question
from smsgate.language import wished
from smsgate.page_words import LANGUAGES, NO_BREAK, day_of_month, fill, how_long, placeholders, short_date, words

MEANT = {
    "ask": Intent.REQUEST,
    "join": Intent.JOIN,
    "yes": Intent.YES,
    "no": Intent.NO,
    "stop": Intent.STOP,
    "start": Intent.START,
    "erase": Intent.FORGET,
}


def sentences(said: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence with the keys that lead to it."""
    if isinstance(said, Mapping):
        for name, inner in said.items():
            yield from sentences(inner, f"{key}.{name}")
    elif isinstance(said, list):
        for number, inner in enumerate(said):
            yield from sentences(inner, f"{key}.{number}")
    else:
        assert isinstance(said, str)
        yield key, said


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener(names())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things_with_the_same_details(language: str) -> None:
    ours, english = dict(sentences(words(language))), dict(sentences(words("en")))
    assert ours.keys() == english.keys()
    for key, sentence in ours.items():
        assert sentence.strip() == sentence != "", key
        assert placeholders(sentence) == placeholders(english[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_we_tell_people_to_send_is_understood(language: str, listener: Listener) -> None:
    texts = words(language)["texts"]
    for kind, intent in MEANT.items():
        question = Question.OFFER if intent in (Intent.YES, Intent.NO) else None
        assert listener.hear(texts[kind], question).intent is intent, texts[kind]
    asked = listener.hear(f"{texts['ask']} {texts['postcode']} {texts['need']}")
    assert (asked.intent, asked.postcode, asked.need, asked.language) == (
        Intent.REQUEST, texts["postcode"], "shopping", language,
    )  # fmt: skip


def test_a_french_sign_does_not_begin_a_line() -> None:
    for key, sentence in sentences(words("fr")):
        assert not any(f" {sign}" in sentence for sign in "?!:;»"), key
    assert words("fr")["poster"]["heading"].endswith(f"{NO_BREAK}?")


@pytest.mark.parametrize(
    ("length", "french", "german"),
    [
        (timedelta(days=30), "30 jours", "30 Tagen"),
        (timedelta(days=1), "1 jour", "1 Tag"),
        (timedelta(hours=36), "36 heures", "36 Stunden"),
        (timedelta(hours=1), "1 heure", "1 Stunde"),
        (timedelta(minutes=15), "15 minutes", "15 Minuten"),
        (timedelta(seconds=1), "1 seconde", "1 Sekunde"),
    ],
)
def test_a_duration_is_said_in_its_largest_whole_unit(length: timedelta, french: str, german: str) -> None:
    assert (how_long(length, "fr"), how_long(length, "de")) == (french, german)


@pytest.mark.parametrize(
    ("language", "first", "second", "date_says"),
    [
        ("fr", "1er", "2", "1/12"),
        ("nl", "1", "2", "1/12"),
        ("de", "1", "2", "1.12."),
        ("en", "1", "2", "1/12"),
    ],
)
def test_a_date_is_written_as_the_language_writes_it(language: str, first: str, second: str, date_says: str) -> None:
    morning, said = datetime(2026, 12, 1, 8, 5, tzinfo=UTC), words(language)
    assert (day_of_month(morning, said), day_of_month(morning + timedelta(days=1), said)) == (first, second)
    assert short_date(morning, language) == date_says


def test_a_detail_cannot_bring_its_own_html() -> None:
    assert fill("<b> {name}", name="<i>") == "&lt;b&gt; &lt;i&gt;"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        ("en;q=0.3, de;q=0.9", "de"),
        ("pl, fr;q=0.1", "fr"),
        ("fr, nl", "fr"),
        ("DE-be", "de"),
        ("*", "fr"),  # whatever we like: the service's own
        ("fr;q=0, *;q=0.5", "nl"),
        ("pl", None),
        ("", None),
        ("en;q=2, en;q=nan, ;;q=,", None),
    ],
)
def test_the_browsers_wish_is_read(header: str, language: str | None) -> None:
    assert wished(header, ("fr", *LANGUAGES)) == language


@given(st.text(alphabet="nlfrde-*;q=0.19, \té") | st.text())
def test_no_wish_is_too_strange(header: str) -> None:
    assert wished(header, LANGUAGES) in (*LANGUAGES, None)
