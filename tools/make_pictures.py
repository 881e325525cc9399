"""Pictures of every page into docs/, for the README: `make pictures`."""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from db import connection
from smsgate import passwords
from smsgate.clock import now
from tests import busy_day
from tests.browser import CHROMIUM, QUIET_FLAGS
from tests.rehearsal import Demo
from tests.site import Site

DOCS = Path(__file__).parent.parent / "docs"
COLOURS = 128  # few enough for a small file, enough for a drawn phone
GREYS = 12  # enough for print
PASSWORD = "for pictures"


def main() -> None:
    """Take each picture anew."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET_FLAGS)
        connection.connect(f"sqlite:///{folder}/none.db")
        connection.migrate()
        site = Site(Path(folder), status_password_hash=passwords.hash_of(PASSWORD))
        demo = Demo(Path(folder))
        try:
            take_public_pages(browser, site.address)
            take_rehearsal(browser, str(demo.http.base_url))
            take_desk(browser, site)
        finally:
            demo.close()
            site.close()
            browser.close()
            connection.close()


def take_public_pages(browser: Browser, address: str) -> None:
    """The public page as it opens; the poster and the list as they are printed."""
    page = window(browser, address, 1280, 860)
    page.goto("/?language=en&postcode=1050")
    keep(page, "home", 1280)
    page.goto("/poster?language=fr&with=nl&postcode=1050")
    keep(page.locator(".desk"), "poster", 1000, GREYS)
    page.goto("/list?language=de")
    keep(page.locator(".sheet"), "list", 500, GREYS)


def take_rehearsal(browser: Browser, address: str) -> None:
    """The four phones after an introduction."""
    page = window(browser, address, 1400, 900)
    page.goto("/demo?language=fr")
    page.click("#play")
    page.locator("#amina").get_by_text("0470 12 34 01").wait_for()
    page.locator("#play:enabled").wait_for()
    keep(page, "demo", 1400, full_page=True)


def take_desk(browser: Browser, site: Site) -> None:
    """A busy day as an operator sees it, and a call half taken down."""
    busy_day.seed(now(), site.settings["service.timezone"], cases=7)
    keys = {"username": "operator", "password": PASSWORD}
    page = window(browser, site.address, 1280, 860, http_credentials=keys)
    page.goto("/status?language=en")
    keep(page, "status", 1280, full_page=True)
    page.goto("/status/call?language=nl")
    page.fill("#number", "02 512 34 56")
    page.keyboard.press("Enter")
    page.fill("#place", "1050 Elsene")
    page.check("[value=pharmacy]")
    page.fill("#words", "een hoestsiroop, voor 18 uur")
    page.fill("#name", "Lucie")
    page.check("[name=language][value=fr]")
    page.check("[name=consented]")
    keep(page, "call", 1280, full_page=True)


def window(browser: Browser, address: str, width: int, height: int, **how: object) -> Page:
    """A window of this size."""
    return browser.new_context(base_url=address, viewport={"width": width, "height": height}, **how).new_page()


def keep(seen: Page | Locator, name: str, width: int, colours: int = COLOURS, **how: bool) -> None:
    """A picture of what is seen, this many pixels wide, as a small file."""
    taken = Image.open(io.BytesIO(seen.screenshot(animations="disabled", **how))).convert("RGB")
    sized = taken.resize((width, round(taken.height * width / taken.width)), Image.Resampling.LANCZOS)
    file = DOCS / f"{name}.png"
    sized.quantize(colours, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.name}: {sized.width} x {sized.height}, {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
