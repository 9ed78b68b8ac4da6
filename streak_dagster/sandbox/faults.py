"""Failures on purpose: what a test needs in order to see retries, resumed work and clear errors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from threading import Lock

from .answers import Answer


@dataclass
class Fault:
    """One planned failure of calls whose path below `/api` contains a match of `path`.

    The first `skip` matching calls are answered as usual, the next `times` (None: all) are not. The body is
    sent as it is: empty and non-JSON bodies are among what Streak was seen to send (API notes, section 6).
    """

    path: str = ""
    status: int = 500
    body: bytes = b'{"error":"Internal error"}'
    headers: dict[str, str] = field(default_factory=dict)
    method: str | None = None
    skip: int = 0
    times: int | None = 1
    struck: int = 0
    """How many calls it has made fail."""


class Faults:
    """The planned failures of a sandbox; the first that fits strikes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, path: str = "", **how: object) -> Fault:
        """Plan one; arguments as for `Fault`. Returns it, so that a test can read `struck`."""
        fault = Fault(path, **how)  # type: ignore[arg-type]
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Call all of them off."""
        with self._lock:
            self._faults = []

    def strike(self, method: str, path: str) -> Answer | None:
        """The failure for a call, or None."""
        if not self._faults:
            return None
        below = path.removeprefix("/api")
        with self._lock:
            for fault in self._faults:
                if fault.method not in (None, method) or not re.search(fault.path, below):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                elif fault.times is None or fault.struck < fault.times:
                    fault.struck += 1
                    headers = tuple(
                        (name.lower().encode(), value.encode()) for name, value in fault.headers.items()
                    )
                    return Answer(fault.status, fault.body, "fault", headers=headers)
        return None
