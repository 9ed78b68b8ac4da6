"""The one way to wait: until it comes, until nothing can bring it any more, or for too long."""

from __future__ import annotations

import pytest

from streak_dagster_tests.support import steady
from streak_dagster_tests.support.ports import free_port
from streak_dagster_tests.support.waiting import eventually


def test_it_waits_until_it_comes() -> None:
    looks: list[int] = []
    eventually(lambda: looks.append(1) or len(looks) == 3, pause=0)  # type: ignore[func-returns-value]
    assert len(looks) == 3


def test_it_looks_once_more_when_what_brings_it_has_ended() -> None:
    looks = iter([False, True])
    eventually(lambda: next(looks), going_on=lambda: False)


def test_it_fails_at_once_when_nothing_can_bring_it() -> None:
    with pytest.raises(AssertionError, match="ended before it came: out of paper"):
        eventually(lambda: False, going_on=lambda: False, told=lambda: "out of paper")


def test_it_fails_in_the_end() -> None:
    with pytest.raises(AssertionError, match="didn't come within 0 s: nothing yet"):
        eventually(lambda: False, longest=0, told=lambda: "nothing yet")


def test_workers_get_ports_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "2")
    found = {}
    for worker in ("gw0", "gw1"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        found[worker] = {free_port() for _ in range(20)}
    assert max(found["gw0"]) < min(found["gw1"])


def test_what_fails_on_a_machine_that_keeps_its_time_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "MARGIN", 3600.0)
    measured: list[steady.Heartbeat] = []

    def measure(heartbeat: steady.Heartbeat) -> str:
        measured.append(heartbeat)
        with heartbeat:
            return "11 calls"

    with pytest.raises(pytest.fail.Exception, match=r"11 calls \(the machine woke"):
        steady.judge(measure)
    assert len(measured) == 1


def test_what_a_busy_machine_spoils_is_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "MARGIN", -1.0)
    complaints = iter(["11 calls", "12 calls", None])
    steady.judge(lambda _: next(complaints))
    with pytest.raises(pytest.fail.Exception, match=r"11 calls.*; 11 calls"):
        steady.judge(lambda _: "11 calls", tries=2)
