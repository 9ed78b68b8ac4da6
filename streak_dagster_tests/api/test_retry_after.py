"""``Retry-After`` in every form, and in none."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.api.retries import parse_retry_after

NOW = datetime(2026, 10, 21, 7, 28, 0, tzinfo=timezone.utc).timestamp()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 09:28:30 +0200", 30.0),
        ("Wed, 21 Oct 2026 07:28:30 -0000", 30.0),
        ("Wed Oct 21 07:28:30 2026", 30.0),  # asctime, which RFC 9110 still allows: always UTC
        ("Wednesday, 21-Oct-26 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 07:27:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("²", None),
        ("Wed, 99 Oct 2026 07:28:30 GMT", None),
        ("Wed, 99999999999999999999 Oct 2026 07:28:30 GMT", None),
        ("Wed, 21 Oct 2026 07:28:30 +99999999999999", None),
    ],
)
def test_seconds_or_date_or_nothing(
    header: str | None, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")  # a date without a zone is UTC wherever we are
    time.tzset()
    try:
        assert parse_retry_after(header, now=lambda: NOW) == seconds
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("slow", [-240, 0, 240])
def test_a_date_is_compared_with_the_answers_own(slow: int) -> None:
    """By our own clock, four minutes behind Streak's, 30 seconds became four minutes and a half."""
    until, sent = "Wed, 21 Oct 2026 07:28:30 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"
    assert parse_retry_after(until, sent, now=lambda: NOW + slow) == 30.0
    assert parse_retry_after("7", sent, now=lambda: NOW + slow) == 7.0
    assert parse_retry_after(until, "nonsense", now=lambda: NOW) == 30.0


@given(st.text(max_size=40) | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+( \w+)?", fullmatch=True))
def test_whatever_comes_is_a_number_of_seconds_or_nothing(header: str) -> None:
    seconds = parse_retry_after(header)
    assert seconds is None or seconds >= 0
