"""What a call brought, and what calls were spent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A whole answer: what it was read as, and when it came (milliseconds since 1970 UTC).

    ``clock_ahead`` is by how many seconds Streak's clock was ahead of ours then, to the second, as far as its
    ``Date`` tells; None where it has none.
    """

    content: T
    received_at: int
    clock_ahead: float | None = None


@dataclass
class Usage:
    """What a client has spent: HTTP calls sent, how many of them were retries, how many got a 429."""

    calls: int = 0
    retries: int = 0
    rate_limited: int = 0

    def add(self, *, calls: int = 0, retries: int = 0, rate_limited: int = 0) -> None:
        self.calls += calls
        self.retries += retries
        self.rate_limited += rate_limited

    def snapshot(self) -> Usage:
        return replace(self)

    def since(self, before: Usage) -> Usage:
        return Usage(
            self.calls - before.calls, self.retries - before.retries, self.rate_limited - before.rate_limited
        )
