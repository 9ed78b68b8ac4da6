"""What the account's processes on this machine have spent of the budget of calls lately."""

from __future__ import annotations

import time
from dataclasses import dataclass

from streak_dagster.api.shared_state import file_name, peek, shared_directory

MINUTE = 60.0


@dataclass(frozen=True)
class Spending:
    """The calls of the last minute, and for how many seconds Streak asked to wait from now on (mostly 0)."""

    calls: int = 0
    paused: float = 0.0


def spending(budget: str) -> Spending:
    """Of the account of that name (``accounts.budget_of``); nothing where none of its files is there."""
    state = peek(shared_directory() / file_name(budget, "budget"))
    if state is None:
        return Spending()
    now = time.monotonic_ns() // 1000
    lately = [each for each in state.departures if now - each <= MINUTE * 1_000_000]
    return Spending(len(lately), max(0, state.paused_until - now) / 1_000_000)
