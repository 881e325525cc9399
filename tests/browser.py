"""A real browser for the tests: one Chromium a worker, a new window a test, and what people can see in it."""

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from pypdf import PdfReader

from tests.town import PATIENCE_SECONDS

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
HOW_TO_INSTALL = (
    "There is no Chromium here, so the pages were not tested. On Debian and Ubuntu: apt-get install chromium"
)
# Nothing is skipped in CI: there, a missing browser is a failure.
IS_MISSING = not Path(CHROMIUM).exists() and not os.environ.get("CI")
needs_chromium = pytest.mark.skipif(IS_MISSING, reason=HOW_TO_INSTALL)

expect.set_options(timeout=PATIENCE_SECONDS * 1000)

# Nothing of its own is to leave the machine, or to slow the start.
QUIET_FLAGS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, OLD_PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 568}
LARGEST_PAGE, MOST_REQUESTS = 60_000, 3  # bytes, headers included; the page itself is one of them
SMALLEST_TARGET = 48  # CSS pixels, for an old hand

AXE_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@contextmanager
def window(browser: Browser, address: str, **how: object) -> Iterator[Page]:
    """A new window. It must not complain of anything, nor ask anything of another server, nor leave a cookie."""
    context = browser.new_context(base_url=address, **({"viewport": DESKTOP} | how))
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("request", lambda asked: complaints.append(asked.url) if _is_elsewhere(asked.url, address) else None)
    yield page
    # That an answer was 422 or 503 is for people to read, and no fault.
    faults = [said for said in complaints if "422" not in said and "503" not in said]
    assert not faults, faults
    assert context.cookies() == []
    context.close()


def _is_elsewhere(url: str, address: str) -> bool:
    return urlsplit(url).scheme != "data" and urlsplit(url).netloc != urlsplit(address).netloc


def weigh(page: Page, path: str) -> tuple[int, list[str]]:
    """Open a page, and return how many bytes came over the wire until it had loaded, and for which addresses."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    asked: dict[str, str] = {}
    sizes: dict[str, int] = {}
    wire.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    wire.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(path, wait_until="load")
    over_the_wire = {request: url for request, url in asked.items() if not url.startswith("data:")}
    return int(sum(sizes.get(request, 0) for request in over_the_wire)), list(over_the_wire.values())


def faults_for_some(page: Page) -> list[str]:
    """What axe finds serious or critical for people who see, hear, point or read in another way."""
    found = Axe().run(page, options=AXE_RULES).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:120]} {node['failureSummary']}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def too_small(page: Page) -> list[str]:
    """What one taps or clicks and an old hand would miss. Links inside a sentence are as high as its line."""
    return page.evaluate(
        """least => [...document.querySelectorAll(
            "button, input:not(label input), select, label:has(input), summary, .button, .back, nav a, li > a, " +
            ".banner a"
        )]
            .filter(one => one.checkVisibility())
            .filter(one => one.getBoundingClientRect().height < least || one.getBoundingClientRect().width < least)
            .map(one => one.outerHTML.slice(0, 90))""",
        SMALLEST_TARGET,
    )


def pdf(page: Page) -> PdfReader:
    """The page as it is printed."""
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))


def picture(seen: Page | Locator, **how: object) -> Image.Image:
    """What is seen."""
    return Image.open(io.BytesIO(seen.screenshot(**how)))


def scanned(seen: Locator) -> str:
    """What a phone reads in a code on the screen."""
    found = zxingcpp.read_barcodes(picture(seen))
    assert len(found) == 1, f"{len(found)} codes"
    return str(found[0].text)
