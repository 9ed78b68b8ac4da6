"""What arrived, when, by the server's own clock.

The journal is the judge of the call budget: it stamps a request when its headers are there, before the
rate limiter, the key check or any delay. Credentials are never written down.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import asdict, dataclass
from urllib.parse import parse_qsl


@dataclass
class Arrival:
    """One request. `status` and `kind` are None until it was answered.

    `at` is monotonic seconds, `wall` epoch seconds. `path` starts with `/api`, `query` is what followed the
    `?`. `kind` is one of ok, refused (rate limit), unauthorized, missing (no such object), unknown (no such
    path), invalid (bad parameters), undocumented (refused only by a strict sandbox), fault or `fault:<kind>`
    (made to fail on purpose) or failed (a 5xx that wasn't ordered). `status` stays None when no answer was
    sent at all (`fault:reset`, `fault:hang`).
    """

    at: float
    wall: float
    method: str
    path: str
    query: str
    status: int | None = None
    kind: str | None = None
    bytes: int = 0

    @property
    def params(self) -> dict[str, str]:
        """The query decoded; of a repeated name the last value."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


class Journal:
    """All arrivals since the start or the last `clear()`, oldest first."""

    def __init__(self) -> None:
        self._arrivals: list[Arrival] = []

    def __len__(self) -> int:
        """How many requests have arrived."""
        return len(self._arrivals)

    @property
    def arrivals(self) -> list[Arrival]:
        """A copy, safe to read while the server goes on."""
        return list(self._arrivals)

    def add(self, arrival: Arrival) -> None:
        """Write one down."""
        self._arrivals.append(arrival)

    def clear(self) -> None:
        """Forget everything."""
        self._arrivals = []

    def calls(self, path: str | re.Pattern[str] = "") -> list[Arrival]:
        """Arrivals whose path, without `/api`, starts with a string or contains a match of a pattern.

        `calls("/v1/pipelines")` and `calls(re.compile("/comments$"))`; the string may also start with `/api`.
        """
        if isinstance(path, str):
            wanted = path if path.startswith("/api") else "/api" + path
            return [arrival for arrival in self.arrivals if arrival.path.startswith(wanted)]
        return [arrival for arrival in self.arrivals if path.search(arrival.path.removeprefix("/api"))]

    def busiest_window(self, seconds: float = 1.0) -> int:
        """The largest number of arrivals in any half-open window `[t, t + seconds)`.

        Two arrivals exactly `seconds` apart are not in one window.
        """
        window: deque[float] = deque()
        busiest = 0
        for at in sorted(arrival.at for arrival in self.arrivals):
            window.append(at)
            while at - window[0] >= seconds:
                window.popleft()
            busiest = max(busiest, len(window))
        return busiest

    def rate(self) -> float:
        """Arrivals a second from the first to the last: (n - 1) / (last - first); 0.0 for fewer than two."""
        stamps = [arrival.at for arrival in self.arrivals]
        span = max(stamps) - min(stamps) if stamps else 0.0
        return (len(stamps) - 1) / span if span > 0 else 0.0

    def as_json(self) -> dict[str, object]:
        """What `GET /_sandbox/journal` answers."""
        arrivals = self.arrivals
        return {
            "count": len(arrivals),
            "busiestWindow": self.busiest_window(),
            "rate": self.rate(),
            "arrivals": [asdict(arrival) for arrival in arrivals],
        }
