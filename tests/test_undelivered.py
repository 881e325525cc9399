"""Letters that do not arrive: the next volunteer is asked, operators see who waits in vain, dead numbers are let be."""

from datetime import timedelta

import pytest

from db import concerns
from db.concerns import Kind
from db.models import Concern, Letter, Offer, Person, Request
from db.steps import OfferStep, RequestStep
from tests import calls
from tests.fake_vonage import refused
from tests.test_time import Found, at, both_say_yes_in_the_evening, introduced
from tests.town import PEOPLE, Town, until


def needs_a_person() -> list[tuple[str, str]]:
    """What the operators see: why, and about whom."""
    names = {number: name for name, number in PEOPLE.items()}
    return [(concern.kind, names[concern.person.number]) for concern in concerns.open_concerns()]


def first_offer() -> Letter:
    """The letter that put the request to the first volunteer."""
    return Letter.select().where(Letter.notice == "offer").order_by(Letter.id).get()


def two_volunteers_and_one_asked(found_town: Found) -> Town:
    town = found_town(matching_wave_size="1")
    for who, words in (
        ("bram", "BENEVOLE 1050 Bram"),
        ("chloe", "BENEVOLE 1060 Chloé"),
        ("amina", "AIDE 1050 courses"),
    ):
        town.texts(who, words)
    town.reads_all()
    return town


@pytest.mark.parametrize("code", ["1", "5", "6", "11", "99"])
def test_an_offer_that_does_not_arrive_lapses_and_the_next_volunteer_is_asked(found_town: Found, code: str) -> None:
    town = two_volunteers_and_one_asked(found_town)
    town.receipt("bram", "failed", code)
    assert "courses" in town.unread("chloe")[0]
    assert [offer.step for offer in Offer.select().order_by(Offer.id)] == [OfferStep.LAPSED, OfferStep.ASKED]
    assert needs_a_person() == []


def test_an_offer_the_carrier_does_not_take_lapses_and_the_next_volunteer_is_asked(found_town: Found) -> None:
    town = found_town(matching_wave_size="1")
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts("chloe", "BENEVOLE 1060 Chloé")
    town.vonage.answers_to[PEOPLE["bram"]] = lambda *_: (200, refused("6", "Unroutable"))
    town.texts("amina", "AIDE 1050 courses")
    assert "courses" in town.unread("chloe")[1]
    assert [offer.step for offer in Offer.select().order_by(Offer.id)] == [OfferStep.LAPSED, OfferStep.ASKED]


def test_a_telephone_that_is_off_is_tried_again_and_the_others_are_not_kept_waiting(found_town: Found) -> None:
    town = two_volunteers_and_one_asked(found_town)
    town.receipt("bram", "failed", "2")
    assert town.unread("bram") == []
    town.pass_time(timedelta(minutes=21))
    assert len(town.unread("bram")) == 1, "another try"
    assert "courses" in town.unread("chloe")[0], "the next wave came all the same"
    town.receipt("bram", "delivered")
    assert first_offer().state == "delivered"


def test_a_telephone_that_stays_off_is_not_tried_for_ever(found_town: Found) -> None:
    town = two_volunteers_and_one_asked(found_town)
    for _ in range(8):
        town.receipt("bram", "failed", "2")
        town.pass_time(timedelta(hours=4))
    assert len(town.unread("bram")) == 3, "four tries in all"
    assert first_offer().state == "given up"


def test_what_a_person_is_answered_does_not_wait_for_a_letter_that_is_tried_again(found_town: Found) -> None:
    town = two_volunteers_and_one_asked(found_town)
    town.receipt("bram", "failed", "7")
    town.texts("bram", "INFO")
    assert "Ici, on s'aide" in town.unread("bram")[0]


@pytest.mark.parametrize("who", ["amina", "bram"])
def test_an_introduction_that_does_not_arrive_is_seen_by_the_operators(town: Town, who: str) -> None:
    introduced(town)
    town.receipt(who, "failed", "1")
    assert needs_a_person() == [(Kind.UNDELIVERED, who)]
    concern = Concern.get()
    assert concern.request.person.number == PEOPLE["amina"]
    town.receipt(who, "failed", "1")
    assert needs_a_person() == [(Kind.UNDELIVERED, who)], "said once"
    town.receipt(who, "delivered")
    assert needs_a_person() == [], "it arrived after all"


def test_a_question_the_asker_never_got_is_seen_by_the_operators(town: Town) -> None:
    for who, words in (("bram", "BENEVOLE 1050 Bram"), ("amina", "AIDE 1050 courses"), ("bram", "OUI")):
        town.texts(who, words)
    town.receipt("amina", "rejected", "6")
    assert needs_a_person() == [(Kind.UNDELIVERED, "amina")]


@pytest.mark.parametrize("code", ["3", "4", "9"])
def test_a_number_reported_gone_is_not_written_to_again_until_somebody_writes_from_it(
    found_town: Found, code: str
) -> None:
    town = two_volunteers_and_one_asked(found_town)
    town.receipt("bram", "failed", code)
    assert Person.get(number=PEOPLE["bram"]).gone_at is not None
    town.texts("chloe", "NON")
    town.texts("dirk", "AIDE 1050 pharmacie")
    assert town.unread("bram") == []
    town.texts("bram", "BENEVOLE 1050")
    assert "Bienvenue" in town.unread("bram")[0]
    town.texts("elise", "AIDE 1050 courses")
    assert "courses" in town.unread("bram")[1]


def test_a_number_the_carrier_bars_is_not_written_to_again(town: Town) -> None:
    town.vonage.answers.append(lambda *_: (200, refused("7", "Number barred")))
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts("amina", "AIDE 1050 courses")
    assert len(town.vonage.texts_to(PEOPLE["bram"])) == 1
    assert "Personne n'est libre" in town.unread("amina")[0]


def test_a_letter_about_a_meeting_that_was_taken_back_names_nobody_any_more(found_town: Found) -> None:
    town = found_town()
    for who, words in (("bram", "BENEVOLE 1050 Bram"), ("amina", "AIDE 1050 courses"), ("bram", "OUI")):
        town.texts(who, words)
    town.reads_all()
    for who in ("amina", "bram"):  # the introductions cannot go yet
        town.vonage.answers_to[PEOPLE[who]] = lambda *_: (503, "")
    town.texts("amina", "OUI")
    town.vonage.answers_to.clear()
    town.reads_all()
    town.deliver("amina", "ANNULER")
    until(lambda: Request.get().step == RequestStep.WITHDRAWN, "Amina's request is taken back")
    town.pass_time(timedelta(minutes=5))
    assert "annulée" in town.unread("amina")[-1]
    assert not [text for who in ("amina", "bram") for text in town.unread(who) if "0470 12 34 0" in text]


def test_receipts_late_twice_out_of_order_and_for_nobody_change_nothing_more(town: Town) -> None:
    introduced(town)
    for status, code in (("delivered", "0"), ("buffered", "0"), ("failed", "1"), ("delivered", "0"), ("expired", "1")):
        town.receipt("bram", status, code)
    letter = Letter.select().where(Letter.person == Person.get(number=PEOPLE["bram"])).order_by(Letter.id.desc()).get()
    assert (letter.state, letter.fault) == ("delivered", None)
    assert needs_a_person() == []


def test_a_receipt_that_nobody_is_there_does_not_silence_somebody_who_has_written_since(town: Town) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts("amina", "AIDE 1050 courses")
    town.clock.skip(timedelta(minutes=10))
    town.texts("amina", "INFO")
    town.receipt("amina", "failed", "3", nth=0)
    town.texts("bram", "OUI")
    assert "Bonne nouvelle" in town.unread("amina")[-1]


def test_whoever_is_at_a_dead_number_when_somebody_waits_for_them_is_seen_by_the_operators(town: Town) -> None:
    for who, words in (("bram", "BENEVOLE 1050 Bram"), ("amina", "AIDE 1050 courses"), ("bram", "OUI")):
        town.texts(who, words)
    town.receipt("bram", "failed", "3")
    town.texts("amina", "OUI")
    assert needs_a_person() == [(Kind.UNDELIVERED, "bram")]


def test_a_volunteer_who_says_yes_to_someone_at_a_dead_number_is_seen_by_the_operators(town: Town) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts("amina", "AIDE 1050 courses")
    town.receipt("amina", "failed", "3")
    town.texts("bram", "OUI")
    assert needs_a_person() == [(Kind.UNDELIVERED, "amina")]


def test_an_introduction_that_waits_while_its_number_turns_out_dead_is_seen_by_the_operators(found_town: Found) -> None:
    town = both_say_yes_in_the_evening(found_town)
    town.receipt("bram", "failed", "3")
    at(town, "08:05")
    town.pass_time(timedelta(0))
    assert needs_a_person() == [(Kind.UNDELIVERED, "bram")]


def test_a_second_letter_that_does_not_arrive_is_seen_although_the_first_one_did_after_all(town: Town) -> None:
    for who, words in (("bram", "BENEVOLE 1050 Bram"), ("amina", "AIDE 1050 courses"), ("bram", "OUI")):
        town.texts(who, words)
    town.receipt("amina", "failed", "1")
    town.receipt("amina", "delivered")
    town.texts("amina", "OUI")
    town.receipt("amina", "failed", "1")
    assert needs_a_person() == [(Kind.UNDELIVERED, "amina")]


@pytest.mark.parametrize(
    ("who", "words", "waits"), [("amina", "LISTE pain, lait", "bram"), ("bram", "ANNULER", "amina")]
)
def test_a_list_or_a_withdrawal_that_does_not_arrive_is_seen_by_the_operators(
    town: Town, who: str, words: str, waits: str
) -> None:
    introduced(town)
    town.texts("chloe", "BENEVOLE 1050 Chloé")
    town.texts(who, words)
    town.receipt(waits, "failed", "6")
    assert needs_a_person() == [(Kind.UNDELIVERED, waits)]


def test_an_asker_hears_that_their_volunteer_cannot_come_also_when_nobody_else_is_left(town: Town) -> None:
    introduced(town)
    town.texts("bram", "ANNULER")
    assert "n'est plus libre" in town.unread("amina")[0]
    assert "personne n'a encore dit oui" in town.unread("amina")[1]


def test_a_list_put_off_until_the_morning_is_not_sent_once_the_meeting_was_taken_back(found_town: Found) -> None:
    town = both_say_yes_in_the_evening(found_town, "AIDE 1050 courses, rue des Roses")
    town.texts("amina", "ANNULER")
    at(town, "08:05")
    town.pass_time(timedelta(0))
    assert not any("Roses" in text for text in town.unread("bram"))


def test_a_telephone_that_is_off_is_tried_again_however_often_the_carrier_was_busy_before(town: Town) -> None:
    introduced(town)
    Letter.update(attempts=4, state="waiting", sent_at=None).where(Letter.notice == "introduce_to_asker").execute()
    town.pass_time(timedelta(0))
    town.receipt("amina", "failed", "2")
    town.reads_all()
    town.pass_time(timedelta(minutes=21))
    assert "Bram" in town.unread("amina")[0]


def test_whoever_may_have_read_the_question_hears_that_a_neighbour_was_faster(town: Town) -> None:
    for who, words in (("bram", "BENEVOLE 1050 Bram"), ("chloe", "BENEVOLE 1050 Chloé")):
        town.texts(who, words)
    town.reads_all()
    town.vonage.answers_to[PEOPLE["chloe"]] = lambda *_: None  # it has the letter, and hangs up on us
    town.deliver("amina", "AIDE 1050 courses")
    until(lambda: bool(town.unread("chloe")), "Chloé is asked")
    for times in (1, 2):  # nobody knows whether it went: the second time, it waits before it is tried once more
        until(lambda times=times: len(town.vonage.texts_to(PEOPLE["chloe"])) > times, "it is with the carrier")
        town.clock.skip(timedelta(minutes=3))
        town.sweep()
        until(lambda times=times: Letter.select().where(Letter.cut_off == times).exists(), "it is found cut off")
    town.vonage.answers_to.clear()
    town.texts("bram", "OUI")
    town.pass_time(timedelta(minutes=10))
    assert "Quelqu'un d'autre" in town.unread("chloe")[-1]


def test_a_letter_that_arrives_after_all_does_not_hide_another_that_did_not(town: Town) -> None:
    introduced(town)
    town.receipt("amina", "failed", "1", nth=-2)  # somebody was found
    town.receipt("amina", "failed", "1")  # and who it is
    assert needs_a_person() == [(Kind.UNDELIVERED, "amina")]
    town.receipt("amina", "delivered", nth=-2)
    town.sweep()
    assert needs_a_person() == [(Kind.UNDELIVERED, "amina")]


def test_a_volunteer_who_cannot_come_to_somebody_who_cannot_be_reached_is_seen_by_an_operator(town: Town) -> None:
    introduced(town)
    town.receipt("amina", "failed", "3")
    for concern in concerns.open_concerns():
        concerns.close_concern(concern, "nadia", town.clock())  # who told Amina on another line that Bram will come
    town.texts("bram", "ANNULER")
    assert (Kind.UNDELIVERED, "amina") in needs_a_person()


def test_a_volunteer_who_reads_no_texts_any_more_is_told_by_an_operator_whom_to_help(town: Town) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts("amina", "AIDE 1050 courses")
    town.texts("bram", "OUI")
    calls.calls(town, "bram", need="dog", no_sms="on")  # for himself
    town.texts("amina", "OUI")
    assert (Kind.UNDELIVERED, "bram") in needs_a_person()
