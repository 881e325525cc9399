"""After the storm: is any text unheard, any letter missing or doubled, any match made twice, anybody stuck?"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from db import inbox
from db.models import Letter, Offer, Person, Request, Text, Volunteer
from db.notices import AT_MOST_ONCE, INTRODUCTIONS
from db.steps import OfferStep
from smsgate import numbers
from tests import invariants
from tests.fake_vonage import Sent

CHECKS = (
    invariants.an_open_question_is_about_something_that_is_open,
    invariants.a_request_has_no_more_volunteers_than_it_wants,
    invariants.whoever_is_free_is_known_to_be_free,
    invariants.whoever_was_asked_has_the_question_open,
    invariants.no_request_waits_for_ever,
)


def anything(taken: Mapping[str, tuple[str, str]], arrived: Sequence[Sent], as_of: datetime) -> list[str]:
    """What was lost, doubled or stuck, a line each. taken: the texts answered 200; arrived: the letters taken."""
    return [*_texts(taken), *_lists(taken), *_letters(arrived), *_matches(), *_numbers(arrived), *_stuck(as_of)]


def _texts(taken: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    heard = Counter(text.message for text in Text.select().where(Text.state == inbox.HEARD))
    yield from (f"text answered 200 and not heard: {message}" for message in taken if heard[message] == 0)
    yield from (f"text kept {times} times: {message}" for message, times in heard.items() if times > 1)
    yield from (f"text set aside: {text.fault}" for text in Text.select().where(Text.state == inbox.SET_ASIDE))


def _lists(taken: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Each list was added to its request exactly once: the sign that its text was heard exactly once."""
    details = " ".join(request.details for request in Request.select())
    for _, words in taken.values():
        if words.startswith("LISTE") and details.split().count(words.split()[1]) != 1:
            yield f"heard {details.split().count(words.split()[1])} times: {words}"


def _letters(arrived: Sequence[Sent]) -> Iterator[str]:
    times = Counter(sent.ref for sent in arrived)
    for letter in Letter.select():
        came = times.pop(letter.ref, 0)
        said = (
            f"letter {letter.id} {letter.notice} ({letter.state}, cut off {letter.cut_off} times) arrived {came} times"
        )
        if letter.state not in ("sent", "delivered", "given up"):
            yield f"still owed: {said}"
        elif came > 1 + letter.cut_off or (came > 1 and letter.notice in AT_MOST_ONCE):
            yield f"doubled: {said}"
        elif came == 0 and letter.state != "given up" and letter.notice not in AT_MOST_ONCE:
            yield f"missing: {said}"
        elif came == 0 and letter.state == "given up" and letter.fault not in ("taken back", "not wanted"):
            yield f"missing: {said}: {letter.fault}"
    yield from (f"a letter nobody owed arrived: {ref}" for ref in times)


def _matches() -> Iterator[str]:
    met = Offer.select().where(Offer.step == OfferStep.INTRODUCED)
    told = Counter(
        (letter.offer_id, letter.notice) for letter in Letter.select().where(Letter.notice.in_(INTRODUCTIONS))
    )
    yield from (f"introduced twice: offer {offer}" for (offer, _), times in told.items() if times > 1)
    for offer in met:
        if any(told[offer.id, notice] != 1 for notice in INTRODUCTIONS):
            yield f"introduced, and not both were told: offer {offer.id}"


def _numbers(arrived: Sequence[Sent]) -> Iterator[str]:
    """Nobody's number reached anybody but those they were introduced to."""
    shown = {numbers.for_people(person.number): person.number for person in Person.select()}
    asker, helper = Person.alias(), Person.alias()
    introduced = {
        frozenset((asks, helps))
        for asks, helps in Offer.select(asker.number, helper.number)
        .join(Request)
        .join(asker, on=(Request.person == asker.id))
        .switch(Offer)
        .join(Volunteer)
        .join(helper, on=(Volunteer.person == helper.id))
        .join(Letter, on=(Letter.offer == Offer.id))
        .where(Letter.notice.in_(INTRODUCTIONS))
        .tuples()
    }
    for sent in arrived:
        for spelling, number in shown.items():
            if spelling in sent.text and number != sent.to and frozenset((sent.to, number)) not in introduced:
                yield f"a number reached a stranger: letter {sent.ref}"


def _stuck(as_of: datetime) -> Iterator[str]:
    for check in CHECKS:
        try:
            check()
        except AssertionError as wrong:
            yield f"{check.__name__} is not so: {wrong}"
    try:
        invariants.an_asker_whose_volunteer_said_yes_is_asked_as_soon_as_no_other_question_is_open(as_of)
    except AssertionError as wrong:
        yield str(wrong)
