"""The postcode in a text, written as a number: not a year, an hour, a price, a house or a telephone."""

import re

from keywords.places import Found, Gazetteer
from keywords.reading import Reading

_YEARS = range(1900, 2040)
_WEB_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SURE, _SURER_BY, _STREET_COSTS, _HOUR_COSTS = 50, 20, 30, 5


def postcodes(gazetteer: Gazetteer, reading: Reading) -> list[Found]:
    """Every postcode named, as a number or by a place, the surest first."""
    found = [*numbers(gazetteer, reading), *gazetteer.find(reading)]
    return sorted(found, key=lambda place: (-place.sureness, place.first))


def numbers(gazetteer: Gazetteer, reading: Reading) -> list[Found]:
    """Every number that is a Belgian postcode and nothing else."""
    found: list[Found] = []
    if not any(token.is_number() for token in reading.tokens):
        return found
    # “1080, non pardon, 1081”: the last one is meant.
    corrected = {reading.token_after(span) - 1 for span in reading.where("place.corrected")}
    forbidden = reading.covered("place.number_not") - corrected
    years = reading.covered("place.year")
    streets = reading.covered("place.street")
    hours = reading.covered("place.hour")
    sure = reading.covered("place.postcode") | corrected
    tokens = reading.tokens
    addresses = [found.span() for found in _WEB_ADDRESS.finditer(reading.text)]
    for index, token in enumerate(tokens):
        if not token.is_number() or any(start < token.start < end for start, end in addresses):
            continue
        last = index
        digits = token.word
        if len(digits) == 2 and index + 1 < len(tokens) and _is_spaced_pair(reading, index):
            digits, last = digits + tokens[index + 1].word, index + 1
        if len(digits) != 4 or digits not in gazetteer.places or index in forbidden:
            continue
        if _is_part_of_more(reading, index, last):
            continue
        if int(digits) in _YEARS and index in years:
            continue
        is_in_street = index in streets or (index > 0 and tokens[index - 1].word.endswith(reading.lexicon.streets))
        names_place = last + 1 < len(tokens) and gazetteer.longest_at(reading, last + 1)[1] > 0
        sureness = _SURE + (_SURER_BY if index in sure else 0)
        if is_in_street and not names_place:
            sureness -= _STREET_COSTS
        if index in hours and _is_on_the_clock(digits) and not names_place:
            sureness -= _HOUR_COSTS
        found.append(Found(digits, sureness, index, last, is_number=True))
    return found


def _is_on_the_clock(digits: str) -> bool:
    """“À 1430” may be half past two, where another number is the postcode."""
    return digits < "2400" and digits[2:] in {"00", "15", "30", "45"}


def _is_spaced_pair(reading: Reading, index: int) -> bool:
    """Two digits, a space, two digits, and no more digits around: 10 50 but not 09 222 10 00 or 10 50 euro."""
    here, there = reading.tokens[index], reading.tokens[index + 1]
    between = reading.text[here.end : there.start]
    return len(there.word) == 2 and there.is_number() and between in {" ", "  ", "."} and here.word >= "10"


def _is_part_of_more(reading: Reading, first: int, last: int) -> bool:
    """Is it a piece of a telephone number, a date, a price or a measure?"""
    tokens = reading.tokens
    before = tokens[first - 1] if first else None
    after = tokens[last + 1] if last + 1 < len(tokens) else None
    if before is not None:
        gap = reading.text[before.end : tokens[first].start]
        apart = gap == " " and first == last and _is_house_number(reading, first - 1)
        if before.is_number() and not (apart or _ends_telephone_number(reading, first - 1)):
            return True
        is_decimal = before.word in {",", "."} and gap == "" and _is_figure(reading, first - 2)
        is_dated = before.word == "/" and _is_figure(reading, first - 2)
        if before.word == "€" or (before.word == "+" and gap == "") or is_dated or is_decimal:
            return True
    if after is not None:
        gap = reading.text[tokens[last].end : after.start]
        if after.is_number() and gap.strip(" /.-") == "" and len(after.word) not in {1, 4}:
            return True
        is_decimal = after.word in {",", "."} and gap == "" and _is_glued_figure(reading, last + 2)
        is_dated = after.word == "/" and _is_figure(reading, last + 2)
        if after.word in {"€", "%"} or is_dated or is_decimal:
            return True
    return False


def _is_house_number(reading: Reading, index: int) -> bool:
    """Stationsstraat 14 9000 Gent: a short number alone before the postcode, or another postcode."""
    word = reading.tokens[index].word
    return len(word) <= 4 and word[0] != "0" and not _is_figure(reading, index - 1)


def _ends_telephone_number(reading: Reading, index: int) -> bool:
    """0470 12 34 56 is complete: what follows is a number of its own."""
    digits = ""
    while _is_figure(reading, index):
        digits = reading.tokens[index].word + digits
        index -= 1
    return digits[:1] == "0" and len(digits) == (10 if digits.startswith("04") else 9)


def _is_figure(reading: Reading, index: int) -> bool:
    return index >= 0 and reading.tokens[index].is_number()


def _is_glued_figure(reading: Reading, index: int) -> bool:
    return (
        index < len(reading.tokens)
        and reading.tokens[index].is_number()
        and reading.tokens[index].start == reading.tokens[index - 1].end
    )
