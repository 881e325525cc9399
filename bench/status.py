"""How long the operators' page takes with a million volunteers and 10,000 open cases: it must be under 100 ms.

python -m bench.status [1000000]
"""

import http.client
import platform
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import cast
from zoneinfo import ZoneInfo

from bench.matching import build, high
from db import connection, tally
from db.connection import database
from smsgate import app, passwords, settings
from smsgate.clock import now
from smsgate.server import web_server
from smsgate.tasks import Bells, close_storage

QUESTIONS = 100
CASES, REQUESTS = 10_000, 40_000
PASSWORD = "only for this bench"
PATHS = ("/status", "/status?page=400", "/status?kind=nobody&page=200", "/status/call")

# Two weeks of requests, one in four still open; and of those, so many that need a person.
ASKED = """
    INSERT INTO request (id, person_id, postcode, need, details, wanted, taken, waves, step, moved_at, created_at,
                         introduced_at, answered_at, helped)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})
    SELECT i, i, (SELECT postcode FROM volunteer v WHERE v.id = i),
           CASE i % 3 WHEN 0 THEN 'pharmacy' ELSE 'shopping' END, '',
           1, 0, 1, CASE i % 4 WHEN 0 THEN 'searching' ELSE 'helped' END, {now} - i * 30000, {now} - i * 30000,
           CASE WHEN i % 4 > 0 THEN {now} - i * 30000 + i % 7200 * 1000 END,
           CASE WHEN i % 4 > 0 THEN {now} - i * 15000 END, CASE WHEN i % 4 > 0 THEN i % 9 > 0 END
    FROM n
"""
CONCERNS = """
    INSERT INTO concern (kind, person_id, request_id, opened_at)
    SELECT CASE id % 40 WHEN 0 THEN 'emergency' WHEN 4 THEN 'undelivered' ELSE 'nobody' END, person_id, id, created_at
    FROM request WHERE step = 'searching' LIMIT {cases}
"""


def fill() -> None:
    """Requests and cases beside the volunteers."""
    milliseconds = int(now().timestamp() * 1000)
    with connection.transaction():
        database.execute_sql(ASKED.format(many=REQUESTS, now=milliseconds))
        database.execute_sql(CONCERNS.format(cases=CASES))


def measure(port: int, path: str, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Milliseconds for each of many questions over HTTP, sorted; by time.process_time, of CPU alone."""
    keys = b64encode(f"operator:{PASSWORD}".encode()).decode()
    caller = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    for _ in range(QUESTIONS):
        before = clock()
        caller.request("GET", path, headers={"Authorization": f"Basic {keys}", "Accept-Language": "nl"})
        answer = caller.getresponse()
        answer.read()
        took.append((clock() - before) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")
    caller.close()
    return sorted(took[1:])  # the first one pays for the password


def main() -> None:
    """Print a row a page."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "town.db", size, "p.id % 10 > 0")
        fill()
        before = time.perf_counter()
        tally.count_all_due(now(), ZoneInfo("Europe/Brussels"))
        counting = time.perf_counter() - before
        given = {"SMSGATE_DATABASE_URL": f"sqlite:///{folder}/town.db", "SMSGATE_SERVICE_PORT": "0"}
        given |= {"SMSGATE_STATUS_PASSWORD_HASH": passwords.hash_of(PASSWORD), "SMSGATE_SERVICE_NUMBER": "32460200300"}
        chosen = settings.read(Path(folder) / "none.ini", given)
        bells = Bells(chosen)
        server = web_server(app.create(chosen, bells, now), chosen)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = cast("int", server.servers[0].sockets[0].getsockname()[1])
        print(f"Python {platform.python_version()}, {size:,} volunteers, {CASES:,} open cases, {REQUESTS:,} requests")
        print(f"the worker counts all figures in {counting:.2f} s")
        print(f"{'milliseconds':<32} {'p50':>8} {'p99':>8} {'worst':>8} {'p99 CPU':>8}")
        for path in PATHS:
            took, busy = measure(port, path), measure(port, path, time.process_time)
            print(f"{path:<32} {median(took):>8.1f} {high(took):>8.1f} {took[-1]:>8.1f} {high(busy):>8.1f}", flush=True)
        server.should_exit = True
        thread.join()
        close_storage(bells.huey)
        connection.close()


if __name__ == "__main__":
    main()
