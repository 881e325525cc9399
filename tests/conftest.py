"""What the tests share: Vonage at the border, a database of each kind, and a town a test."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from smsgate import tasks
from tests import browser as chromium
from tests.databases import BOTH, Ground, Server, worker
from tests.fake_vonage import FakeVonage
from tests.installation import Installation
from tests.rehearsal import Demo
from tests.site import Site
from tests.town import Town

databases = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=BOTH, help="run what needs a database on this one only; else on both")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_on(database, reason): what is that database's own")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever needs a database runs on each."""
    if "database" not in metafunc.fixturenames:
        return
    own = metafunc.definition.get_closest_marker("only_on")
    chosen = metafunc.config.getoption("database")
    wanted = [name for name in BOTH if name == (own.args[0] if own else name) and name == (chosen or name)]
    metafunc.parametrize("database", wanted, indirect=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note on which database a test runs, if it needs one."""
    chosen = getattr(item, "callspec", None) and item.callspec.params.get("database")
    item.user_properties.append(("database", chosen or ("postgresql" if "postgresql" in item.fixturenames else None)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests ran on which database, and what was left out."""
    passed = Counter(dict(report.user_properties).get("database") for report in terminalreporter.getreports("passed"))
    on = f"on SQLite {passed['sqlite']}, on PostgreSQL {passed['postgresql']}, without a database {passed[None]}"
    terminalreporter.write_line(f"passed {on}")
    if chromium.IS_MISSING:
        terminalreporter.write_line(chromium.HOW_TO_INSTALL)


@pytest.fixture(scope="session")
def postgresql(testrun_uid: str) -> Iterator[Server]:
    server = Server(testrun_uid)
    yield server
    server.close()


@pytest.fixture(scope="session")
def ground(postgresql: Server) -> Ground:
    return Ground(postgresql, f"town_{worker()}")


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database a test runs on."""
    return str(request.param)


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Callable[[], str]:
    """The address of a database with nobody in it, as often as you like."""
    if database == "postgresql":
        ground: Ground = request.getfixturevalue("ground")
        return ground.empty

    def empty() -> str:
        for old in tmp_path.glob("town.db*"):
            old.unlink()
        return f"sqlite:///{tmp_path / 'town.db'}"

    return empty


@pytest.fixture
def database_url(empty_database: Callable[[], str]) -> str:
    """The address of a database with nobody in it."""
    return empty_database()


@pytest.fixture
def new_database_url(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database that has no tables yet."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'town.db'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.new(f"new_{worker()}_{next(databases)}") as url:
        yield url


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
def found_town(
    tmp_path: Path, database_url: str, vonage: FakeVonage, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Town]]:
    """A town with settings of its own: found_town(matching_wave_size="1")."""
    monkeypatch.setattr(tasks, "LONGEST_POLL_SECONDS", tasks.FIRST_POLL_SECONDS / 4)
    monkeypatch.setattr(tasks, "FIRST_POLL_SECONDS", tasks.FIRST_POLL_SECONDS / 4)
    monkeypatch.setattr(tasks, "LISTEN_SECONDS", tasks.LISTEN_SECONDS / 20)
    towns: list[Town] = []

    def found(workers: int = 1, **more: str) -> Town:
        towns.append(Town(tmp_path, database_url, vonage, workers, **more))
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


@pytest.fixture
def installation(tmp_path: Path, new_database_url: str, vonage: FakeVonage) -> Iterator[Installation]:
    installed = Installation(tmp_path, new_database_url, vonage)
    yield installed
    installed.end()
