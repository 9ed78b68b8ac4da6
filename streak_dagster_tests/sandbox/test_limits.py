"""The sliding second and the journal that judges it."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.sandbox import Arrival, Journal, Variants
from streak_dagster.sandbox.http.limiter import SlidingWindow
from streak_dagster_tests.support.sandbox_client import Start

GAPS = st.lists(st.integers(0, 400).map(lambda ms: ms / 1024), min_size=1, max_size=120)
"""Times between calls in multiples of 1/1024 s, so that sums are exact."""


def journal(*stamps: float) -> Journal:
    made = Journal()
    for at in stamps:
        made.add(Arrival(at, 0.0, "GET", "/api/v1/users/me", ""))
    return made


@given(gaps=GAPS, rate=st.integers(1, 12), count_refused=st.booleans())
def test_never_admits_more_than_the_rate_in_any_second(
    gaps: list[float], rate: int, count_refused: bool
) -> None:
    limiter, now, admitted = SlidingWindow(rate), 0.0, []
    for gap in gaps:
        now += gap
        wait = limiter.admit(now, count_refused=count_refused)
        if wait is None:
            admitted.append(now)
        else:
            assert 0 < wait <= 1
    for first in admitted:
        assert sum(first <= at < first + 1 for at in admitted) <= rate
    assert journal(*admitted).busiest_window() <= rate


@given(gaps=GAPS, rate=st.integers(1, 12), count_refused=st.booleans())
def test_who_waits_as_told_is_let_in(gaps: list[float], rate: int, count_refused: bool) -> None:
    limiter, now = SlidingWindow(rate), 0.0
    for gap in gaps:
        now += gap
        wait = limiter.admit(now, count_refused=count_refused)
        if wait is not None:
            now += wait
            assert limiter.admit(now, count_refused=count_refused) is None


def test_calls_exactly_a_second_apart_dont_meet() -> None:
    limiter = SlidingWindow(1)
    assert [limiter.admit(at, count_refused=True) for at in (0.0, 1.0, 2.0)] == [None, None, None]
    assert limiter.admit(2.5, count_refused=False) == 0.5


def test_refused_calls_keep_a_hammering_client_out_only_when_they_count() -> None:
    stamps = [step / 4 for step in range(40)]
    counting, lenient = SlidingWindow(2), SlidingWindow(2)
    assert sum(counting.admit(at, count_refused=True) is None for at in stamps) == 2
    assert sum(lenient.admit(at, count_refused=False) is None for at in stamps) == 20


def test_a_rate_below_one_widens_the_window() -> None:
    limiter = SlidingWindow(0.5)
    assert [limiter.admit(at, count_refused=False) is None for at in (0.0, 1.0, 2.0)] == [True, False, True]


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf")])
def test_impossible_rates(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        SlidingWindow(rate)


@given(gaps=GAPS, seconds=st.sampled_from([0.25, 1.0, 3.0]))
def test_busiest_window_is_the_worst_of_all_windows(gaps: list[float], seconds: float) -> None:
    stamps = [sum(gaps[: place + 1]) for place in range(len(gaps))]
    expected = max(sum(first <= at < first + seconds for at in stamps) for first in stamps)
    assert journal(*stamps).busiest_window(seconds) == expected


def test_journal_numbers() -> None:
    assert (journal().busiest_window(), journal().rate(), journal(1.0).rate()) == (0, 0.0, 0.0)
    assert journal(0.0, 1.0).busiest_window() == 1
    assert journal(0.0, 0.5, 1.0).rate() == 2.0


def test_journal_of_a_running_sandbox(start: Start) -> None:
    client = start(key="a secret key")
    before = time.monotonic()
    client.get("/v1/users/me", note="ä b")
    client.call("/v1/nowhere")
    client.call("/v1/boxes/nothing")
    client.call("/v1/users/me", auth=("wrong", ""))
    client.call("/v1/users/me", method="PUT")
    journal = client.sandbox.journal
    assert [(each.status, each.kind) for each in journal.arrivals] == [
        (200, "ok"),
        (404, "unknown"),
        (404, "missing"),
        (401, "unauthorized"),
        (405, "unknown"),
    ]
    first = journal.arrivals[0]
    assert before < first.at < time.monotonic()
    assert abs(first.wall - time.time()) < 60
    assert (first.method, first.path, first.params) == ("GET", "/api/v1/users/me", {"note": "ä b"})
    assert first.bytes > 100
    assert "secret" not in str(journal.as_json())
    assert len(journal.calls("/v1/users")) == len(journal.calls("/api/v1/users")) == 3
    assert len(journal.calls(re.compile("/(boxes|nowhere)"))) == 2
    assert len(journal.calls()) == len(journal) == 5
    journal.clear()
    assert journal.arrivals == []


@pytest.mark.parametrize("form", ["seconds", "date", "none"])
def test_over_the_limit(start: Start, form: Any) -> None:
    client = start(rate=0.02, variants=Variants(retry_after=form))  # one call in 50 s
    assert client.call("/v1/users/me").status_code == 200
    refused = client.call("/v1/users/me")
    assert refused.status_code == 429
    assert refused.json()["error"]
    header = refused.headers.get("Retry-After")
    if form == "seconds":
        assert header is not None
        assert 1 <= int(header) <= 50
    elif form == "date":
        assert header is not None
        assert 0 < parsedate_to_datetime(header).timestamp() - time.time() <= 51
    else:
        assert header is None
    assert [each.kind for each in client.sandbox.journal.arrivals] == ["ok", "refused"]


def test_the_limit_holds_as_the_journal_sees_it(start: Start) -> None:
    client = start(rate=5, variants=Variants(count_refused=False))
    for _ in range(60):
        client.call("/v1/users/me")
    admitted = [each for each in client.sandbox.journal.arrivals if each.kind == "ok"]
    assert journal(*(each.at for each in admitted)).busiest_window() <= 5
    assert len(client.sandbox.journal) == 60
