"""The budget of calls: who else uses it now."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from streak_dagster.doctor.findings import Finding, Mark
from streak_dagster.sync.refresh_lock import is_refreshing

if TYPE_CHECKING:
    from streak_dagster.api.rate_limiter import RateLimiter

_LATELY = 60.0


def shared_budget(limiter: RateLimiter, budget: str) -> Finding:
    """How much of an account's budget the processes of this machine used lately. Before any call of ours."""
    calls = limiter.departed_within(_LATELY)
    paused = limiter.paused_until()
    is_running = is_refreshing(budget)
    facts = {
        "calls_per_second": limiter.calls_per_second,
        "calls_in_the_last_minute": calls,
        "is_refreshing": is_running,
        "is_paused": paused is not None,
    }
    text = f"{limiter.calls_per_second:g} calls a second, shared by all processes of this machine. "
    if is_running:
        text += f"A refresh is running: {calls:,} calls in the last minute."
    else:
        text += f"No refresh is running; {calls:,} calls in the last minute."
    if paused is not None:
        until = datetime.fromtimestamp(paused, timezone.utc)
        text += f" Streak asked to wait until {until:%H:%M:%S} UTC, so everybody does."
        return Finding("budget", Mark.WARN, text, "Try again then.", facts)
    return Finding("budget", Mark.OK, text, facts=facts)
