"""The operators' page and an opened case: masked until it is opened, noted who did, and right when all is not well."""

import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db import cases, concerns, health, tally
from db.concerns import Outcome
from db.deeds import Did
from db.models import Concern, Deed, Person, Request, Tally
from db.steps import RequestStep
from smsgate import belgium, chart, people
from smsgate.page_words import LANGUAGES, amount, since, within, words
from tests import busy_day, calls
from tests.calls import LANDLINE
from tests.operators import HASH, NADIA, Operator
from tests.test_time import Found
from tests.town import PEOPLE, Town, until

BRUSSELS = ZoneInfo("Europe/Brussels")
FALLEN = "je suis tombée, je ne peux plus me lever"
WHOLE_NUMBER = re.compile(r"04\d\d \d\d \d\d \d\d|02 \d{3} \d\d \d\d|32\d{8,9}")


@pytest.fixture
def town(found_town: Found) -> Town:
    return found_town(status_password_hash=HASH, matching_wave_size="1")


@pytest.fixture
def nadia(town: Town):  # type: ignore[no-untyped-def]
    with Operator(town) as operator:
        yield operator


def the_concern() -> Concern:
    (found,) = list(concerns.open_concerns())
    return found


# --- masked, then opened


def test_a_case_is_masked_until_it_is_opened_and_that_is_noted(town: Town, nadia: Operator) -> None:
    town.texts("amina", f"{FALLEN}, Amina")
    page = nadia.sees()
    assert "0470 ** ** 00" in page
    assert not WHOLE_NUMBER.search(page)
    assert FALLEN not in page
    opened = nadia.sees(nadia.opens(the_concern().id))
    assert "0470 12 34 00" in opened
    assert FALLEN in opened
    deed = Deed.get()
    assert (deed.by, deed.did, deed.person.number) == (NADIA, Did.OPENED, PEOPLE["amina"])


def test_an_opened_case_is_masked_again_after_an_hour_and_for_everyone_else(town: Town, nadia: Operator) -> None:
    town.texts("amina", FALLEN)
    address = nadia.opens(the_concern().id)
    with Operator(town, "operator") as other:
        assert "0470 12 34 00" not in other.http.get(address).text
    town.clock.skip(cases.STAYS_OPEN + timedelta(seconds=1))
    closed = nadia.http.get(address)
    assert (closed.status_code, "0470 12 34 00" in closed.text) == (410, False)
    again = nadia.posts(address.partition("?")[0] + "/again")
    assert "0470 12 34 00" in nadia.sees(again.headers["location"])
    assert Deed.select().where(Deed.did == Did.OPENED).count() == 2


def test_whoever_was_erased_is_seen_no_more(town: Town, nadia: Operator) -> None:
    town.texts("amina", FALLEN)
    address = nadia.opens(the_concern().id)
    people.do(Did.FORGET, "0470 12 34 00", town.settings.rules(), "operator")
    calls.ring(town)
    assert nadia.http.get(address).status_code == 410
    assert "erased" not in re.findall(r'class="number">([^<]+)<', nadia.sees())


def test_a_case_is_dealt_with_and_it_is_kept_who_did_and_what_came_of_it(town: Town, nadia: Operator) -> None:
    town.texts("amina", FALLEN)
    concern = the_concern()
    address = nadia.opens(concern.id)
    closed = nadia.posts(f"/status/concerns/{concern.id}/close", outcome="services", note="la fille est chez elle")
    assert closed.headers["location"].startswith("/status?")
    assert "Nothing needs a person" in nadia.sees()
    kept = Concern.get()
    assert (kept.closed_by, kept.outcome) == (NADIA, Outcome.SERVICES)
    assert "la fille est chez elle" in nadia.sees(address)
    nadia.posts(address.partition("?")[0] + "/note", note="rappeler <demain>")
    assert "rappeler &lt;demain&gt;" in nadia.sees(address)


@pytest.mark.parametrize("path", ["/status/concerns/1/open", "/status/cases/1/do", "/status/cases/1/note"])
def test_a_form_that_is_not_ours_opens_and_does_nothing(town: Town, nadia: Operator, path: str) -> None:
    town.texts("amina", FALLEN)
    assert nadia.http.post(path, data={"key": "0" * 64, "note": "x", "did": "cancelled"}).status_code == 403
    assert Deed.select().count() == 0


def test_what_is_not_there_leads_back_to_the_page(town: Town, nadia: Operator) -> None:
    assert nadia.posts("/status/concerns/999/open").headers["location"].startswith("/status?")
    assert nadia.http.get("/status/cases/999").status_code == 410
    assert nadia.http.get(f"/status/cases/{10**30}").status_code == 410
    assert nadia.posts(f"/status/concerns/{10**30}/open").headers["location"].startswith("/status?")
    assert nadia.posts("/status/cases/999/do", did="cancelled", request="1").status_code == 303


# --- on somebody's word


def put_to_them(page: str) -> dict[str, str]:
    """What the form of this page is about: the request, and whose yes was put to whoever is on the telephone."""
    return {name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("request", "offer")}


@pytest.mark.parametrize("did", ["agreed", "refused"])
def test_their_word_is_for_the_volunteer_they_were_told_of(town: Town, nadia: Operator, did: str) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.texts("chloe", "BENEVOLE 1050 Chloé")
    calls.calls(town, LANDLINE, name="Lucie")
    town.texts("bram", "OUI")
    address = nadia.opens(the_concern().id)
    page = nadia.sees(address)
    town.texts("bram", "ANNULER")
    town.texts("chloe", "OUI")
    town.reads_all()
    late = nadia.posts(address.partition("?")[0] + "/do", did=did, **put_to_them(page))
    assert (late.status_code, "has moved on meanwhile" in late.text) == (409, True)
    assert town.unread("chloe") == []
    now = nadia.posts(address.partition("?")[0] + "/do", did="agreed", **put_to_them(nadia.sees(address)))
    assert "Introduced to Chloé" in nadia.sees(now.headers["location"])


def test_the_yes_of_a_landline_is_passed_on_from_its_case(town: Town, nadia: Operator) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    calls.calls(town, LANDLINE, name="Lucie")
    town.texts("bram", "OUI")
    assert "may they have the number?" in nadia.sees()
    address = nadia.opens(the_concern().id)
    page = nadia.sees(address)
    assert "Bram said yes" in page
    assert "0470 12 34 01" not in page, "not before both have said yes"
    done = nadia.posts(address.partition("?")[0] + "/do", did="agreed", **put_to_them(page))
    assert "Introduced to Bram, 0470 12 34 01" in nadia.sees(done.headers["location"])
    assert "Appelez Lucie au 02 512 34 56" in town.unread("bram")[-1]
    assert Deed.select().where((Deed.did == Did.AGREED) & (Deed.by == NADIA)).count() == 1


def test_a_request_that_has_moved_on_is_shown_as_it_stands_and_nothing_is_done(town: Town, nadia: Operator) -> None:
    request = calls.calls(town, "amina")
    address = nadia.opens(the_concern().id)
    town.texts("amina", "ANNULER")
    late = nadia.posts(address.partition("?")[0] + "/do", did="retried", request=str(request.id))
    assert (late.status_code, "has moved on meanwhile" in late.text) == (409, True)
    assert Request.get().step == RequestStep.WITHDRAWN
    other = calls.calls(town, "bram")
    foreign = nadia.posts(address.partition("?")[0] + "/do", did="cancelled", request=str(other.id))
    assert foreign.status_code == 409, "a request of somebody else"


@pytest.mark.parametrize(
    ("did", "step"),
    [
        ("helped", RequestStep.HELPED),
        ("not_helped", RequestStep.NOT_HELPED),
        ("looked_again", RequestStep.SEARCHING),
        ("cancelled", RequestStep.WITHDRAWN),
    ],
)
def test_what_came_of_an_introduction_is_told_by_telephone(
    town: Town, nadia: Operator, did: str, step: RequestStep
) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    request = calls.calls(town, LANDLINE, consented="on")
    town.texts("bram", "OUI")
    looked_up = nadia.posts("/status/call/who", number="02 512 34 56")
    address = re.findall(r'href="(/status/cases/\d+)', looked_up.text)[0]
    assert nadia.posts(f"{address}/do", did=did, request=str(request.id)).status_code == 303
    assert Request.get().step == step


# --- a crowd, and nobody


def test_ten_thousand_cases_are_shown_a_page_at_a_time_the_emergencies_first(town: Town, nadia: Operator) -> None:
    busy_day.seed(town.clock(), BRUSSELS, volunteers=20, requests=300, cases=10_000)
    page = nadia.sees()
    assert page.count('id="open-') == 20
    assert page.count('class="emergency"') > 20, "the case, and its kind above"
    assert "1–20 of " in page
    assert not WHOLE_NUMBER.search(page)
    many = int(concerns.count_by_kind()["undelivered"])
    last = nadia.sees(kind="undelivered", page="9999")
    assert f"of {many:,}" in last
    assert 'id="older"' not in last
    assert nadia.sees(page="0", kind="<script>").count("<script>") == 0


def test_an_empty_town_has_a_quiet_page(town: Town, nadia: Operator) -> None:
    town.workers.pop().stop()
    Tally.delete().execute()
    assert "within a minute" in nadia.sees(), "nothing was counted yet"
    tally.count_all_due(town.clock(), BRUSSELS)
    page = nadia.sees()
    assert "Nothing needs a person at the moment." in page
    assert "0 of 0" not in page
    assert "–" in page, "no median of nothing"


def test_the_carriers_trouble_comes_first(town: Town, nadia: Operator) -> None:
    town.workers.pop().stop()
    busy_day.seed(town.clock(), BRUSSELS, volunteers=20, requests=200, cases=3)
    assert "Credit left: 182.40 €" in nadia.sees()
    assert "lasts for" not in nadia.sees()
    health.letters_go("20.00", town.clock())
    assert "At this pace it lasts for" in nadia.sees()
    health.account_in_trouble("no credit is left", town.clock())
    town.clock.skip(timedelta(minutes=8))
    page = nadia.sees()
    assert "The carrier says: no credit is left" in page
    assert "is the worker running?" in page
    assert page.index("no credit is left") < page.index('class="cases"')


# --- figures


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_are_written_as_in_the_readers_language(town: Town, nadia: Operator, language: str) -> None:
    town.workers.pop().stop()  # it may have counted a town without anybody, and not kept it yet
    busy_day.seed(town.clock(), BRUSSELS, volunteers=1500, requests=300)
    page = nadia.sees(language=language)
    assert words(language)["status"]["chart"] in page
    willing = Person.select().where(Person.stopped_at.is_null()).count()
    assert willing > 1000
    assert re.search(
        {"nl": r"1\.\d{3}", "fr": "1\N{NO-BREAK SPACE}\\d{3}", "de": r"1\.\d{3}", "en": r"1,\d{3}"}[language], page
    )


def test_the_figures_of_the_page_are_those_of_the_database(town: Town, nadia: Operator) -> None:
    until(lambda: health.health().swept_at is not None, "the first sweep has counted a town without anybody")
    busy_day.seed(town.clock(), BRUSSELS, volunteers=50, requests=80, cases=4)
    counted = tally.last_days(town.clock(), BRUSSELS)
    first = tally._midnight(counted[0], BRUSSELS)
    asked = Request.select().where(Request.created_at >= first).count()
    introduced = Request.select().where(Request.introduced_at >= first).count()
    row = re.findall(r"<tr>.*?</tr>", nadia.sees().partition('id="figures"')[2])
    assert f"<td>{asked}</td></tr>" in row[1]
    assert f"<td>{introduced}</td></tr>" in row[2]


def test_a_bar_is_as_high_as_its_figure() -> None:
    days = [(None, 40, 20), (None, 0, 0)]
    drawn = chart.drawn(days)  # type: ignore[arg-type]
    high, low = drawn.days[0].asked.height, drawn.days[0].introduced.height
    assert high == 2 * low
    assert drawn.days[1].asked.height == 0
    assert [figure for figure, _ in drawn.lines] == [0, 10, 20, 30, 40]
    assert chart.drawn([]).days == []


def test_every_postcode_is_one_dot_on_the_map_and_where_somebody_waits_it_has_a_ring() -> None:
    drawn = belgium.drawn({"1050": 12, "1060": 3}, {"1050": 1, "4000": 30})
    dots = {kind: path.count("h0") for kind, path in drawn.items()}
    assert (dots["many"], dots["few"], dots["waiting"], dots["waiting_many"]) == (1, 1, 1, 1)
    assert dots["nobody"] == 1145 - 2
    x, y = (int(figure) for figure in re.findall(r"\d+", drawn["many"])[:2])
    assert 0 < x < belgium.WIDTH
    assert 0 < y < belgium.HEIGHT


def test_a_postcode_counts_for_its_province() -> None:
    found = belgium.by_province({"1050": 2, "1300": 3, "6600": 4}, {"9990": 5, "1499": 1})
    assert found["brussels"] == (0, 2)
    assert found["walloon_brabant"] == (1, 3)
    assert found["luxembourg"] == (0, 4)
    assert found["east_flanders"] == (5, 0)
    assert len(found) == 11


def test_times_are_said_as_people_say_them() -> None:
    assert since(timedelta(seconds=5), "en") == "1 minute"
    assert since(timedelta(hours=26, minutes=5), "nl") == "1 dag"
    assert within(0, "en") == "1 minute"
    assert within(119, "en") == "119 minutes"
    assert within(121, "de") == "3 Stunden"
    assert amount(1234, "de", 2) == "1.234,00"


# --- who is who


def test_whoever_signs_in_with_a_name_of_their_own_is_kept_by_it(town: Town) -> None:
    for name, status in (("operator", 200), (NADIA, 200), ("operators", 401), ("nadia", 401), ("operato+r", 401)):
        with Operator(town, name) as someone:
            assert someone.http.get("/status").status_code == status, name


def test_the_log_and_the_addresses_hold_nobody(
    town: Town, nadia: Operator, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    town.texts("amina", FALLEN)
    address = nadia.opens(the_concern().id)
    calls.calls(town, LANDLINE, name="Lucie")
    assert not WHOLE_NUMBER.search(address)
    assert not WHOLE_NUMBER.search(caplog.text)
    assert "Lucie" not in caplog.text
