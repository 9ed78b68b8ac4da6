"""Edits of a list of a source's objects that may be long and lazy."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from typing import overload

from ..objects.types import Json


class Collection(Sequence[Json]):
    """A sequence with some objects changed, some left out and some more at the end.

    Slices stay as cheap as the source's. Taking one out looks for its place, once.
    """

    def __init__(self, base: Sequence[Json]) -> None:
        self._base = base
        self._changed: dict[str, Json] = {}
        self._added: list[Json] = []
        self._removed: list[int] = []
        self._removed_keys: set[str] = set()

    def add(self, thing: Json) -> None:
        """Put one at the end."""
        self._added.append(thing)

    def change(self, key: str, properties: Json) -> None:
        """Set properties of one that is there."""
        for place, each in enumerate(self._added):
            if each["key"] == key:
                self._added[place] = {**each, **properties}
                return
        self._changed[key] = {**self._changed.get(key, {}), **properties}

    def remove(self, key: str) -> None:
        """Take one out that is there."""
        kept = [each for each in self._added if each["key"] != key]
        if len(kept) < len(self._added):
            self._added = kept
        else:
            insort(self._removed, next(p for p, each in enumerate(self._base) if each["key"] == key))
            self._removed_keys.add(key)

    def find(self, key: str, base: Json | None) -> Json | None:
        """One by its key; `base` is what the source has under it."""
        for each in self._added:
            if each["key"] == key:
                return each
        return None if base is None or key in self._removed_keys else self._now(base)

    def __len__(self) -> int:
        """How many there are now."""
        return len(self._base) - len(self._removed) + len(self._added)

    @overload
    def __getitem__(self, place: int) -> Json: ...
    @overload
    def __getitem__(self, place: slice) -> list[Json]: ...
    def __getitem__(self, place: int | slice) -> Json | list[Json]:
        """One, or a slice."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if place < 0:
            place += len(self)
        if not 0 <= place < len(self):
            raise IndexError(place)
        kept = len(self._base) - len(self._removed)
        return self._added[place - kept] if place >= kept else self._now(self._base[self._place(place)])

    def _place(self, place: int) -> int:
        """The place in the source: that many more as have been taken out before it."""
        found = place
        while (after := place + bisect_right(self._removed, found)) != found:
            found = after
        return found

    def _now(self, thing: Json) -> Json:
        change = self._changed.get(thing["key"])
        return {**thing, **change} if change else thing
