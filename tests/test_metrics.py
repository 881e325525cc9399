"""What a monitor reads: figures of what waits and what needs a person, and nothing about anyone."""

import re
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from db.health import account_in_trouble, health
from tests.test_forgetting import met
from tests.town import PEOPLE, Town, until


def read(town: Town) -> dict[str, dict[str, float]]:
    """The figures as a monitor reads them: name, label, value."""
    page = town.http.get("/metrics")
    assert page.status_code == 200
    return {
        family.name: {"".join(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(page.text)
    }


def test_a_monitor_sees_what_waits_and_what_needs_a_person(town: Town) -> None:
    met(town)
    town.texts("dirk", "je suis tombée, je ne peux plus me lever")
    town.texts("elise", "AIDE 6700 courses")
    town.sweep()
    town.settle()
    figures = read(town)
    assert figures["smsgate_carrier_up"] == {"": 1}
    assert figures["smsgate_texts_waiting"] == {"": 0}
    assert figures["smsgate_letters_due"] == {"": 0}
    assert figures["smsgate_requests_open"] == {"introduced": 1, "searching": 1}
    assert figures["smsgate_concerns_open"]["emergency"] == 1
    assert figures["smsgate_concerns_open"]["nobody"] == 1
    assert figures["smsgate_balance_euros"][""] > 12


def test_a_monitor_sees_that_nothing_moves(town: Town) -> None:
    town.pass_time(timedelta(minutes=1))
    town.workers.pop().stop()
    town.deliver("amina", "AIDE 1050 courses")
    town.clock.skip(timedelta(minutes=10))
    account_in_trouble("no credit", town.clock())
    figures = read(town)
    assert figures["smsgate_texts_waiting"] == {"": 1}
    assert figures["smsgate_text_waiting_seconds"][""] >= 600
    assert figures["smsgate_worker_seconds"][""] >= 600
    assert figures["smsgate_carrier_up"] == {"": 0}


def test_neither_figures_nor_health_hold_anything_personal(town: Town) -> None:
    met(town)
    town.vonage.answers_to[PEOPLE["amina"]] = lambda *_: (401, "{}")
    town.deliver("amina", "INFO")
    until(lambda: health().trouble is not None, "the account is in trouble")
    for page in ("/metrics", "/healthz"):
        said = town.http.get(page).text
        assert not re.search(r"47\d ?\d\d ?\d\d ?\d\d|0?4?70123|Zenobie|Bram|1050|courses", said), page
