"""Who may send next, where the lists of several tables are read at once: the table that comes first.

The calls under way are bounded over all of them. Without an order, a table that nobody waits for yet could
fill that bound, and the one that a run waits for would get its share alone.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Lanes:
    """The lanes of one account: at most ``most`` calls of them are under way at once."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Condition()
        self._lanes: list[Lane] = []
        self._running = 0

    def lane(self, place: int = 0) -> Lane:
        """A lane for one walk; one with a lower ``place`` is served first, of equal ones the older."""
        lane = Lane(self, place)
        with self._lock:
            self._lanes.append(lane)
            self._lanes.sort(key=lambda each: each.place)  # stable
        return lane

    def wait_for_room(self, seconds: float, is_due: Callable[[], bool] = lambda: True) -> bool:
        """Whether a call of a further table could leave, and ``is_due``, now or within so many seconds.

        That is looked at whenever a call is over.
        """
        with self._lock:
            return self._lock.wait_for(lambda: self._has_room() and is_due(), seconds)

    def wake(self) -> None:
        """Have whoever waits for room look at what else it waits for."""
        with self._lock:
            self._lock.notify_all()

    def _has_room(self) -> bool:
        return self._running < self.most and not any(each.is_hungry for each in self._lanes)

    def _take(self, lane: Lane) -> bool:
        with self._lock:
            before = self._lanes[: self._lanes.index(lane)]
            lane.is_hungry = self._running >= self.most or any(each.is_hungry for each in before)
            if not lane.is_hungry:
                self._running += 1
            return not lane.is_hungry

    def _give_back(self, calls: int, lane: Lane, *, is_over: bool = False) -> None:
        with self._lock:
            self._running -= calls
            if is_over:
                self._lanes.remove(lane)
            if calls or is_over:
                self._tell()

    def _is_sated(self, lane: Lane) -> None:
        with self._lock:
            lane.is_hungry = False
            if self._running < self.most:  # it may have been woken for more room than it took
                self._tell()

    def _tell(self) -> None:
        """Wake the first lane that waits for room, and whoever would begin another one."""
        for each in self._lanes:
            if each.is_hungry:
                each.wake.set()
                break
        self._lock.notify_all()


class Lane:
    """The place in the order of one walk. ``wake`` is set when it should look again."""

    def __init__(self, lanes: Lanes, place: int) -> None:
        self.place = place
        self.wake = threading.Event()
        self.is_hungry = False
        """Whether it has something to ask, and had no room for it."""
        self._lanes = lanes

    def take_room(self) -> bool:
        """Whether one more call may be started; then it is to be given back."""
        return self._lanes._take(self)  # noqa: SLF001

    def give_back(self, calls: int = 1) -> None:
        """So many calls are over, and their answers taken in."""
        self._lanes._give_back(calls, self)  # noqa: SLF001

    def has_nothing_to_ask(self) -> None:
        """Nothing is to be asked for now, so that others may go first."""
        self._lanes._is_sated(self)  # noqa: SLF001

    def close(self, running: int = 0) -> None:
        """Leave the order, with the room of calls that are ``running`` and won't be taken in."""
        self.is_hungry = False
        self._lanes._give_back(running, self, is_over=True)  # noqa: SLF001
