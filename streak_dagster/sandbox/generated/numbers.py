"""Numbers from (seed, what, index): the same everywhere, in any order of asking."""

from __future__ import annotations

import math
import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

T = TypeVar("T")

_WORD = (1 << 64) - 1


def mix(*parts: int) -> int:
    """64 well-mixed bits of some whole numbers (the finalizer of splitmix64, once a part)."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state + part * 0xD1342543DE82EF95 + 0x632BE59BD9B4E019) & _WORD
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _WORD
        state ^= state >> 31
    return state


def name_number(name: str) -> int:
    """A fixed number for a name, to mix in."""
    return zlib.crc32(name.encode())


def share(bits: int) -> float:
    """Mixed bits as a number in [0, 1)."""
    return (bits >> 11) / (1 << 53)


class Draws:
    """A stream of numbers. Only `random.Random.random()` is used: Python promises it never changes."""

    def __init__(self, *parts: int) -> None:
        self._next = random.Random(mix(*parts)).random  # noqa: S311 - nothing secret here

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return self._next()

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        return int(self._next() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included; `low` when there is nothing between."""
        return low + int(self._next() * (high - low + 1)) if high > low else low

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._next() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[int(self._next() * len(choices))]

    def some(self, choices: Sequence[T], at_most: int) -> list[T]:
        """Up to `at_most` different neighbours among the choices."""
        count = self.below(min(at_most, len(choices)) + 1)
        first = self.below(len(choices))
        return [choices[(first + step) % len(choices)] for step in range(count)]

    def count(self, mean: float) -> int:
        """A geometric number: mostly few, now and then many, this many on average."""
        if mean <= 0:
            return 0
        return math.floor(math.log1p(-self._next()) / math.log(mean / (1 + mean)))


@dataclass(frozen=True)
class Means:
    """Children a box has on average, over all boxes.

    `quiet` is the share of boxes that have no child of their own at all: in a real CRM most boxes are cold
    leads.
    """

    comments: float = 0.6
    tasks: float = 0.4
    meetings: float = 0.2
    threads: float = 0.5
    files: float = 0.2
    quiet: float = 0.6

    def __post_init__(self) -> None:
        """Refuse impossible numbers."""
        for each in fields(self):
            value = getattr(self, each.name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{each.name} must be 0 or more, not {value}.")
        if self.quiet >= 1:
            raise ValueError(f"quiet must be below 1, not {self.quiet}.")

    def busy(self, mean: float) -> float:
        """What a mean over all boxes makes for the boxes that aren't quiet."""
        return mean / (1 - self.quiet)
