"""What the tests share: Vonage at the border, and a town a test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from smsgate import tasks
from tests import browser as chromium
from tests.fake_vonage import FakeVonage
from tests.installation import Installation
from tests.rehearsal import Demo
from tests.site import Site
from tests.town import Town


@pytest.fixture(scope="session")
def vonage_at_the_border(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeVonage]:
    vonage = FakeVonage()
    bundle = tmp_path_factory.mktemp("ca") / "ca.pem"
    vonage.authority.cert_pem.write_to_path(str(bundle))
    before = os.environ.get("REQUESTS_CA_BUNDLE")
    os.environ["REQUESTS_CA_BUNDLE"] = str(bundle)
    yield vonage
    if before is None:
        del os.environ["REQUESTS_CA_BUNDLE"]
    else:
        os.environ["REQUESTS_CA_BUNDLE"] = before
    vonage.close()


@pytest.fixture
def vonage(vonage_at_the_border: FakeVonage) -> FakeVonage:
    vonage_at_the_border.reset()
    return vonage_at_the_border


@pytest.fixture
def found_town(tmp_path: Path, vonage: FakeVonage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Town]]:
    """A town with settings of its own: found_town(matching_wave_size="1")."""
    monkeypatch.setattr(tasks, "LONGEST_POLL_SECONDS", tasks.FIRST_POLL_SECONDS / 4)
    monkeypatch.setattr(tasks, "FIRST_POLL_SECONDS", tasks.FIRST_POLL_SECONDS / 4)
    towns: list[Town] = []

    def found(workers: int = 1, **more: str) -> Town:
        towns.append(Town(tmp_path, vonage, workers, **more))
        return towns[-1]

    yield found
    for town in towns:
        town.close()


@pytest.fixture
def town(found_town: Callable[..., Town]) -> Town:
    return found_town()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium.CHROMIUM, args=chromium.QUIET_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def one_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One rehearsal for the tests that bear what others have done in it."""
    opened = Demo(tmp_path_factory.mktemp("demo"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    opened = Site(tmp_path_factory.mktemp("site"))
    yield opened
    opened.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if chromium.IS_MISSING:
        terminalreporter.write_line(chromium.HOW_TO_INSTALL)


@pytest.fixture
def installation(tmp_path: Path, vonage: FakeVonage) -> Iterator[Installation]:
    installed = Installation(tmp_path, vonage)
    yield installed
    installed.end()
