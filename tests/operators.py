"""An operator with the password, and a town that lets them in, for tests."""

import httpx2
from playwright.sync_api import Browser

from smsgate import passwords
from tests import browser as chromium
from tests.town import PATIENCE_SECONDS, Town

PASSWORD = "correct horse battery staple"
HASH = passwords.hash_of(PASSWORD)
NADIA = "operator+nadia"


class Operator:
    """Nadia, without a browser."""

    def __init__(self, town: Town, name: str = NADIA, language: str = "en") -> None:
        self.town = town
        self.http = httpx2.Client(
            base_url=town.address,
            auth=(name, PASSWORD),
            headers={"Accept-Language": language},
            timeout=PATIENCE_SECONDS,
        )

    def __enter__(self) -> "Operator":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def sees(self, path: str = "/status", **asked: str) -> str:
        answer = self.http.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def posts(self, path: str, **typed: str) -> httpx2.Response:
        """A form of ours, with its key."""
        key = self.sees("/status/call").partition('name="key" value="')[2].partition('"')[0]
        answer: httpx2.Response = self.http.post(path, data={"key": key} | typed)
        self.town.settle()
        return answer

    def opens(self, concern: int) -> str:
        """Open a case; return its address."""
        opened = self.posts(f"/status/concerns/{concern}/open")
        assert opened.status_code == 303
        return str(opened.headers["location"])


def desk(browser: Browser, town: Town, **how: object):  # type: ignore[no-untyped-def]
    """A window in which Nadia works."""
    credentials = {"username": NADIA, "password": PASSWORD}
    return chromium.window(browser, town.address, http_credentials=credentials, **how)
