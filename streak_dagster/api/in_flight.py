"""The calls that are under way, each of which another thread can end: at once, or at its deadline.

A timeout of a socket bounds each wait for some bytes, not the answer: one that trickles has no end. So
one thread a client watches over the deadlines, and ends a call by shutting its sockets down, which wakes
whoever waits in them.
"""

from __future__ import annotations

import contextlib
import enum
import os
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class End(enum.Enum):
    """Why a call was ended before its answer was whole."""

    STOPPED = enum.auto()
    TOO_LONG = enum.auto()


class Call:
    """One call under way. ``sent`` is called when its request has left."""

    def __init__(self, sent: Callable[[], None]) -> None:
        self.sent = sent
        self._end: End | None = None
        self._over = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def hold(self, used: socket.socket) -> None:
        """Keep a socket that the call uses, to be shut when the call is ended.

        A copy of its descriptor is held: TLS wraps the socket in another one, and the number of one that
        was closed may soon mean another file. Raises ConnectionAbortedError where the call was ended.
        """
        copy = socket.socket(fileno=os.dup(used.fileno()))
        with self._lock:
            self._sockets.append(copy)
        self.check()

    def check(self) -> None:
        """Raises ConnectionAbortedError where the call was ended: no socket was there to be shut."""
        if self._end is not None:
            raise ConnectionAbortedError("the call was ended")

    def end(self, why: End) -> None:
        with self._lock:
            if not self._over:
                self._end = self._end or why
            for each in self._sockets:
                with contextlib.suppress(OSError):  # not connected yet, or the other side was quicker
                    each.shutdown(socket.SHUT_RDWR)

    def over(self) -> End | None:
        """Let go of the sockets: from now on nothing is ended. Says why the call was ended, if it was."""
        with self._lock:
            self._over = True
            while self._sockets:
                self._sockets.pop().close()
            return self._end


class InFlight:
    """A client's calls under way; none may take longer than ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._calls: dict[Call, float] = {}  # each call's deadline; the first in it is the next one
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None

    @contextmanager
    def call(self, sent: Callable[[], None]) -> Iterator[Call]:
        call = Call(sent)
        with self._lock:
            self._calls[call] = time.monotonic() + self.seconds
            if self._watch is None and not self._closed.is_set():
                self._watch = threading.Thread(
                    target=self._end_late_ones, name="streak-deadlines", daemon=True
                )
                self._watch.start()
        try:
            yield call
        finally:
            with self._lock:
                del self._calls[call]
            call.over()

    def end_all(self) -> None:
        """End every call that is under way now."""
        with self._lock:
            calls = list(self._calls)
        for call in calls:
            call.end(End.STOPPED)

    def close(self) -> None:
        """End every call, and the thread that watches over them."""
        with self._lock:  # no call may start another thread once this one is known
            self._closed.set()
            watch = self._watch
        self.end_all()
        if watch is not None:
            watch.join()

    def _end_late_ones(self) -> None:
        """End each call at its deadline. One that begins while this waits has its own after the next look."""
        pause = self.seconds
        while not self._closed.wait(pause):
            with self._lock:
                now = time.monotonic()
                late = [call for call, deadline in self._calls.items() if deadline <= now]
                pause = next((at - now for at in self._calls.values() if at > now), self.seconds)
                if not self._calls:
                    self._watch = None  # the next call starts another one
                    return
            for call in late:
                call.end(End.TOO_LONG)
