"""What all parts of a workspace share: the source, the edits laid over it, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, TypeVar

from ..objects.keys import make_key
from .moves import Moves
from .overlay import Overlay
from .source import Source

T = TypeVar("T")


@dataclass
class WorkspaceState:
    """Plain data. Whoever reads or changes more than one attribute holds `lock`."""

    source: Source
    children_touch_updated: bool
    """Whether the source's own children move their box's `lastUpdatedTimestamp`."""
    moves: Moves
    now: int
    """The workspace's own clock (epoch ms)."""
    overlay: Overlay = field(default_factory=Overlay)
    lock: RLock = field(default_factory=RLock)
    _cache: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def tick(self) -> int:
        """Begin an edit: a second passes. Returns the new time."""
        self.now += 1000
        self.overlay.revision += 1
        return self.now

    def new_key(self, kind: str) -> str:
        """A key for a new object: unique, because one edit makes at most one object of a kind."""
        return make_key(kind, "edit", self.overlay.revision)

    def cached(self, name: tuple[object, ...], make: Callable[[], T]) -> T:
        """`make()`, remembered until the next edit."""
        whole = (self.overlay.revision, *name)
        if whole not in self._cache:
            self._cache = {key: value for key, value in self._cache.items() if key[0] == whole[0]}
            self._cache[whole] = make()
        found: T = self._cache[whole]
        return found
