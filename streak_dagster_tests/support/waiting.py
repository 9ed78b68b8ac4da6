"""The one way to wait for what comes by itself: until it is there, or nothing can bring it any more."""

from __future__ import annotations

import time
from collections.abc import Callable

MAX_WAIT = 300.0
"""Seconds. Nothing that a test waits for takes this long on the busiest machine: then it is stuck."""
PAUSE = 0.01


def eventually(
    holds: Callable[[], object],
    *,
    going_on: Callable[[], bool] = lambda: True,
    told: Callable[[], object] = lambda: "",
    pause: float = PAUSE,
    longest: float = MAX_WAIT,
) -> None:
    """Wait until something ``holds``, looking every ``pause`` seconds.

    Fails as soon as what should bring it about is no longer ``going_on``, and after ``longest`` seconds,
    with what was ``told`` meanwhile.
    """
    deadline = time.monotonic() + longest
    while not holds():
        if not going_on():
            # It may have come with its last breath.
            assert holds(), f"what should bring it about ended before it came: {told()}"
            return
        assert time.monotonic() < deadline, f"it didn't come within {longest:.0f} s: {told()}"
        time.sleep(pause)
