"""The faults and changes planned for a sandbox."""

from __future__ import annotations

from threading import Lock
from typing import Any

from .changes import Change
from .fault import Fault

Place = tuple[str, ...]
"""Where an object is, below the version: `("boxes", "agx…")`."""


class Faults:
    """The planned failures of a sandbox; the first that fits strikes. Usable from any thread."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._changes: list[Change] = []
        self._failed: list[Change] = []
        self._gone: dict[Place, Fault] = {}
        self._lock = Lock()
        self.any = False
        """Whether anything is planned: all that a call costs when nothing is."""

    def add(self, path: str = "", **how: Any) -> Fault:
        """Plan one; arguments as for `Fault`. Returns it, so that a test can read `struck`."""
        return self.plan(Fault(path, **how))

    def plan(self, fault: Fault) -> Fault:
        """Plan one that was made already."""
        with self._lock:
            self._faults.append(fault)
            self.any = True
        return fault

    def when(self, path: str, do: Any, *, skip: int = 0, method: str | None = None) -> Change:
        """Plan `do(sandbox.workspace)`, once, just before the call after `skip` matching ones is answered.

        Calls refused by the rate limit don't count; the key is checked afterwards, so `do` may revoke it.
        What `do` raises makes the call fail with 500 and is raised again by `check()`, which the sandbox
        calls at the end of its `with` block.
        """
        change = Change(path, do, skip, method)
        with self._lock:
            self._changes.append(change)
            self.any = True
        return change

    def clear(self) -> None:
        """Call everything off; what is gone is back."""
        with self._lock:
            self._faults, self._changes, self._gone = [], [], {}
            self.any = False

    def check(self) -> None:
        """Raise what a change raised, if one did and it wasn't raised yet."""
        with self._lock:
            failed, self._failed = self._failed, []
        for change in failed:
            assert change.error is not None
            raise change.error

    def failed(self, change: Change) -> None:
        """Remember a change that raised, for `check`."""
        with self._lock:
            self._failed.append(change)

    def due(self, method: str, path: str) -> list[Change]:
        """The changes to run before a call."""
        below = path.removeprefix("/api")
        with self._lock:
            return [change for change in self._changes if change.is_due(method, below)]

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that a call meets, or None."""
        below = path.removeprefix("/api")
        with self._lock:
            for place, fault in self._gone.items():
                if _segments(below)[: len(place)] == place and fault.method in (None, method):
                    fault.struck += 1
                    return fault
            for fault in self._faults:
                if fault.strikes(method, below):
                    if fault.kind == "gone":
                        self._gone[_place(below)] = fault
                    return fault
        return None

    def spare(self, fault: Fault) -> None:
        """Take a strike back that had no effect."""
        with self._lock:
            fault.spare()

    @property
    def gone(self) -> frozenset[str]:
        """Keys of the objects that `gone` took away so far."""
        with self._lock:
            return frozenset(place[-1] for place in self._gone)

    def as_json(self) -> list[dict[str, object]]:
        """All faults, in the order in which they were planned."""
        with self._lock:
            return [fault.as_json() for fault in self._faults]


def _segments(below: str) -> Place:
    """`/v2/boxes/k/tasks` is `("boxes", "k", "tasks")`: an object is gone whatever the version."""
    return tuple(below.strip("/").split("/")[1:])


def _place(below: str) -> Place:
    """The object that a path leads to or through."""
    segments = _segments(below)
    return segments[: len(segments) // 2 * 2] or segments
