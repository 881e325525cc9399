"""The web server and the worker as processes: started, watched and ended together or apart."""

import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from db import connection
from smsgate import app, clock
from smsgate.listening import listen
from smsgate.settings import Settings
from smsgate.tasks import Bells

log = logging.getLogger(__name__)

WORKER_ENDS_WITHIN_SECONDS = 10
NEW_THINGS = 20_000  # objects; 500 calls that wait for one commit are as many


def web_server(application: Starlette, settings: Settings) -> uvicorn.Server:
    """uvicorn as it was measured best: asyncio and httptools, no access log (numbers are in the query of a GET)."""
    return uvicorn.Server(
        uvicorn.Config(
            application,
            host=settings["service.host"],
            port=settings["service.port"],
            loop="asyncio",
            http="httptools",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )


def end_on_signal() -> None:
    """SIGTERM and Ctrl-C end the process as its own end would: tidied up, exit code 0.

    uvicorn finishes its answers, then raises the signal again: it must not find the default, which kills.
    """

    def end(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # a second one must not cut the tidying short
        sys.exit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def leave_alone_what_is_here() -> None:
    """What was made at the start stays: Python's collector looks through it no more (measured: 50 ms each time).

    Nor does it begin after 700 new objects, its own measure: twenty calls that wait for a commit are as many, and
    none of them garbage (measured: a tenth of the gate).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_THINGS)


def run_web(settings: Settings) -> None:
    """The web process: takes texts in until SIGTERM. Raises CannotListen."""
    with _ready_to_listen(settings) as (server, port):
        server.run([port])


def run_work(settings: Settings, until_stdin_closes: bool = False) -> None:
    """The worker: hears texts and sends letters until SIGTERM."""
    from smsgate.carrier import Vonage
    from smsgate.worker import Worker

    connection.connect(settings["database.url"])
    if until_stdin_closes:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    worker = Worker(settings, Vonage(settings), clock.now)
    leave_alone_what_is_here()
    worker.run()


def run_both(settings: Settings) -> int:
    """Web and worker together: when one ends, both do. Returns the exit code. Raises CannotListen."""
    with _ready_to_listen(settings) as (server, port), _worker_beside() as worker:
        threading.Thread(target=_end_with_worker, args=(worker, server), daemon=True).start()
        server.run([port])
        died = worker.poll() is not None
    if died:
        log.error("the worker ended unexpectedly; start smsgate again")
    return 1 if died else 0


@contextmanager
def _ready_to_listen(settings: Settings) -> Iterator[tuple[uvicorn.Server, socket.socket]]:
    end_on_signal()
    with listen(settings["service.host"], settings["service.port"]) as port:
        connection.connect(settings["database.url"])
        server = web_server(app.create(settings, Bells(settings), clock.now), settings)
        leave_alone_what_is_here()
        log.info("listening on %s, port %d", *port.getsockname()[:2])
        yield server, port


@contextmanager
def _worker_beside() -> Iterator["subprocess.Popen[bytes]"]:
    # A pipe that is never written to: should this process be killed, the worker sees it close, and ends too.
    command = [sys.executable, "-m", "smsgate", "work", "--until-stdin-closes"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own interpreter, our own words
    try:
        yield worker
    finally:
        worker.terminate()
        try:
            worker.wait(WORKER_ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def _end_with_worker(worker: "subprocess.Popen[bytes]", server: uvicorn.Server) -> None:
    worker.wait()
    server.should_exit = True


def _end_with_parent() -> None:
    os.read(0, 1)  # not sys.stdin: its lock would still be held when Python ends
    os.kill(os.getpid(), signal.SIGTERM)
