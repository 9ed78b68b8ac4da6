"""What was stamped by a clock that went ahead doesn't hold anything up once the clock is right."""

from __future__ import annotations

import time
from dataclasses import replace

from streak_dagster.automation.memory import Memory

TEN_YEARS = 10 * 365 * 86_400.0


def test_a_wait_that_was_begun_in_the_future_is_over() -> None:
    memory = Memory().failed()
    assert memory.waits()
    assert not replace(memory, look_after=memory.look_after + TEN_YEARS).waits()
    assert not replace(memory, look_after=time.time() - 1).waits()


def test_a_refresh_that_was_asked_for_in_the_future_may_be_asked_for_again() -> None:
    memory = Memory().asking("what moved")
    assert not memory.may_ask("what moved")
    assert memory.may_ask("something else")
    assert replace(memory, ask_after=memory.ask_after + TEN_YEARS).may_ask("what moved")
