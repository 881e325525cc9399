"""Several processes on one PostgreSQL, as on several machines: one is killed, or the server goes away for a while."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from db import connection, inbox, outbox
from db.models import Letter, Offer, Person, Request, Text
from db.steps import OfferStep
from smsgate.sending import AT_ONCE
from tests.databases import Server, worker
from tests.fake_vonage import FakeVonage
from tests.installation import Installation
from tests.test_service import introduce
from tests.town import PEOPLE, until

ASKERS = 30
PATIENCE_SECONDS = 90  # for a few hundred texts and letters on a machine that does much else
UNSENT = (outbox.WAITING, outbox.CLAIMED)
numbers = count(1)


class Cluster(Installation):
    """Web and work processes on one database, and a way to look into it."""

    def __init__(self, folder: Path, server: Server, name: str, vonage: FakeVonage) -> None:
        super().__init__(folder, server.url(name), vonage)
        self.server, self.name = server, name
        self.command("migrate")
        connection.connect(self.database_url)

    def end(self) -> None:
        connection.close()
        super().end()

    def shut(self, shut: bool) -> None:
        """The server does not let anyone in any more, and hangs up on all; or does again."""
        self.server.execute(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS {not shut}")
        if shut:
            connection.close()
            self.server.hang_up(self.name)


@pytest.fixture
def cluster(tmp_path: Path, postgresql: Server, vonage: FakeVonage) -> Iterator[Cluster]:
    name = f"cluster_{worker()}_{next(numbers)}"
    with postgresql.new(name):
        cluster = Cluster(tmp_path, postgresql, name, vonage)
        yield cluster
        cluster.end()


def all_write(cluster: Cluster, texts: list[tuple[str, str]]) -> None:
    """Everybody's text is answered 200, as they all come at once."""
    with ThreadPoolExecutor(8) as phones:
        answers = phones.map(lambda text: cluster.text(*text, message=f"{text[0]}-{text[1]}"), texts)
        assert set(answers) == {200}


def test_of_two_workers_one_is_killed_in_the_middle_of_the_traffic_and_nothing_is_lost(cluster: Cluster) -> None:
    volunteers = [(f"324711{number:05d}", "BENEVOLE 1050") for number in range(ASKERS)]
    askers = [(f"324712{number:05d}", "AIDE 1050 courses") for number in range(ASKERS)]
    cluster.start("web")
    one, other = cluster.start("work"), cluster.start("work")
    until(cluster.is_ready, "the web server is ready")
    all_write(cluster, volunteers)
    all_write(cluster, askers[: ASKERS // 2])
    until(lambda: Request.select().count() > ASKERS // 6, "requests are heard", PATIENCE_SECONDS)
    one.send_signal(signal.SIGSTOP)
    os.waitpid(one.pid, os.WUNTRACED)  # as long as it is there, no other takes its turn
    held = [letter.id for letter in Letter.select().where(Letter.state == outbox.CLAIMED)]  # one process sends
    one.send_signal(signal.SIGKILL)
    one.wait()
    all_write(cluster, askers[ASKERS // 2 :])
    cluster.start("work")  # whatever watches over the processes starts another
    until(
        lambda: not Text.select().where(Text.state == inbox.WAITING).exists(), "every text is heard", PATIENCE_SECONDS
    )
    until(lambda: not owed_to_others(held), "all others have their letters", PATIENCE_SECONDS)
    # Two minutes later what it had in its hands is sent again; here, as the next one to start looks at once.
    Letter.update(claimed_at=0).where(Letter.state == outbox.CLAIMED).execute()
    cluster.start("work")
    until(lambda: not Letter.select().where(Letter.state.in_(UNSENT)).exists(), "everything is sent", PATIENCE_SECONDS)
    assert {text.state for text in Text.select()} == {inbox.HEARD}
    assert Person.select().count() == Request.select().count() * 2 == ASKERS * 2
    for number, _ in volunteers + askers:
        assert cluster.vonage.texts_to(number), "everybody was answered"
    twice = len(cluster.vonage.sent) - len({sent.ref for sent in cluster.vonage.sent})
    assert twice <= len(held) <= AT_ONCE, "only what it had in its hands may have been sent twice"
    assert other.poll() is None


def owed_to_others(held: list[int]) -> bool:
    """Whether anything waits that is not behind one of these letters."""
    behind = Letter.select(Letter.person).where(Letter.id.in_(held) & (Letter.state == outbox.CLAIMED))
    return bool(Letter.select().where(Letter.state.in_(UNSENT) & Letter.person.not_in(behind)).exists())


def test_the_service_goes_on_when_the_server_is_back(cluster: Cluster) -> None:
    service = cluster.start("serve")
    until(cluster.is_ready, "the service is ready")
    cluster.converse("bram", "BENEVOLE 1050 Bram", 1)
    cluster.shut(True)
    assert cluster.text("amina", "AIDE 1050 courses", "early") == 503, "Vonage brings it again"
    assert not cluster.is_ready()
    cluster.shut(False)
    until(cluster.is_ready, "the service is well again")
    assert cluster.text("amina", "AIDE 1050 courses", "again") == 200
    until(lambda: len(cluster.received("bram")) == 2, "Bram is asked")
    service.send_signal(signal.SIGTERM)
    assert service.wait(20) == 0


def test_two_web_and_two_work_processes_introduce_two_people(cluster: Cluster) -> None:
    another = Installation(cluster.folder, cluster.database_url, cluster.vonage)
    for installed in (cluster, another):
        installed.start("web")
        installed.start("work")
    until(lambda: cluster.is_ready() and another.is_ready(), "both are ready")
    introduce(another)
    assert [offer.step for offer in Offer.select()] == [OfferStep.INTRODUCED]
    another.end()
    assert cluster.text("amina", "merci", "late") == 200


def test_check_says_that_all_is_well_and_names_a_server_that_cannot_be_reached(cluster: Cluster) -> None:
    well = cluster.command("check")
    assert (well.returncode, well.stdout) == (0, "Fit for service.\n")
    secret = "postgresql://smsgate:hunter2@127.0.0.1:9/smsgate"
    for command in ("check", "serve"):
        refused = cluster.command(command, SMSGATE_DATABASE_URL=secret)
        assert refused.returncode == 1
        assert "database.url: the database cannot be used (OperationalError); does the server run" in refused.stderr
        assert "hunter2" not in refused.stderr
        assert "Traceback" not in refused.stderr


def test_move_prints_the_count_of_every_table(cluster: Cluster, tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path / 'small.db'}"
    cluster.command("migrate", SMSGATE_DATABASE_URL=source)
    connection.close()
    moved = cluster.command("move", source, cluster.database_url)
    assert moved.returncode == 0, moved.stderr
    assert "person                0 there          0 here" in moved.stdout
    Person.create(number=PEOPLE["amina"], created_at=0)
    connection.close()
    refused = cluster.command("move", source, cluster.database_url)
    assert (refused.returncode, refused.stderr) == (
        1,
        "the second database is not empty: there are rows in person\n",
    )
