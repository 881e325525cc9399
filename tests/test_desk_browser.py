"""The operators' and the telephonist's pages in a real browser: by keyboard alone, refreshed, and for everyone."""

import re
import sqlite3
from zoneinfo import ZoneInfo

import pytest
from peewee import SqliteDatabase
from playwright.sync_api import Browser, Page, expect

from db.connection import database as the_database
from db.deeds import Did
from db.models import Deed, Person, Request, Volunteer
from smsgate.page_words import LANGUAGES, words
from tests import busy_day, calls
from tests.browser import LARGEST_PAGE, MOST_REQUESTS, OLD_PHONE, faults_for_some, needs_chromium, too_small, weigh
from tests.calls import LANDLINE
from tests.operators import HASH, NADIA, desk
from tests.test_time import Found
from tests.town import Town

pytestmark = needs_chromium
BRUSSELS = ZoneInfo("Europe/Brussels")
in_every_language = pytest.mark.parametrize("language", LANGUAGES)
once = pytest.mark.only_on("sqlite", "what is seen is the same on both")


@pytest.fixture
def town(found_town: Found) -> Town:
    return found_town(status_password_hash=HASH)


@pytest.fixture
def busy(town: Town) -> Town:
    busy_day.seed(town.clock(), BRUSSELS)
    return town


def focused(page: Page) -> str:
    """Where the keyboard is."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.name"))


def focus_comes_to(page: Page, field: str) -> None:
    """A page that is about to come, or has just come, puts the focus where the work goes on, once it is drawn.

    Not wait_for_function: in a page without scripts that asks once and never again.
    """
    expect(page.locator(f"#{field}")).to_be_focused()


def rings(page: Page, number: str, language: str = "en") -> None:
    """Somebody rings, and the telephonist asks for their number."""
    page.goto(f"/status/call?language={language}")
    focus_comes_to(page, "number")
    page.keyboard.type(number)


# --- a telephonist's minute


def test_a_request_is_taken_down_with_the_keyboard_alone(browser: Browser, town: Town) -> None:
    town.texts("bram", "BENEVOLE 1050 Bram")
    town.reads_all()
    with desk(browser, town) as page:
        rings(page, "02 512 34 56")
        keys = page.keyboard
        keys.press("Enter")
        page.wait_for_selector("#place")
        focus_comes_to(page, "place")
        keys.type("ixel")
        expect(page.locator("#places option").first).to_have_attribute("value", "1050 Ixelles")
        keys.type("les")
        keys.press("Tab")
        keys.press("Space")  # shopping
        keys.press("ArrowRight")  # the pharmacy
        keys.press("Tab")
        keys.type("un sirop, avant 18 h")
        keys.press("Tab")
        keys.type("Lucie")
        keys.press("Tab")
        keys.press("ArrowUp")  # from English to German
        keys.press("ArrowUp")  # to French
        keys.press("Tab")
        keys.press("Space")  # agrees
        keys.press("Enter")
        page.wait_for_url("**/status/cases/*")
        expect(page.locator(".done")).to_contain_text("Took a request down")
        expect(page.locator(".card")).to_contain_text("Pharmacy, 1050 Ixelles")
        expect(page.locator(".fresh a")).to_be_focused()
        keys.press("Enter")  # the next call, please
        page.wait_for_url("**/status/call?*")
        focus_comes_to(page, "number")
    town.settle()
    person = Person.get(Person.number == LANDLINE)
    assert (person.name, person.language, person.no_sms) == ("Lucie", "fr", True)
    assert Deed.get(Deed.did == Did.ASKED_CONSENTED).by == NADIA
    town.plays("""
        bram < pharmacie, 1050 Ixelles
        bram > OUI
        bram < Appelez Lucie au 02 512 34 56
        bram < un sirop, avant 18 h
    """)


def test_a_volunteer_is_enrolled_with_the_keyboard_alone_and_without_a_script(browser: Browser, town: Town) -> None:
    with desk(browser, town, java_script_enabled=False) as page:
        rings(page, "0470 12 34 01", "nl")
        keys = page.keyboard
        keys.press("Tab")
        keys.press("Tab")  # past the one who needs help
        keys.press("Enter")
        page.wait_for_selector("#place")
        focus_comes_to(page, "place")
        keys.type("Elsene")
        for _ in range(4):
            keys.press("Tab")
        keys.press("Space")  # the dog
        for _ in range(4):
            keys.press("Tab")
        keys.type("Bram")
        keys.press("Enter")
        page.wait_for_url("**/status/cases/*")
        expect(page.locator(".done")).to_contain_text("Schreef een vrijwilliger in")
    town.settle()
    volunteer = Volunteer.get()
    assert (volunteer.postcode, volunteer.needs, volunteer.person.language) == ("1050", "dog", "nl")
    assert "Welkom" in town.unread("bram")[0]


def test_whoever_rings_again_is_known_and_their_open_request_is_at_hand(browser: Browser, town: Town) -> None:
    calls.calls(town, LANDLINE, name="Lucie", language="fr")
    with desk(browser, town) as page:
        rings(page, "02 512 34 56")
        page.keyboard.press("Enter")
        expect(page.locator(".known")).to_contain_text("There is an open request: Shopping, 1050 Ixelles.")
        assert page.input_value("#name") == "Lucie"
        assert page.input_value("#place") == "1050 Ixelles"
        assert page.is_checked("[name=language][value=fr]")
        page.click("text=Open the case")
        page.click("text=Cancel the request")
        expect(page.locator(".done")).to_contain_text("Cancelled the request")
        expect(page.locator(".card")).to_contain_text("taken back", ignore_case=True)
    assert {deed.did for deed in Deed.select()} == {Did.ASKED, Did.LOOKED_UP, Did.CANCELLED}


@in_every_language
@once
def test_what_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(
    browser: Browser, town: Town, language: str
) -> None:
    wrong = words(language)["call"]["wrong"]
    with desk(browser, town, java_script_enabled=False) as page:
        rings(page, "12", language)
        page.keyboard.press("Enter")
        expect(page.locator("#number-error")).to_have_text(wrong["number"])
        assert page.input_value("#number") == "12"
        focus_comes_to(page, "number")
        page.fill("#number", "0470 12 34 00")
        page.keyboard.press("Enter")
        page.fill("#place", "Ixeles")
        page.fill("#words", 'pain "gris" & <lait>')
        page.fill("#name", "Amina")
        page.check("[name=consented]")
        page.keyboard.press("Enter")
        expect(page.locator("#place-error")).to_contain_text(wrong["place"])
        expect(page.locator("#place-error")).to_contain_text("1050 ")
        expect(page.locator("#need-error")).to_have_text(wrong["need"])
        assert page.locator("#place").get_attribute("aria-invalid") == "true"
        focus_comes_to(page, "place")
        assert [page.input_value(f"#{field}") for field in ("number", "place", "words", "name")] == [
            "0470 12 34 00", "Ixeles", 'pain "gris" & <lait>', "Amina",
        ]  # fmt: skip
        assert page.is_checked("[name=consented]")
        assert Request.select().count() == 0
        page.fill("#place", "1050")
        page.check("[name=need][value=shopping]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/status/cases/*")
    assert Request.get().details == 'pain "gris" & <lait>'


@once
def test_while_the_database_is_locked_nothing_typed_is_lost(
    browser: Browser, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = the_database.obj
    assert isinstance(opened, SqliteDatabase)
    monkeypatch.setattr(opened, "_timeout", 0.2)
    with desk(browser, town) as page:
        rings(page, "0470 12 34 00")
        page.keyboard.press("Enter")
        page.fill("#place", "1050")
        page.check("[name=need][value=dog]")
        other = sqlite3.connect(opened.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        page.press("#place", "Enter")
        expect(page.locator(".alarm")).to_contain_text("All you typed is still here")
        assert page.input_value("#place") == "1050"
        other.execute("ROLLBACK")
        other.close()
        page.press("#place", "Enter")
        page.wait_for_url("**/status/cases/*")


# --- what an operator sees


@in_every_language
@once
def test_a_busy_day_keeps_nobody_out(browser: Browser, busy: Town, language: str) -> None:
    with desk(browser, busy) as page:
        page.goto(f"/status?language={language}")
        assert page.locator(".cases li").first.get_attribute("class") == "emergency"
        assert not re.search(r"04\d\d \d\d \d\d \d\d", page.content())
        for details in page.locator("summary").all():
            details.click()
        assert faults_for_some(page) == []
        page.locator(".cases .call_back button").first.click()
        page.wait_for_url("**/status/cases/*")
        assert re.search(r"02 512 \d\d \d\d", page.content())
        assert faults_for_some(page) == []
        page.goto(f"/status/call?language={language}")
        assert faults_for_some(page) == []


@once
def test_an_old_phone_and_a_dark_room_are_enough(browser: Browser, busy: Town) -> None:
    with desk(browser, busy, viewport=OLD_PHONE, color_scheme="dark") as page:
        for path in ("/status", "/status/call", "call form", "case"):
            if path == "call form":
                focus_comes_to(page, "number")
                page.keyboard.type("0470 12 34 00")
                page.keyboard.press("Enter")
                focus_comes_to(page, "place")
                page.keyboard.press("Enter")  # and nothing is said
                page.wait_for_selector("#need-error:not(:empty)")
            elif path == "case":
                page.goto("/status?language=de")
                page.locator(".cases .emergency button").first.click()
                page.wait_for_url("**/status/cases/*")
            else:
                page.goto(f"{path}?language=de")  # the longest words
            assert too_small(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= OLD_PHONE["width"], path
            assert faults_for_some(page) == [], path


@once
def test_the_page_looks_again_by_itself_without_losing_the_place(browser: Browser, busy: Town) -> None:
    with desk(browser, busy) as page:
        page.clock.install()
        page.goto("/status?language=en")
        page.locator("#days-table summary").click()
        page.locator(".cases button").nth(3).focus()
        here = focused(page)
        page.evaluate("scrollTo(0, 900)")
        seen = page.locator("#figures-title").bounding_box()
        busy.texts("amina", "je suis tombée, je ne peux plus me lever")
        page.clock.run_for(31_000)
        expect(page.get_by_text("0470 ** ** 00")).to_have_count(1)
        assert focused(page) == here
        assert page.locator("#days-table").get_attribute("open") is not None
        now = page.locator("#figures-title").bounding_box()
        assert seen
        assert now
        assert abs(now["y"] - seen["y"]) < 2, "it moved under the reader's eyes"
        page.route("**/status?*", lambda route: route.fulfill(status=503))
        page.clock.run_for(31_000)
        expect(page.locator("#fresh")).to_contain_text("No answer since")
        page.unroute("**/status?*")
        page.clock.run_for(31_000)
        expect(page.locator("#fresh")).to_contain_text("As of")


@once
def test_the_page_is_read_and_used_without_a_script(browser: Browser, busy: Town) -> None:
    with desk(browser, busy, java_script_enabled=False) as page:
        page.goto("/status?language=fr")
        expect(page.locator("h1")).to_have_text("Ce qui demande votre attention")
        page.locator(".kinds .call_back").click()
        assert {item.get_attribute("class") for item in page.locator(".cases li").all()} == {"call_back"}
        page.locator(".cases button").first.click()
        page.select_option("select", "reached")
        page.get_by_role("button", name="C’est réglé").click()
        page.wait_for_url("**/status?*")
        assert page.locator(".kinds .call_back b").inner_text() == "1"


@once
def test_a_page_is_light(browser: Browser, town: Town) -> None:
    busy_day.seed(town.clock(), BRUSSELS, volunteers=20_000, requests=4_000, cases=10_000)
    with desk(browser, town) as page:
        weights = {path: weigh(page, f"{path}?language=de") for path in ("/status", "/status/call")}
        focus_comes_to(page, "number")
        page.keyboard.type("0470 12 34 00")
        page.keyboard.press("Enter")
        page.wait_for_selector("#place")
        weights["form"] = len(page.content().encode()), []
    for path, (size, asked) in weights.items():
        assert size <= LARGEST_PAGE, path
        assert len(asked) <= MOST_REQUESTS, asked


@once
def test_nobody_comes_in_with_a_wrong_password(browser: Browser, busy: Town) -> None:
    context = browser.new_context(base_url=busy.address, http_credentials={"username": "operator", "password": "guess"})
    page = context.new_page()
    for path in ("/status", "/status/call", "/status/cases/1"):
        answer = page.goto(path)
        assert answer
        assert answer.status == 401
        assert "That is not the name and password" in page.content()
        assert "**" not in page.content()
    context.close()
