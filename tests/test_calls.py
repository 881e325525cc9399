"""Requests by telephone: the same journey as by text, with a yes given by voice, and a call instead of silence."""

from datetime import timedelta

import pytest

from db import concerns, desk
from db.concerns import Kind
from db.deeds import Did
from db.desk import Caller
from db.models import Concern, Deed, Offer, Person, Request, Volunteer
from db.steps import OfferStep, OutOfStep, RequestStep
from smsgate import places, telephone
from smsgate.hours import next_morning
from smsgate.telephone import NotTaken
from tests import calls
from tests.calls import LANDLINE, latest, ring
from tests.test_time import Found
from tests.town import PEOPLE, SERVICE, Town


def to_ring() -> list[tuple[str, str | None]]:
    """Whom a telephonist is to ring, and what about."""
    return [(row.person.number, row.notice) for row in concerns.open_concerns() if row.kind == Kind.CALL_BACK]


def evening(town: Town) -> None:
    """It is ten minutes before the quiet hours, which begin at 20:00."""
    morning = next_morning(town.clock(), town.settings["service.timezone"])
    town.pass_time(morning + timedelta(hours=11, minutes=20))


@pytest.fixture
def two_volunteers(found_town: Found) -> Town:
    """Bram is asked first, then Chloé."""
    town = found_town(matching_wave_size="1")
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts("chloe", "BENEVOLE 1060 Chloé")
    town.reads_all()
    return town


# --- a yes given by voice


def test_whoever_agreed_by_telephone_is_introduced_at_the_first_yes(two_volunteers: Town) -> None:
    town = two_volunteers
    request = calls.calls(town, "amina", name="Amina", consented="on", words="deux pains gris")
    town.plays("""
        amina < C'est noté: courses, 1050 Ixelles
        bram  < courses, 1050 Ixelles
        bram  > OUI
        amina < Bram va vous aider
        bram  < C'est oui! Appelez Amina au 0470 12 34 00
        bram  < deux pains gris
    """)
    assert Request.get_by_id(request.id).step == RequestStep.INTRODUCED
    deed = Deed.get(Deed.did == Did.ASKED_CONSENTED)
    assert (deed.by, deed.request.id) == (calls.BY, request.id)


def test_whoever_rings_from_a_landline_is_introduced_to_the_volunteer_alone(two_volunteers: Town) -> None:
    town = two_volunteers
    calls.calls(town, LANDLINE, name="Lucie", consented="on")
    town.plays("""
        bram < courses, 1050 Ixelles
        bram > OUI
        bram < Appelez Lucie au 02 512 34 56
        --- 24h
        --- 49h
        bram < Avez-vous pu aider Lucie
        bram > OUI
        bram < Merci
    """)
    assert town.vonage.texts_to(LANDLINE) == []
    assert latest().helped is True


def test_whoever_did_not_agree_by_telephone_is_asked_by_text_as_everyone_is(two_volunteers: Town) -> None:
    town = two_volunteers
    calls.calls(town, "amina")
    town.plays("""
        amina < C'est noté
        bram  < courses
        bram  > OUI
        bram  < Nous demandons l'accord
        amina < Bonne nouvelle
        amina > NON
        bram  < plus nécessaire
        chloe < courses
        amina < nous ne donnons ni votre prénom ni votre numéro
    """)


def test_the_yes_of_a_landline_is_asked_by_a_call(two_volunteers: Town) -> None:
    town = two_volunteers
    request = calls.calls(town, LANDLINE, name="Lucie")
    town.plays("""
        bram < courses
        bram > OUI
        bram < Nous demandons l'accord
    """)
    assert to_ring() == [(LANDLINE, "volunteer_found")]
    calls.desk(town).refuse(Request.get_by_id(request.id), town.clock())
    ring(town)
    assert to_ring() == []
    town.plays("""
        bram  < plus nécessaire
        chloe < courses
        chloe > OUI
        chloe < Nous demandons l'accord
    """)
    assert to_ring() == [(LANDLINE, "volunteer_found")]
    calls.desk(town).agree(Request.get_by_id(request.id), town.clock())
    ring(town)
    town.plays("chloe < Appelez Lucie au 02 512 34 56")
    assert to_ring() == []
    assert town.vonage.texts_to(LANDLINE) == []


def test_a_call_that_is_not_made_in_time_frees_the_volunteer_and_is_still_to_be_made(two_volunteers: Town) -> None:
    town = two_volunteers
    calls.calls(town, LANDLINE)
    town.plays("""
        bram < courses
        bram > OUI
        bram < Nous demandons l'accord
        --- 3h
        --- 3h
        bram < n'a pas répondu
    """)
    assert to_ring() == [(LANDLINE, "confirm_expired")]


def test_agreeing_by_telephone_answers_the_question_that_was_put_by_text(two_volunteers: Town) -> None:
    town = two_volunteers
    town.plays("""
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        bram  > OUI
        bram  < Nous demandons l'accord
        amina < Bonne nouvelle
    """)
    calls.calls(town, "amina", consented="on")
    town.plays(
        """
        amina < Bram va vous aider
        bram  < Appelez
        amina > OUI
        amina < nous n'avons pas compris
    """
    )
    assert Request.select().count() == 1


# --- at night


def test_a_yes_in_the_evening_to_somebody_who_agreed_is_an_introduction_in_the_morning(found_town: Found) -> None:
    town = found_town(matching_quiet_hours="20:00-08:00")
    evening(town)
    town.texts("bram", "BENEVOLE 1050 Bram")
    calls.calls(town, LANDLINE, name="Lucie", consented="on")
    town.reads_all()
    town.pass_time(timedelta(minutes=15))
    town.texts("bram", "OUI")
    assert town.unread("bram") == [
        "Merci beaucoup! Dès le matin, vous recevrez le prénom et le numéro de la personne pour l'appeler."
    ]
    town.reads_all()
    town.pass_time(timedelta(hours=12))
    town.plays("bram < Appelez Lucie au 02 512 34 56")
    assert town.vonage.texts_to(LANDLINE) == []


def test_a_request_taken_at_night_waits_for_the_morning(found_town: Found) -> None:
    town = found_town(matching_quiet_hours="20:00-08:00")
    evening(town)
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.reads_all()
    town.pass_time(timedelta(minutes=30))
    calls.calls(town, "amina", consented="on")
    town.plays("amina < dès le matin")
    town.pass_time(timedelta(hours=12))
    town.plays("bram < courses")


# --- a call instead of silence


def test_whoever_cannot_read_that_nobody_was_found_is_rung(two_volunteers: Town) -> None:
    town = two_volunteers
    calls.calls(town, LANDLINE)
    assert to_ring() == []
    town.pass_time(timedelta(minutes=16))
    town.pass_time(timedelta(minutes=16))
    assert to_ring() == [(LANDLINE, "nobody_found")]
    assert concerns.count_by_kind()["nobody"] == 0, "one case is enough"
    for _ in range(9):
        town.pass_time(timedelta(days=1))
    assert to_ring() == [(LANDLINE, "request_expired")]
    assert town.vonage.texts_to(LANDLINE) == []


def test_what_the_caller_heard_on_the_telephone_needs_no_call(town: Town) -> None:
    calls.calls(town, LANDLINE)
    assert to_ring() == []
    assert concerns.count_by_kind()["nobody"] == 1


def test_whoever_gets_no_texts_is_rung_to_ask_whether_help_came(two_volunteers: Town) -> None:
    town = two_volunteers
    request = calls.calls(town, LANDLINE, consented="on")
    town.texts("bram", "OUI")
    town.pass_time(timedelta(hours=25))
    assert to_ring() == [(LANDLINE, "follow_up")]
    calls.desk(town).helped(Request.get_by_id(request.id), town.clock())
    assert to_ring() == []
    assert (latest().step, latest().helped) == (RequestStep.HELPED, True)


def test_a_call_that_has_settled_itself_is_closed_by_nobody(two_volunteers: Town) -> None:
    town = two_volunteers
    calls.calls(town, LANDLINE, consented="on")
    town.pass_time(timedelta(minutes=16))
    town.pass_time(timedelta(minutes=16))
    assert to_ring() == [(LANDLINE, "nobody_found")]
    town.texts("chloe", "OUI")
    assert to_ring() == []
    town.sweep()
    assert Concern.get(Concern.kind == Kind.CALL_BACK).closed_by == ""


# --- on somebody's word


def test_whoever_rings_to_say_that_nobody_came_is_found_somebody_else(two_volunteers: Town) -> None:
    town = two_volunteers
    request = calls.calls(town, "amina", consented="on")
    town.texts("bram", "OUI")
    town.reads_all()
    calls.desk(town).not_helped(Request.get_by_id(request.id), True, town.clock())
    ring(town)
    town.plays("""
        amina < C'est noté: courses
        chloe < courses
        chloe > OUI
        amina < Chloé va vous aider
        chloe < Appelez
    """)
    assert (latest().helped, latest().step) == (False, RequestStep.INTRODUCED)


def test_whoever_rings_to_say_that_help_came_is_not_asked_again(two_volunteers: Town) -> None:
    town = two_volunteers
    request = calls.calls(town, "amina", consented="on")
    town.texts("bram", "OUI")
    town.reads_all()
    calls.desk(town).helped(Request.get_by_id(request.id), town.clock())
    ring(town)
    town.plays("""
        amina < Merci
        --- 25h
    """)


def test_a_request_is_taken_back_on_the_callers_word(two_volunteers: Town) -> None:
    town = two_volunteers
    request = calls.calls(town, "amina")
    town.reads_all()
    calls.desk(town).cancel(Request.get_by_id(request.id), town.clock())
    ring(town)
    town.plays("""
        amina < est annulée
        bram  < plus nécessaire
    """)
    for too_late in ("cancel", "retry", "agree", "helped"):
        with pytest.raises(OutOfStep):
            getattr(calls.desk(town), too_late)(Request.get_by_id(request.id), town.clock())


def test_more_volunteers_are_asked_at_once_at_the_callers_wish(two_volunteers: Town) -> None:
    town = two_volunteers
    request = calls.calls(town, "amina")
    calls.desk(town).retry(Request.get_by_id(request.id), town.clock())
    ring(town)
    assert "courses" in town.unread("chloe")[0]
    assert Offer.select().where(Offer.step == OfferStep.ASKED).count() == 2


# --- texts, or calls


def test_whoever_reads_no_texts_is_rung_until_they_write(two_volunteers: Town) -> None:
    town = two_volunteers
    calls.calls(town, "amina", no_sms="on")
    assert town.vonage.texts_to(PEOPLE["amina"]) == []
    town.texts("amina", "AIDE")
    assert len(town.vonage.texts_to(PEOPLE["amina"])) == 1


def test_a_landline_that_is_erased_gets_no_goodbye(town: Town) -> None:
    from smsgate import people

    calls.calls(town, LANDLINE, name="Lucie")
    people.do(Did.FORGET, "02 512 34 56", town.settings.rules(), "operator")
    ring(town)
    assert town.vonage.texts_to(LANDLINE) == []
    assert not Person.select().where(Person.number == LANDLINE).exists()


def test_a_volunteer_is_taken_down_by_telephone(town: Town) -> None:
    said = {"number": "0470 12 34 01", "place": "Ixelles", "name": "Bram", "language": "nl", "need_dog": "on"}
    call = telephone.read(said | {"speaks_nl": "on"}, SERVICE, as_volunteer=True)
    telephone.join(call, town.settings.rules(), calls.BY, town.clock())
    ring(town)
    assert "Welkom" in town.unread("bram")[0]
    volunteer = Volunteer.get()
    assert (volunteer.postcode, volunteer.needs, volunteer.languages, volunteer.free) == ("1050", "dog", "nl", True)


def test_no_more_requests_are_taken_for_one_number_than_by_text(found_town: Found) -> None:
    town = found_town(limits_requests_per_day="1")
    calls.calls(town, "amina")
    calls.desk(town).cancel(latest(), town.clock())
    with pytest.raises(NotTaken, match="enough_today"):
        calls.calls(town, "amina")


def test_a_blocked_number_is_not_taken_down(town: Town) -> None:
    from smsgate import people

    people.do(Did.BLOCK, "0470 12 34 00", town.settings.rules(), "operator")
    before = Person.get().seen_at
    with pytest.raises(NotTaken, match="blocked"):
        calls.calls(town, "amina")
    assert Person.get().seen_at == before


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({}, {"number": "number", "place": "no_place", "need": "need"}),
        ({"number": "12", "place": "1059", "need": "gold"}, {"number": "number", "place": "place", "need": "need"}),
        ({"number": "0900 12 345", "place": "1050", "need": "dog"}, {"number": "number"}),
        ({"number": "0460 20 03 00", "place": "Ixelles", "need": "dog"}, {"number": "our_number"}),
        ({"number": "02 512 34 56", "place": "1050 Ixelles", "need": "dog"}, {}),
    ],
)
def test_what_cannot_be_taken_down_is_said_all_at_once(said: dict[str, str], faults: dict[str, str]) -> None:
    try:
        telephone.read(said, SERVICE)
        found: dict[str, str] = {}
    except NotTaken as wrong:
        found = dict(wrong.faults)
    assert found == faults


def test_a_volunteer_needs_a_telephone_that_gets_texts() -> None:
    with pytest.raises(NotTaken, match="volunteer_number"):
        telephone.read({"number": "02 512 34 56", "place": "1050"}, SERVICE, as_volunteer=True)


def test_a_caller_who_leaves_something_out_keeps_what_we_know(town: Town) -> None:
    town.texts("amina", "HULP 1050 boodschappen, ik ben Amina")
    person = desk.meet(Caller(PEOPLE["amina"]), town.clock())
    assert (person.name, person.language, person.no_sms) == ("Amina", "nl", False)


# --- places


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("105", "1050 Ixelles"),
        ("ixel", "1050 Ixelles"),
        ("ELSEN", "1050 Ixelles"),
        ("liege", "4000 Liège"),
        ("lambert", "1200 Woluwe-Saint-Lambert"),
    ],
)
def test_a_place_completes_itself(typed: str, found: str) -> None:
    assert found in places.completions(typed, "fr")


def test_what_is_no_place_completes_to_nothing_and_what_is_misspelt_is_guessed() -> None:
    assert places.completions("", "fr") == places.completions("%_", "fr") == {}
    assert len(places.completions("1", "fr")) == places.MOST_SUGGESTED
    assert places.alike("Ixeles", "fr")[0] == "1050 Ixelles"
    assert places.alike("Xyzzyx", "fr") == []
