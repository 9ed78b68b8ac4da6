"""The calls of a walk that are under way: many at once, and none of their answers is lost."""

from __future__ import annotations

import contextlib
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


class RunningCalls(Generic[RequestT, AnswerT]):
    """At most so many calls at once, each by ``ask`` in a thread of its own.

    ``take`` gets each call that ended, in the thread that waits for them.
    """

    def __init__(
        self,
        most: int,
        ask: Callable[[RequestT], AnswerT],
        take: Callable[[RequestT, Future[AnswerT]], None],
    ) -> None:
        self._most = most
        self._ask = ask
        self._take = take
        self._running: dict[Future[AnswerT], RequestT] = {}
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="streak")

    def __len__(self) -> int:
        return len(self._running)

    @property
    def has_room(self) -> bool:
        return len(self._running) < self._most

    def start(self, request: RequestT) -> None:
        self._running[self._threads.submit(self._ask, request)] = request

    def take_finished(self, seconds: float) -> None:
        """Wait until a call has ended, so many seconds at most, and take what came of those that have."""
        finished, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in finished:
            try:
                self._take(self._running[future], future)
            except Exception:
                del self._running[future]
                raise
            # Only now: an answer still counts as under way where an interrupt comes in between.
            del self._running[future]

    def drain(self, seconds: float, take: Callable[[RequestT, Future[AnswerT]], None]) -> None:
        """Wait for all calls, so many seconds at most, and ``take`` what came of those that have ended."""
        finished, _ = wait(self._running, timeout=seconds)
        with contextlib.suppress(OSError):  # a full disk may be what ended the walk
            for future in finished:
                take(self._running[future], future)

    def close(self) -> None:
        """Start none of those that wait for a thread, and wait for no other."""
        self._threads.shutdown(wait=False, cancel_futures=True)
