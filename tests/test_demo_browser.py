"""The rehearsal in a real browser: phones that show, wait, press their keys, and play a whole introduction."""

import pytest
from playwright.sync_api import Browser, Page, expect

from smsgate.demo_cast import phones
from smsgate.page_words import LANGUAGES, words
from tests.browser import (
    LARGEST_PAGE,
    MOST_REQUESTS,
    OLD_PHONE,
    faults_for_some,
    needs_chromium,
    too_small,
    weigh,
    window,
)
from tests.rehearsal import AMINA, BRAM, CHLOE, Demo
from tests.town import until

pytestmark = needs_chromium
in_every_language = pytest.mark.parametrize("language", LANGUAGES)


def texts(page: Page, phone: str) -> list[str]:
    """The texts on a phone."""
    return page.locator(f"#{phone} li p").all_inner_texts()


@in_every_language
def test_a_whole_introduction_plays_by_itself(browser: Browser, one_demo: Demo, language: str) -> None:
    amina, bram, _, _ = phones(language)
    yes = words(language)["texts"]["yes"]
    with window(browser, str(one_demo.http.base_url), reduced_motion="no-preference") as page:
        page.clock.install()  # the pauses in which people read are skipped
        page.goto(f"/demo?language={language}")
        page.get_by_role("button", name=words(language)["demo"]["play"]).click()

        def is_played() -> bool:
            page.clock.run_for(1000)
            return bram.number_for_people() in "".join(texts(page, "amina")) and page.locator("#play").is_enabled()

        until(is_played, "the introduction is played")
        sent = page.locator("#amina li.sent p").all_inner_texts()
        assert sent == [amina.first_text, yes]
        assert page.locator("#bram li.sent p").all_inner_texts()[1:] == [yes]
        assert "Amina" in texts(page, "bram")[-1]
        assert amina.number_for_people() in texts(page, "bram")[-1]
        assert not any(amina.number_for_people() in text for text in texts(page, "chloe"))
        # Every word is in this language: nobody of another one was asked.
        assert len(texts(page, "chloe")) == 4
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("li.arriving").count() > 0


def test_a_phone_says_what_is_waited_for_from_its_holder(browser: Browser, one_demo: Demo) -> None:
    with window(browser, str(one_demo.http.base_url)) as page:
        page.goto("/demo?language=en")
        waits = page.locator(".waits")
        expect(waits.nth(3)).to_have_text("This number has not sent anything yet.")
        page.fill("#anyone-number", "0499 12 34 99")
        page.fill("#anyone .compose input", "HELP 6600 shopping")  # far from all
        page.press("#anyone .compose input", "Enter")
        expect(waits.nth(3)).to_contain_text("Nobody is free. We try again at ")
        page.fill("#anyone .compose input", "STOP")
        page.press("#anyone .compose input", "Enter")
        expect(waits.nth(3)).to_have_text("Said STOP: we text no more, except after START.")


def test_texts_that_come_after_the_page_was_opened_slide_in(browser: Browser, one_demo: Demo) -> None:
    with window(browser, str(one_demo.http.base_url)) as page:
        page.goto("/demo?language=fr")
        page.wait_for_function("() => drawn")  # what it hears of first was there before
        before = len(texts(page, "amina"))
        one_demo.sends(AMINA, "AIDE 1050 courses")
        expect(page.locator("#amina li.arriving").first).to_contain_text("AIDE 1050 courses")
        expect(page.locator("#amina li")).to_have_count(before + 2)
        expect(page.locator("#bram li.arriving")).to_contain_text("quelqu'un a besoin d'aide")
        expect(page.locator("#chloe li.arriving")).to_contain_text("quelqu'un a besoin d'aide")
        expect(page.locator("#bram")).to_have_attribute("data-question", "offer")
        one_demo.sends(AMINA, "ANNULER")
        one_demo.receives(BRAM, "plus nécessaire")
        one_demo.receives(CHLOE, "plus nécessaire")


def test_movement_stops_for_those_who_asked_for_that(browser: Browser, one_demo: Demo) -> None:
    for motion, animation in (("reduce", "none"), ("no-preference", "arrive")):
        with window(browser, str(one_demo.http.base_url), reduced_motion=motion) as page:
            page.goto("/demo?language=de")
            moves = page.evaluate(
                """() => { const item = document.querySelector("#bram li"); item.className = "received arriving";
                    return getComputedStyle(item).animationName }"""
            )
            assert moves == animation


def test_the_keys_type_as_they_did_on_the_phones_of_that_time(browser: Browser, one_demo: Demo) -> None:
    with window(browser, str(one_demo.http.base_url)) as page:
        page.clock.install(time=0)
        page.goto("/demo?language=nl")
        page.clock.pause_at(3_600_000)  # however slow we are, it is quick, and a key stays down
        field = page.locator("#bram .compose input")
        for key in "2244":  # quickly twice on the same key: its second letter
            page.click(f'#bram [data-key="{key}"]')
        assert field.input_value() == "BH"
        page.click('#bram [data-key="*"]')
        page.click('#bram [data-key="#"]')
        page.click('#bram [data-key="0"]')
        page.click('#bram [data-key="5"]')
        assert field.input_value() == "B j"
        field.press_sequentially("é")
        expect(page.locator('#bram [data-key="3"]')).to_have_class("down")


def test_without_a_script_people_send_answer_and_let_time_pass(browser: Browser, one_demo: Demo) -> None:
    with window(browser, str(one_demo.http.base_url), java_script_enabled=False) as page:
        page.goto("/demo?language=en")
        assert page.locator("#play").is_hidden()
        page.fill("#anyone-number", "0499 12 34 98")
        page.fill("#anyone .compose input", "x" * 160)
        page.press("#anyone .compose input", "Enter")
        assert "number=32499123498" in page.url
        assert texts(page, "anyone")[0] == "x" * 160
        page.fill("#anyone-number", "12")
        page.fill("#anyone .compose input", "HELP 1050")
        page.press("#anyone .compose input", "Enter")
        expect(page.locator("#anyone .error").first).to_contain_text("Write it as 0470 12 34 56")
        assert page.input_value("#anyone-number") == "12"
        assert page.input_value("#anyone .compose input") == "HELP 1050"
        page.click("text=Français")
        assert page.locator("html").get_attribute("lang") == "fr"
        assert page.url.endswith("/demo?language=fr")


def test_the_keyboard_alone_sends_a_text(browser: Browser, one_demo: Demo) -> None:
    with window(browser, str(one_demo.http.base_url)) as page:
        page.goto("/demo?language=nl")
        for _ in range(40):
            page.keyboard.press("Tab")
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            if page.evaluate("document.activeElement.closest('#chloe') && document.activeElement.name === 'text'"):
                break
        page.keyboard.type("INFO")
        page.keyboard.press("Enter")
        expect(page.locator("#chloe li.sent").last).to_contain_text("INFO")
        expect(page.locator("#chloe li.received").last).to_contain_text("Hier helpen buren elkaar")


@in_every_language
def test_nothing_keeps_anyone_out(browser: Browser, one_demo: Demo, language: str) -> None:
    with window(browser, str(one_demo.http.base_url)) as page:
        page.goto(f"/demo?language={language}")
        expect(page.locator("#play")).to_be_visible()
        assert faults_for_some(page) == []
    with window(browser, str(one_demo.http.base_url), viewport=OLD_PHONE, color_scheme="dark") as page:
        page.goto(f"/demo?language={language}")
        assert too_small(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= OLD_PHONE["width"], "it must be pushed sideways"
        if language == "de":
            assert faults_for_some(page) == []


def test_the_page_is_light(browser: Browser, one_demo: Demo) -> None:
    with window(browser, str(one_demo.http.base_url)) as page:
        bytes_over_the_wire, asked = weigh(page, "/demo?language=nl")
        # What has happened since is asked every second, and is no part of the page.
        page_and_files = [address for address in asked if "messages.json" not in address]
        assert bytes_over_the_wire <= LARGEST_PAGE
        assert len(page_and_files) <= MOST_REQUESTS, asked
