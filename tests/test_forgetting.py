"""Nothing is kept too long: erased at one's wish, emptied with age; and every column is accounted for."""

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from db import connection, models, privacy
from db.deeds import Did
from db.models import Letter, Offer, Person, Request, Table, Text
from db.outbox import FAILED
from db.postcodes import place
from db.steps import OfferStep, RequestStep
from smsgate import people
from smsgate.people import Unknown
from tests.fake_vonage import refused
from tests.test_time import Found, introduced
from tests.town import PEOPLE, Town, until

# What Amina has told us and nobody else has: no row may hold any of it once she is erased.
AMINAS = ("32470123400", "0470123400", "Zenobie", "1050", "artichauts", "quinoa")


def left_of(secrets: tuple[str, ...]) -> dict[str, list[str]]:
    """Which columns still hold any of these."""
    found: dict[str, list[str]] = {}
    for table in Table.__subclasses__():
        # How many there are at a postcode tells of nobody, and is counted anew within minutes.
        sought = tuple(secret for secret in secrets if not place(secret)) if table is models.Tally else secrets
        for row in table.select().dicts():
            for column, value in row.items():
                if isinstance(value, str) and any(secret in value for secret in sought):
                    found.setdefault(f"{table.__name__}.{column}", []).append(value)
    return found


def met(town: Town) -> None:
    """Amina, who gave her name and a list, and Bram have met; everything read."""
    for who, words in (
        ("bram", "BENEVOLE 1060 Bram"),
        ("amina", "AIDE 1050 courses, c'est Zenobie"),
        ("amina", "LISTE artichauts"),
        ("bram", "OUI"),
        ("amina", "OUI"),
        ("amina", "LISTE quinoa"),
    ):
        town.texts(who, words)
    town.reads_all()


# --- at one's wish


@pytest.mark.parametrize(
    ("erase", "yes", "asked", "done"),
    [
        ("EFFACER", "OUI", "effacions tout ce qui vous concerne", "est effacé"),
        ("WISSEN", "JA", "alles over u wissen", "alles over u is gewist"),
        ("LÖSCHEN", "JA", "alles löschen, was wir über Sie", "ist gelöscht"),
        ("ERASE", "YES", "erase everything we keep about you", "is erased"),
    ],
)
def test_erased_after_one_question_and_nothing_is_left(town: Town, erase: str, yes: str, asked: str, done: str) -> None:
    join = {"EFFACER": "AIDE", "WISSEN": "HULP", "LÖSCHEN": "HILFE", "ERASE": "HELP"}[erase]
    town.texts("amina", f"{join} 1050 Zenobie")
    town.reads_all()
    town.texts("amina", erase)
    assert asked in town.unread("amina")[0]
    assert left_of(AMINAS), "nothing is erased before the yes"
    town.texts("amina", yes)
    assert done in town.unread("amina")[1]
    assert left_of(AMINAS) == {}
    assert Request.select().count() == 1, "that somebody asked remains, as a count"


def test_a_running_introduction_is_closed_first_and_the_other_side_is_told(town: Town) -> None:
    met(town)
    town.texts("amina", "EFFACER")
    town.texts("amina", "OUI")
    assert "Votre aide n'est finalement plus nécessaire" in town.unread("bram")[0]
    assert Request.get().step == RequestStep.WITHDRAWN
    assert left_of(AMINAS) == {}


def test_a_volunteer_who_is_erased_leaves_a_promise_that_others_are_asked_for(town: Town) -> None:
    met(town)
    town.texts("chloe", "BENEVOLE 1060 Chloé")
    town.texts("bram", "EFFACER")
    town.texts("bram", "OUI")
    assert "n'est plus libre" in town.unread("amina")[0]
    assert "courses" in town.unread("chloe")[1]
    assert left_of(("32470123401", "0470123401", "Bram")) == {}


def test_no_means_nothing_is_erased_and_the_question_of_before_is_open_again(found_town: Found) -> None:
    town = found_town(matching_wave_size="1")
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        amina > AIDE 1050 courses
        amina < C'est noté
        bram  < courses
        bram  > EFFACER
        bram  < effacions
        bram  > NON
        bram  < rien n'est effacé
        bram  > OUI
        bram  < Merci beaucoup
        amina < Bonne nouvelle
    """)


def test_without_an_answer_nothing_is_erased(town: Town) -> None:
    town.plays("""
        bram  > BENEVOLE 1050 Bram
        bram  < Bienvenue
        bram  > EFFACER
        bram  < effacions
        --- 47h
        dirk  > AIDE 1050 courses
        dirk  < Personne n'est libre
        --- 2h
        --- 1h
        bram  < courses
    """)


def test_whoever_wanted_no_messages_can_still_be_erased(town: Town) -> None:
    town.plays("""
        amina > AIDE 1050
        amina < Personne n'est libre
        amina > STOP
        amina < nous ne vous écrirons plus
        amina > EFFACER
        amina < effacions
        amina > OUI
        amina < est effacé
    """)
    assert left_of(AMINAS) == {}


def test_the_last_letter_knows_the_number_until_it_has_gone_and_no_longer(town: Town) -> None:
    town.texts("amina", "AIDE 1050")
    town.texts("amina", "EFFACER")
    town.vonage.answers_to[PEOPLE["amina"]] = lambda *_: (503, "")
    town.texts("amina", "OUI")
    assert list(left_of(AMINAS)) == ["Letter.number"]
    town.vonage.answers_to.clear()
    town.pass_time(timedelta(minutes=2))
    assert left_of(AMINAS) == {}
    town.vonage.answers_to[PEOPLE["bram"]] = lambda *_: (200, refused("6", "Unroutable"))
    for words in ("AIDE 1050", "EFFACER", "OUI"):
        town.texts("bram", words)
    assert not Letter.select().where(Letter.number.is_null(False)).exists(), "nor if it can never go"
    assert not Letter.select().where(Letter.state == FAILED).exists()


def test_whoever_was_erased_is_a_stranger_when_they_write_again(town: Town) -> None:
    for words in ("AIDE 1050 Zenobie", "EFFACER", "OUI"):
        town.texts("amina", words)
    town.reads_all()
    town.texts("amina", "AIDE 1060 courses")
    assert "Personne n'est libre près de 1060" in town.unread("amina")[0]
    assert Person.select().count() == 2
    assert Person.get(number=PEOPLE["amina"]).name is None


def test_what_somebody_writes_while_they_are_erased_is_heard_as_from_somebody_new(town: Town) -> None:
    for words in ("AIDE 1050 Zenobie", "EFFACER"):
        town.texts("amina", words)
    with town.workers[0].hearing.lock:  # so that both wait
        for words in ("OUI", "AIDE 1060 pharmacie"):
            town.deliver("amina", words)
    town.settle()
    last_two = sorted(town.unread("amina")[2:])  # to two different people: in either order
    assert "est effacé" in last_two[0]
    assert "Personne n'est libre près de 1060" in last_two[1]
    assert left_of(("Zenobie", "1050")) == {}


def test_a_letter_in_hand_when_its_person_is_erased_never_goes_again_and_its_receipt_brings_nothing_back(
    town: Town,
) -> None:
    town.texts("amina", "AIDE 1050 Zenobie")
    town.vonage.answers_to[PEOPLE["amina"]] = lambda *_: None
    town.deliver("amina", "EFFACER")
    until(lambda: Letter.select().where(Letter.notice == "erase_really", Letter.attempts > 0).exists(), "in hand")
    town.deliver("amina", "OUI")
    until(lambda: not town.waiting_texts(), "heard")
    town.vonage.answers_to.clear()
    town.pass_time(timedelta(minutes=3))
    town.receipt("amina", "delivered", nth=0)
    for nth in (1, -1):
        town.receipt("amina", "failed", "3", nth=nth)
    assert all(sent.to == PEOPLE["amina"] for sent in town.vonage.sent)
    assert not Letter.select().where(Letter.carrier_ref.is_null(False)).exists()
    assert Person.get().gone_at is None


def test_an_introduction_tried_again_does_not_name_somebody_who_was_erased_meanwhile(town: Town) -> None:
    introduced(town)
    town.receipt("amina", "failed", "2")
    Request.update(step=RequestStep.HELPED).execute()
    for words in ("EFFACER", "OUI"):
        town.texts("bram", words)
    town.reads_all()
    town.pass_time(timedelta(minutes=25))
    assert town.unread("amina") == []


@pytest.mark.parametrize("words", ["AIDE 1050 courses", "1050"])
def test_whoever_asks_for_help_instead_of_answering_is_not_erased_by_their_next_yes(town: Town, words: str) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    if words == "1050":
        town.texts("amina", "AIDE")
    town.texts("amina", "EFFACER")
    town.texts("amina", words)
    town.texts("bram", "OUI")
    assert "Bonne nouvelle" in town.unread("amina")[-1]
    town.texts("amina", "OUI")
    assert "Bram" in town.unread("amina")[-1]


def test_whether_help_came_can_still_be_answered_after_a_no_to_being_erased(town: Town) -> None:
    introduced(town)
    town.pass_time(timedelta(hours=25))
    for words in ("EFFACER", "NON", "OUI"):
        town.texts("amina", words)
    assert Request.get().step == RequestStep.HELPED


def test_a_volunteer_who_is_erased_the_day_after_leaves_the_asker_to_say_whether_help_came(town: Town) -> None:
    introduced(town)
    town.texts("chloe", "BENEVOLE 1050 Chloé")
    town.pass_time(timedelta(hours=25))
    town.reads_all()
    for words in ("EFFACER", "OUI"):
        town.texts("bram", words)
    assert (town.unread("amina"), town.unread("chloe")) == ([], [])
    town.texts("amina", "OUI")
    assert Request.get().step == RequestStep.HELPED


@pytest.mark.only_on("sqlite", "PostgreSQL keeps its files to itself: docs/postgresql.md says what stays in them")
def test_what_was_erased_is_not_in_the_files_either(town: Town) -> None:
    met(town)
    for words in ("EFFACER", "OUI"):
        town.texts("amina", words)
    until(connection.let_go_of_the_past, "nobody reads the log")
    folder = Path(town.settings["database.url"].removeprefix("sqlite:///")).parent
    kept = b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
    for secret in (b"32470123400", b"Zenobie", b"artichauts"):
        assert secret not in kept


# --- shown


def test_a_person_gets_all_that_is_held_on_them(town: Town) -> None:
    met(town)
    shown = people.export("0470 12 34 00")
    said = json.dumps(shown, ensure_ascii=False)
    for secret in ("32470123400", "Zenobie", "1050", "artichauts", "quinoa"):
        assert secret in said
    assert {"person", "request", "offer", "text", "letter"} <= shown.keys()
    assert "Bram" not in said
    assert PEOPLE["bram"] not in said
    with pytest.raises(Unknown, match="is known here"):
        people.export("0470 99 99 99")
    with pytest.raises(Unknown, match="Write it as"):
        people.export("12")


# --- with age


def test_words_older_than_thirty_days_are_emptied_every_night(town: Town) -> None:
    met(town)
    town.texts("amina", "ANNULER")
    town.pass_time(timedelta(days=29))
    assert Text.select().where(Text.words != "").exists()
    town.pass_time(timedelta(days=2))
    town.pass_time(timedelta(days=1))
    assert not Text.select().where((Text.words != "") | (Text.sender != "")).exists()
    assert not Letter.select().where(Letter.details != "{}", Letter.notice != "follow_up").exists()
    assert Request.get().details == ""
    assert Person.get(number=PEOPLE["amina"]).name == "Zenobie", "people stay longer than their words"


def test_a_text_that_is_brought_again_after_it_was_emptied_is_not_heard_again(town: Town) -> None:
    fields = town.fields("amina", "INFO")
    town.http.post("/webhooks/inbound", data=fields)
    town.settle()
    privacy.empty_old(town.clock() + timedelta(days=31), timedelta(days=30), 100)
    assert town.http.post("/webhooks/inbound", data=fields).status_code == 200
    town.settle()
    assert (Text.select().count(), len(town.unread("amina"))) == (1, 1)


def test_a_request_that_is_open_keeps_its_words(town: Town) -> None:
    town.texts("amina", "AIDE 1050 artichauts frais")
    privacy.empty_old(town.clock() + timedelta(days=31), timedelta(days=30), 100)
    assert "artichauts" in Request.get().details


@pytest.mark.parametrize(
    ("join", "warns"),
    [
        ("BENEVOLE 1050", "nous effacerons vos données"),
        ("VRIJWILLIGER 1050", "wissen we uw gegevens"),
        ("FREIWILLIG 4700", "löschen Ihre Daten"),
        ("VOLUNTEER 1050", "will erase your data"),
    ],
)
def test_whoever_has_not_written_for_a_year_is_warned_and_then_forgotten(town: Town, join: str, warns: str) -> None:
    town.texts("bram", join)
    town.texts("chloe", "BENEVOLE 1050 Chloé")
    town.texts("dirk", "INFO")
    town.texts("dirk", "STOP")
    town.reads_all()
    town.pass_time(timedelta(days=364))
    assert town.unread("bram") == []
    town.pass_time(timedelta(days=2))
    assert warns in town.unread("bram")[0]
    assert town.unread("dirk") == [], "whoever wants no messages is forgotten without one"
    town.texts("chloe", "START")
    town.pass_time(timedelta(days=13))
    assert Person.get_or_none(number=PEOPLE["bram"])
    town.pass_time(timedelta(days=2))
    assert left_of((PEOPLE["bram"], PEOPLE["dirk"])) == {}
    assert Person.get(number=PEOPLE["chloe"]).name == "Chloé"
    assert len(town.unread("bram")) == 1


def test_a_number_nobody_wrote_from_is_not_kept_for_ever_either(town: Town) -> None:
    town.workers[0].journey.block(models.get_or_create_person(PEOPLE["amina"], town.clock()), town.clock())
    town.pass_time(timedelta(days=366))
    assert left_of((PEOPLE["amina"],)) == {}


# --- every column is accounted for


def test_every_column_is_personal_and_emptied_or_can_tell_nobody_apart() -> None:
    for table in Table.__subclasses__():
        columns = {field for field in table._meta.sorted_fields if field.name != "id"}
        emptied = set(privacy.EMPTIED.get(table, {})) | {
            field for field in privacy.EMPTIED_APART if field.model is table
        }
        impersonal = set(privacy.IMPERSONAL.get(table, ()))
        assert not emptied & impersonal, table
        unsaid = {field.name for field in columns - emptied - impersonal}
        assert not unsaid, f"{table.__name__}: is {unsaid} personal? db/privacy.py must say so"


def test_whatever_is_personal_is_exported(town: Town) -> None:
    met(town)
    shown = people.export("0470 12 34 00")
    for table in privacy.EMPTIED:
        if shown[table._meta.table_name]:
            columns = shown[table._meta.table_name][0].keys()
            assert {field.name for field in privacy.EMPTIED[table]} <= set(columns)


def test_people_of_every_table_are_found() -> None:
    person = models.Person(id=1, number="32470123400")
    assert privacy.rows_of(person).keys() == {*Table.__subclasses__()} - {models.Profile, models.Health, models.Tally}


# --- who may look


@pytest.mark.only_on("sqlite", "PostgreSQL keeps its files to itself")
def test_only_its_owner_may_read_the_database_and_what_lies_beside_it(town: Town) -> None:
    introduced(town)
    files = list(Path(town.settings["database.url"].removeprefix("sqlite:///")).parent.iterdir())
    assert len(files) >= 4, "the database, its log, its index and the queue"
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file.name


# --- blocked


def test_a_blocked_number_is_not_answered_and_what_it_has_open_ends(town: Town) -> None:
    town.texts("bram", "BENEVOLE 1060 Bram")
    town.texts("amina", "AIDE 1050 courses")
    town.reads_all()
    people.do(Did.BLOCK, "0470 12 34 00", town.settings.rules(), "operator")
    town.sweep()
    town.settle()
    assert "plus nécessaire" in town.unread("bram")[0]
    for words in ("AIDE 1050 courses", "STOP", "je suis tombée"):
        town.texts("amina", words)
    assert town.unread("amina") == []
    assert Offer.get().step == OfferStep.WITHDRAWN
    people.do(Did.UNBLOCK, "0470 12 34 00", town.settings.rules(), "operator")
    town.texts("amina", "INFO")
    assert len(town.unread("amina")) == 1
    assert [deed.did for deed in models.Deed.select()] == ["block", "unblock"]
