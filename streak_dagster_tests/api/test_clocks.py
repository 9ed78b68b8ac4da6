"""How far Streak's clock is from ours, as far as an answer in whole seconds tells."""

from __future__ import annotations

import email.utils
from datetime import timedelta

import pytest
import requests

from streak_dagster.api.client import _clock_ahead

NOW = 1_764_000_000


@pytest.mark.parametrize(
    ("dated", "took", "ahead"),
    [
        *((0, 0.5, 0), (-1, 0.5, 0), (-1, 0.0, 0), (-30, 31.0, 0)),
        *((60, 0.5, 60), (-60, 0.5, -58.5), (3600, 0.0, 3600)),
    ],
)
def test_it_is_told_beyond_what_a_call_takes(dated: int, took: float, ahead: float) -> None:
    response = requests.Response()
    response.headers["Date"] = email.utils.formatdate(NOW + dated, usegmt=True)
    response.elapsed = timedelta(seconds=took)
    assert _clock_ahead(response, NOW * 1000) == ahead


def test_without_a_date_nothing_is_told() -> None:
    assert _clock_ahead(requests.Response(), NOW * 1000) is None
