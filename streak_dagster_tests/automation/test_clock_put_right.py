"""What was stamped by a clock that went ahead doesn't hold anything up once the clock is right."""

from __future__ import annotations

import time
from dataclasses import replace

from streak_dagster.automation.sensor_cursor import SensorCursor

TEN_YEARS = 10 * 365 * 86_400.0


def test_a_wait_that_was_begun_in_the_future_is_over() -> None:
    cursor = SensorCursor().failed()
    assert cursor.waits()
    assert not replace(cursor, look_after=cursor.look_after + TEN_YEARS).waits()
    assert not replace(cursor, look_after=time.time() - 1).waits()


def test_a_refresh_that_was_asked_for_in_the_future_may_be_asked_for_again() -> None:
    cursor = SensorCursor().requested("what moved")
    assert not cursor.may_request("what moved")
    assert cursor.may_request("something else")
    assert replace(cursor, ask_after=cursor.ask_after + TEN_YEARS).may_request("what moved")
