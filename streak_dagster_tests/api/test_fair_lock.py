"""Threads get the lock in the order in which they came, and an interrupt leaves nobody waiting."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque

import pytest

from streak_dagster.api.fair_lock import FairLock
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually

MANY = 40


def test_they_get_it_in_the_order_in_which_they_came() -> None:
    lock, order = FairLock(), []

    def take(number: int) -> None:
        with lock:
            order.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(MANY)]
    with lock:
        for count, thread in enumerate(threads, 1):
            thread.start()
            eventually(lambda count=count: len(lock._waiting) == count)  # type: ignore[misc]
    for thread in threads:
        thread.join(MAX_WAIT)
    assert order == list(range(MANY))


def test_one_at_a_time_has_it() -> None:
    lock, most, inside = FairLock(), [], []

    def take() -> None:
        for _ in range(50):
            with lock:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(MAX_WAIT)
    assert len(most) == 400
    assert set(most) == {1}


def test_who_is_interrupted_while_waiting_is_waited_for_by_nobody() -> None:
    lock, held, go_on, had = FairLock(), threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            go_on.wait(MAX_WAIT)

    def interrupt() -> None:
        eventually(lambda: len(lock._waiting) == 1)
        os.kill(os.getpid(), signal.SIGINT)

    threads = [threading.Thread(target=hold), threading.Thread(target=interrupt)]
    threads[0].start()
    assert held.wait(MAX_WAIT)
    threads[1].start()
    with pytest.raises(KeyboardInterrupt), lock:
        pytest.fail("it was held")
    go_on.set()
    for thread in threads:
        thread.join(MAX_WAIT)

    def take() -> None:
        with lock:
            had.set()

    threading.Thread(target=take).start()
    assert had.wait(MAX_WAIT)


def test_it_is_free_after_an_error() -> None:
    lock = FairLock()
    with pytest.raises(ValueError, match="inside"), lock:
        raise ValueError("inside")
    with lock:
        pass


def test_who_is_interrupted_as_it_comes_to_the_queue_is_waited_for_by_nobody() -> None:
    """Between two lines: Python looks for signals as a call returns, here that which joins the queue."""

    class Interrupted(deque[threading.Lock]):
        def append(self, gate: threading.Lock) -> None:
            super().append(gate)
            raise KeyboardInterrupt

    lock, had = FairLock(), threading.Event()
    with lock:
        lock._waiting = Interrupted()
        with pytest.raises(KeyboardInterrupt), lock:
            pytest.fail("it was held")
        lock._waiting = deque(lock._waiting)

    def take() -> None:
        with lock:
            had.set()

    threading.Thread(target=take, daemon=True).start()
    assert had.wait(MAX_WAIT)
