"""Starts web and worker processes in no time: all is loaded once, and each is a fork that runs as `smsgate web | work`.

Lines on standard input: `web` or `work`; each is answered with the process's number. The clock of these processes runs
faster than the wall's, from the moment and by the factor in the environment; all else is the service as it is.
"""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta

from db.postcodes import names
from keywords.hear import Listener
from smsgate import carrier, clock, logs, server, settings

BEGAN = datetime.fromisoformat(os.environ["HURRIED_FROM"])
FACTOR = float(os.environ["HURRIED_BY"])


def hurried() -> datetime:
    """The time of this town."""
    return BEGAN + (datetime.now(UTC) - BEGAN) * FACTOR


def main() -> None:
    """Fork at each line until standard input ends."""
    import vonage_http_client
    import vonage_sms

    assert vonage_http_client
    assert vonage_sms
    Listener(names()).hear("AIDE 1050")
    clock.now = hurried
    # A call is given up well before its letter looks cut off, as in the time that others live in.
    carrier.TIMEOUT_SECONDS = max(1, round(timedelta(seconds=carrier.TIMEOUT_SECONDS).total_seconds() / FACTOR))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever was killed is buried at once
    for line in sys.stdin:
        process = os.fork()
        if not process:
            run(line.strip())
        print(process, flush=True)  # noqa: T201 - this is how it answers


def run(what: str) -> None:
    """Be a web or a worker process until the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    logs.set_up()
    chosen = settings.read()
    code = 1
    try:
        if what == "web":
            server.run_web(chosen)
        else:
            server.run_work(chosen)
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
