"""Every sentence in every language with its longest details: does each still fit one SMS?"""

from collections.abc import Iterator
from dataclasses import dataclass

from db.postcodes import longest_name
from keywords import say
from keywords.segments import cost, to_gsm7
from smsgate.kinds import LONGEST_HELPLINE


@dataclass(frozen=True, slots=True)
class Worded:
    """A sentence with the longest details it can carry, and what it costs."""

    language: str
    notice: str
    text: str
    septets: int
    sms: int


def longest_details(language: str) -> dict[str, str | None]:
    """The longest of each detail that a sentence in this language can carry."""
    return {
        "name": None if len(say.somebody(language)) > say.LONGEST_NAME else "X" * say.LONGEST_NAME,
        "number": "+33 6 12 34 56 78",  # no spelling of a neighbour's number is longer
        "place": to_gsm7(f"1000 {longest_name(language)}"),
        "need": max(say.sentences(language)["need"], key=lambda label: len(say.need(label, language))),
        "day": "31",
        "month": "12",
        "helpline": "0" * LONGEST_HELPLINE,
        "words": "x" * 1000,
    }


def all_worded() -> Iterator[Worded]:
    """Every notice in every language."""
    for language in say.languages():
        for notice in sorted(say.notices(language)):
            text = say.say(notice, language, longest_details(language))
            price = cost(text)
            yield Worded(language, notice, text, price.units, price.sms)
