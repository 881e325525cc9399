"""The public page, the poster and the shopping list, in a real browser: what a neighbour sees, sends and prints."""

import colorsys
import html
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from keywords.say import say
from smsgate import settings
from smsgate.page_words import LANGUAGES, words
from smsgate.pages import Pages
from smsgate.sms_link import address
from tests.browser import (
    LARGEST_PAGE,
    MOST_REQUESTS,
    OLD_PHONE,
    faults_for_some,
    needs_chromium,
    pdf,
    picture,
    scanned,
    too_small,
    weigh,
    window,
)
from tests.site import Site

PAGES = ("/", "/poster", "/list")
KEYWORDS = {
    "nl": ("HULP", "VRIJWILLIGER"),
    "fr": ("AIDE", "BENEVOLE"),
    "de": ("HILFE", "FREIWILLIG"),
    "en": ("HELP", "VOLUNTEER"),
}
ERASE = {"nl": "WISSEN", "fr": "EFFACER", "de": "L%C3%96SCHEN", "en": "ERASE"}
PLACES = {"nl": "1050 Elsene", "fr": "1050 Ixelles", "de": "1050 Ixelles", "en": "1050 Ixelles"}
TO_US = "sms:+32460200300?&body="

in_every_language = pytest.mark.parametrize("language", LANGUAGES)
on_every_page = pytest.mark.parametrize("path", PAGES)


def links(page: Page) -> list[str | None]:
    """The addresses of the two ready texts."""
    return [link.get_attribute("href") for link in page.locator("#texts a").all()]


def cut_off(page: Page) -> list[str]:
    """What does not fit on its sheet."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(".sheet, .sheet *")]
            .filter(one => getComputedStyle(one).display !== "inline" && one.clientWidth)
            .filter(one => one.scrollWidth > one.clientWidth + 1
                || one.matches(".sheet, .strips li, .groups") && one.scrollHeight > one.clientHeight + 1)
            .map(one => one.outerHTML.slice(0, 90))"""
    )
    return found


# --- a text ready to send


@needs_chromium
@in_every_language
def test_without_script_the_texts_are_ready_with_the_postcode_that_was_typed(
    browser: Browser, site: Site, language: str
) -> None:
    ask, join = KEYWORDS[language]
    with window(browser, site.address, java_script_enabled=False) as page:
        page.goto(f"/?language={language}")
        assert links(page) == [f"{TO_US}{ask}", f"{TO_US}{join}"]
        page.fill("#postcode", "1050")
        page.press("#postcode", "Enter")
        expect(page.locator("#prepared")).to_contain_text(PLACES[language])
        assert links(page) == [f"{TO_US}{ask}%201050", f"{TO_US}{join}%201050"]
        assert page.locator(".erase a").get_attribute("href") == f"{TO_US}{ERASE[language]}"
        assert page.locator(".our-number a").get_attribute("href") == "sms:+32460200300"
        assert page.locator("html").get_attribute("lang") == language
        for code, text in zip(page.locator("#texts .qr").all(), links(page), strict=True):
            assert scanned(code) == text


@needs_chromium
@in_every_language
def test_a_postcode_that_does_not_exist_is_told_beside_its_field_and_stays(
    browser: Browser, site: Site, language: str
) -> None:
    with window(browser, site.address, java_script_enabled=False) as page:
        page.goto(f"/?language={language}")
        page.fill("#postcode", 'B 9999 "x"')
        page.press("#postcode", "Enter")
        expect(page.locator(".field .error")).to_have_text(
            words(language)["public"]["postcode_unknown"].format(postcode=words(language)["texts"]["postcode"])
        )
        assert page.input_value("#postcode") == 'B 9999 "x"'
        assert page.locator("#postcode").get_attribute("aria-invalid") == "true"
        assert "postcode-error" in str(page.locator("#postcode").get_attribute("aria-describedby"))
        ask, join = KEYWORDS[language]
        assert links(page) == [f"{TO_US}{ask}", f"{TO_US}{join}"]


@needs_chromium
def test_with_a_script_the_texts_follow_the_typing(browser: Browser, site: Site) -> None:
    with window(browser, site.address, color_scheme="dark") as page:
        page.goto("/?language=nl")
        page.locator("#postcode").press_sequentially("1050")
        expect(page.locator("#texts a").first).to_have_attribute("href", f"{TO_US}HULP%201050")
        expect(page.locator("#prepared")).to_have_text("Klaar voor 1050 Elsene.")
        assert scanned(page.locator("#texts .qr").first) == f"{TO_US}HULP%201050"
        page.fill("#postcode", "1059")
        expect(page.locator(".field .error")).to_contain_text("Die postcode kennen we niet")
        expect(page.locator("#texts a").first).to_have_attribute("href", f"{TO_US}HULP")
        page.fill("#postcode", "1060")
        expect(page.locator(".field .error")).to_be_empty()
        expect(page.locator("#postcode")).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("1050", "AIDE%201050"),
        (" 1050 ", "AIDE%201050"),
        ("B-1050", "AIDE%201050"),
        ("1050 Ixelles", "AIDE%201050"),
        ("ixelles", "AIDE%201050"),
        ("Elsene", "AIDE%201050"),
        ("", None),
        ("105", None),
        ("10500", None),
        ("Atlantis", None),
        ("<script>", None),
    ],
)
def test_a_postcode_is_read_as_people_write_it(site: Site, typed: str, text: str | None) -> None:
    answer = site.http.get("/", params={"language": "fr", "postcode": typed})
    assert answer.status_code == (200 if text else 422)
    assert f'href="{TO_US.replace("&", "&amp;")}{text or "AIDE"}"' in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("number", "text", "expected"),
    [
        ("32460200300", "AIDE 1050", "sms:+32460200300?&body=AIDE%201050"),
        ("32460200300", "LÖSCHEN", "sms:+32460200300?&body=L%C3%96SCHEN"),
        ("32460200300", "a&b=c?#", "sms:+32460200300?&body=a%26b%3Dc%3F%23"),
        ("8850", "AIDE", "sms:8850?&body=AIDE"),
        ("32460200300", "", "sms:+32460200300"),
    ],
)
def test_the_address_of_a_text_is_what_phones_understand(number: str, text: str, expected: str) -> None:
    assert address(number, text) == expected


@needs_chromium
def test_the_keyboard_alone_is_enough(browser: Browser, site: Site) -> None:
    with window(browser, site.address) as page:
        page.goto("/?language=en")
        passed = []
        for _ in range(12):
            page.keyboard.press("Tab")
            focused = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
            passed.append(focused)
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", focused
            if focused == "postcode":
                page.keyboard.type("1050")
                page.keyboard.press("Enter")
                page.wait_for_url("**postcode=1050**")
                passed.append(page.evaluate("document.activeElement.id"))
                break
        assert passed[:4] == ["Nederlands", "Français", "Deutsch", "English"]
        assert links(page)[0] == f"{TO_US}HELP%201050"


# --- languages


@needs_chromium
def test_the_page_speaks_the_browsers_language_and_the_switch_is_remembered_in_the_address(
    browser: Browser, site: Site
) -> None:
    with window(browser, site.address, locale="nl-BE") as page:
        page.goto("/")
        assert page.locator("html").get_attribute("lang") == "nl"
        page.click("text=Deutsch")
        assert page.locator("html").get_attribute("lang") == "de"
        assert page.url.endswith("/?language=de")
        page.click("text=Die Einkaufsliste")
        expect(page.locator("h1")).to_have_text("Die Einkaufsliste zum Ausdrucken")
        page.go_back()
        page.fill("#postcode", "4700")
        page.press("#postcode", "Enter")
        page.click("text=Français")
        assert page.input_value("#postcode") == "4700"
        assert links(page)[0] == f"{TO_US}AIDE%204700"


def test_without_a_wish_the_service_speaks_its_own_language(site: Site) -> None:
    for accepted, language in (("", "fr"), ("pl", "fr"), ("pl, de;q=0.2", "de")):
        answer = site.http.get("/", headers={"Accept-Language": accepted})
        assert answer.headers["content-language"] == language
        assert answer.headers["vary"] == "Accept-Language"
        assert f'<html lang="{language}">' in answer.text
    assert '<html lang="fr">' in site.http.get("/?language=xx", headers={"Accept-Language": "fr"}).text


@in_every_language
def test_what_happens_with_peoples_data_is_told_in_ten_lines(site: Site, language: str) -> None:
    text = site.http.get(f"/?language={language}").text
    told = re.findall(r"<li>(.*?)</li>", text.split('class="data"')[1].split("</ol>")[0])
    assert len(told) == 10
    assert any("30 " in line for line in told), "keep_texts"
    assert any("365 " in line for line in told), "keep_people"
    assert words(language)["texts"]["erase"] in text


# --- on paper


@needs_chromium
@in_every_language
@pytest.mark.parametrize("path", ["/poster", "/poster?with={other}&postcode=4837", "/list"])
def test_a_sheet_prints_on_one_page_in_black_and_white(browser: Browser, site: Site, path: str, language: str) -> None:
    other = LANGUAGES[LANGUAGES.index(language) - 1]
    with window(browser, site.address, bypass_csp=True) as page:
        page.goto(f"{path.format(other=other)}{'&' if '?' in path else '?'}language={language}")
        assert page.get_by_role("button", name=words(language)["paper"]["print"], exact=True).is_visible()
        printed = pdf(page)
        assert len(printed.pages) == 1
        wide, high = (float(side) for side in printed.pages[0].mediabox[2:])
        a4 = (595, 842) if "with" not in path else (842, 595)  # points
        assert (round(wide), round(high)) == a4
        page.emulate_media(media="print")
        colours = picture(page.locator("main")).convert("RGB").getcolors(1 << 24)
        assert colours
        assert max(colorsys.rgb_to_hsv(*colour)[1] for _, colour in colours) == 0, "something is not grey"
        assert cut_off(page) == []
        page.add_style_tag(content=".sheet * { letter-spacing: 0.04em !important }")
        assert cut_off(page) == [], "with wider letters, as other computers have them"
        for sheet in page.locator(".sheet").all():
            paper, last = sheet.bounding_box(), sheet.locator("> *").last.bounding_box()
            assert paper
            assert last
            to_the_edge = paper["y"] + paper["height"] - last["y"] - last["height"]
            assert to_the_edge >= 18, "few printers reach the last 5 mm"


@needs_chromium
def test_the_poster_carries_the_neighbourhoods_postcode_and_a_code_for_those_who_want_to_help(
    browser: Browser, site: Site
) -> None:
    with window(browser, site.address) as page:
        page.goto("/poster?language=fr")
        page.fill("#postcode", "4000")
        page.press("#postcode", "Enter")
        expect(page.locator(".poster .words")).to_have_text("AIDE 4000 courses")
        assert page.locator(".strips li").count() == 9
        page.click("text=Avec le néerlandais")
        expect(page.locator(".poster .words")).to_have_text(["AIDE 4000 courses", "HULP 4000 boodschappen"])
        assert [sheet.get_attribute("lang") for sheet in page.locator(".sheet").all()] == ["fr", "nl"]
        assert [scanned(code) for code in page.locator(".sheet .qr").all()] == [
            f"{TO_US}BENEVOLE%204000",
            f"{TO_US}VRIJWILLIGER%204000",
        ]
        page.fill("#postcode", "40")
        page.press("#postcode", "Enter")
        expect(page.locator(".field .error")).to_contain_text("Nous ne connaissons pas ce code postal")
        assert page.input_value("#postcode") == "40"
        assert page.locator(".sheet").count() == 2
        page.fill("#postcode", "")
        page.press("#postcode", "Enter")
        expect(page.locator(".field .error")).to_be_empty()
        expect(page.locator(".poster .words")).to_have_text(["AIDE 1050 courses", "HULP 2000 boodschappen"])


@needs_chromium
def test_the_print_button_prints(browser: Browser, site: Site) -> None:
    with window(browser, site.address) as page:
        page.add_init_script("window.print = () => document.title = 'printed'")
        page.goto("/list?language=en")
        page.get_by_role("button", name="Print").click()
        expect(page).to_have_title("printed")
    with window(browser, site.address, java_script_enabled=False) as page:
        page.goto("/list?language=en")
        assert page.locator("[data-print]").is_hidden()
        assert page.locator("text=Choose “Print” in your browser").is_visible()


# --- for everyone


@needs_chromium
@in_every_language
@on_every_page
def test_nothing_keeps_anyone_out(browser: Browser, site: Site, path: str, language: str) -> None:
    with window(browser, site.address) as page:
        page.goto(f"{path}?language={language}")
        assert faults_for_some(page) == []
    with window(browser, site.address, viewport=OLD_PHONE, color_scheme="dark") as page:
        page.goto(f"{path}?language={language}&postcode=12")
        assert too_small(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= OLD_PHONE["width"], "it must be pushed sideways"
        if language == "de":  # the longest words; the colours are the same in every language
            assert faults_for_some(page) == []


@needs_chromium
@on_every_page
def test_a_page_is_light(browser: Browser, site: Site, path: str) -> None:
    with window(browser, site.address) as page:
        bytes_over_the_wire, asked = weigh(page, f"{path}?language=nl&postcode=2000&with=fr")
        assert bytes_over_the_wire <= LARGEST_PAGE
        assert len(asked) <= MOST_REQUESTS, asked


@on_every_page
def test_a_page_lets_nothing_foreign_in(site: Site, path: str) -> None:
    answer = site.http.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-cache"
    assert "set-cookie" not in answer.headers
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>|https?://", answer.text)


def test_https_is_kept_to_where_there_is_https() -> None:
    for public_url, kept in (("https://help.example", True), ("http://127.0.0.1:8000", False), ("", False)):
        chosen = settings.read(environment={"SMSGATE_SERVICE_PUBLIC_URL": public_url})
        assert ("Strict-Transport-Security" in Pages(chosen).headers) is kept


@on_every_page
def test_a_file_may_be_kept_for_ever_because_its_address_changes_with_it(site: Site, path: str) -> None:
    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', site.http.get(path).text)
    assert len(found) == 2
    for file in found:
        answer = site.http.get(file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].split(";")[0] in ("text/css", "text/javascript")
        assert site.http.get(re.sub(r"-\w{10}\.", "-0123456789.", file)).status_code == 404


@in_every_language
def test_the_drawn_phone_shows_what_the_service_really_says(site: Site, language: str) -> None:
    page = html.unescape(site.http.get(f"/?language={language}&postcode=1050").text)
    assert f"{KEYWORDS[language][0]} 1050 {words(language)['texts']['need']}" in page
    assert say("volunteer_found", language, {}) in page
    assert say("introduce_to_asker", language, {"name": "Bram", "number": "0470 xx xx xx"}) in page
