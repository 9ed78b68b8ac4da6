"""A lock that threads get in the order in which they came for it. ``threading.Lock`` promises none."""

from __future__ import annotations

import threading
from collections import deque


class FairLock:
    """For ``with``. A thread that is interrupted while it waits leaves the queue, and nobody waits for it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_held = False
        self._waiting: deque[threading.Lock] = deque()
        """A lock for each thread that waits, held until it is its turn."""

    def __enter__(self) -> None:
        gate, has_it, is_queued = threading.Lock(), False, False
        gate.acquire()
        try:  # an interrupt comes anywhere, also between two lines
            with self._guard:
                if self._is_held:
                    self._waiting.append(gate)
                    is_queued = True
                else:
                    self._is_held = has_it = True
            if not has_it:
                gate.acquire()
        except BaseException:
            with self._guard:
                was_waiting = gate in self._waiting
                if was_waiting:
                    self._waiting.remove(gate)
            if not was_waiting and (has_it or is_queued or not gate.locked()):
                self._pass_on()
            raise

    def __exit__(self, *_: object) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False
