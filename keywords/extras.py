"""What the journey wants besides: how long a pause lasts, how many people are wanted, and the writer's own words."""

import re

from keywords.fold import fold
from keywords.phrases import Span
from keywords.reading import Reading

_MOST_VOLUNTEERS = 20
_MOST_DAYS = 366
_TIMES = re.compile(r"(?:^|\s)[xX]\s?(\d{1,2})(?!\d)|(?<!\d)(\d{1,2})\s?[xX](?!\w)")
_SPACES = re.compile(r"[ \t]+")
_LANGUAGE = "language."  # the cues that name a language begin with it
_EDGES = " \t\n.,;:!?-/|*_\"'"


def days(reading: Reading) -> int | None:
    """How many days are named: 14, “14 dagen” → 14; “3 weken” → 21."""
    named, weeks, months = (reading.covered(f"time.{unit}") for unit in ("day", "week", "month"))
    for index, token in enumerate(reading.tokens):
        number = int(token.word) if token.is_number() and len(token.word) <= 3 else None
        if number is None and index + 1 in named | weeks | months and reading.lexicon.numbers.get(token.word):
            number = reading.lexicon.numbers[token.word]
        if number:
            length = 7 if index + 1 in weeks else 30 if index + 1 in months else 1
            return number * length if number * length <= _MOST_DAYS else None
    return None


def count(reading: Reading) -> int | None:
    """How many volunteers: x5, 5x."""
    if found := _TIMES.search(reading.text):
        wanted = int(found[1] or found[2])
        return wanted if 1 <= wanted <= _MOST_VOLUNTEERS else None
    return None


def details(reading: Reading, left_out: set[int]) -> str:
    """The text in the writer's own characters, without the tokens left out and the politeness around them."""
    out = left_out | reading.covered("greeting", "polite") | _leading_to(left_out, reading)
    written = list(_TIMES.sub(lambda found: " " * len(found[0]), reading.written))
    for index, token in enumerate(reading.tokens):
        if index in out:
            written[token.start : token.end] = " " * (token.end - token.start)
    lines = (_SPACES.sub(" ", line).strip(_EDGES) for line in "".join(written).splitlines())
    return re.sub(r"\s+([.,])", r"\1", ", ".join(line for line in lines if line))


def _leading_to(left_out: set[int], reading: Reading) -> set[int]:
    """“J'habite à” before the place that is left out."""
    spans = reading.where("place.living", "place.postcode")
    return {
        index
        for span in spans
        if reading.token_after(span) in left_out
        for index in range(reading.token_at(span), reading.token_after(span))
    }


def acknowledged(reading: Reading) -> bool:
    """Does it begin with “ok” or the like, with no but, no not and nothing asked?"""
    said = reading.covered("acknowledged")
    first = next((index for index, token in enumerate(reading.tokens) if token.is_word()), None)
    return first in said and not reading.asks and not reading.said("ask", "ask.word", "but", "not", "if")


def switch(reading: Reading) -> str | None:
    """The language asked for by its name alone: NEDERLANDS → nl."""
    spans = _languages_named(reading)
    words = [index for index, token in enumerate(reading.tokens) if token.is_word()]
    if not spans or not words or set(words) - reading.covered(*(span.cue for span in spans), "polite", "greeting"):
        return None
    return spans[0].cue.removeprefix(_LANGUAGE)


def languages(reading: Reading, spoken: str | None) -> tuple[str, ...]:
    """The languages a volunteer names: “français et anglais” → en, fr; with “aussi”, the one they write in too."""
    if reading.said("lessons"):
        return ()
    named = {span.cue.removeprefix(_LANGUAGE) for span in _languages_named(reading)}
    if named and spoken and reading.said("also"):
        named.add(spoken)
    return tuple(sorted(named))


def _languages_named(reading: Reading) -> list[Span]:
    return [span for cue in reading.spans if cue.startswith(_LANGUAGE) for span in reading.where(cue)]


def name_tokens(reading: Reading, name: str | None) -> set[int]:
    """The tokens of the writer's name, and every other first name nobody could mistake for a word."""
    own = {fold(part) for part in re.split(r"[ -]", name)} if name else set()
    lexicon = reading.lexicon
    return {
        index
        for index, token in enumerate(reading.tokens)
        if token.word in own or (token.word in lexicon.names and token.word not in lexicon.languages_of)
    }
