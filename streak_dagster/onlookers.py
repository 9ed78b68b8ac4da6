"""Who looks on in this process while Streak is asked: a live display, for which a log is too slow.

A walk tells about once a second how far it is. Nobody has to look on, and who does must not raise.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Reading:
    """How far the walk of one table is.

    ``done`` of ``total`` parents were asked; ``calls`` is what the run's client has sent in all, and
    ``waits_for`` why none leave now, None where they do.
    """

    table: str
    done: int
    total: int
    calls: int
    waits_for: str | None


_onlookers: list[Callable[[Reading], None]] = []


@contextmanager
def looked_on_by(onlooker: Callable[[Reading], None]) -> Iterator[None]:
    """Tell ``onlooker`` of every reading while the block runs."""
    _onlookers.append(onlooker)
    try:
        yield
    finally:
        _onlookers.remove(onlooker)


def tell(reading: Reading) -> None:
    """A reading, to whoever looks on."""
    for onlooker in _onlookers:
        onlooker(reading)
