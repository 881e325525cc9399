"""The bells: one drain at a time, none lost, and one that fails leaves the door open."""

import threading

import pytest

from smsgate.tasks import Drain


def test_a_bell_that_rings_during_a_drain_makes_it_look_once_more() -> None:
    looked: list[str] = []

    def work() -> None:
        looked.append("looked")
        if len(looked) == 1:
            drain()

    drain = Drain(work)
    drain()
    assert len(looked) == 2


def test_two_threads_never_drain_at_once() -> None:
    inside = threading.Lock()
    clashes: list[str] = []
    together = threading.Barrier(4)

    def work() -> None:
        if not inside.acquire(blocking=False):
            clashes.append("two at once")
            return
        for _ in range(500):
            pass
        inside.release()

    drain = Drain(work)

    def ring() -> None:
        together.wait()
        for _ in range(300):
            drain()

    threads = [threading.Thread(target=ring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not clashes


def test_a_drain_that_fails_while_a_bell_rings_still_hears_the_next_bell() -> None:
    worked: list[str] = []

    def work() -> None:
        worked.append("began")
        if len(worked) == 1:
            drain()  # a bell rings meanwhile
            raise RuntimeError

    drain = Drain(work)
    with pytest.raises(RuntimeError):
        drain()
    drain()
    assert worked[-1] == "began"
    assert len(worked) >= 2
