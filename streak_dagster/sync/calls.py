"""The calls of a walk that are under way: many at once, and none of their answers is lost."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from streak_dagster.sync.lanes import Lane

RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


class RunningCalls(Generic[RequestT, AnswerT]):
    """At most so many calls at once, and as many as ``lane`` has room for; ``ask`` makes each in a thread.

    ``take`` gets each call that ended, in the thread that waits for them.
    """

    def __init__(
        self,
        most: int,
        lane: Lane,
        ask: Callable[[RequestT], AnswerT],
        take: Callable[[RequestT, Future[AnswerT]], None],
    ) -> None:
        self._lane = lane
        self._ask = ask
        self._take = take
        self._running: dict[Future[AnswerT], RequestT] = {}
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="streak")

    def __len__(self) -> int:
        return len(self._running)

    def start(self, request: RequestT) -> None:
        """Start a call, for which the lane gave room."""
        future = self._threads.submit(self._ask, request)
        self._running[future] = request
        future.add_done_callback(lambda _: self._lane.wake.set())

    def take_finished(self, seconds: float) -> None:
        """Wait so many seconds at most until a call has ended or may start; take what came of those ended."""
        self._lane.wake.wait(seconds)
        self._lane.wake.clear()
        for future in [each for each in self._running if each.done()]:
            try:
                self._take(self._running[future], future)
            except Exception:
                self._forget(future)
                raise
            # Only now: an answer still counts as under way where an interrupt comes in between.
            self._forget(future)

    def drain(self, seconds: float, take: Callable[[RequestT, Future[AnswerT]], None]) -> None:
        """Wait for all calls, so many seconds at most, and ``take`` what came of those that have ended."""
        finished, _ = wait(self._running, timeout=seconds)
        with contextlib.suppress(OSError):  # a full disk may be what ended the walk
            for future in finished:
                take(self._running[future], future)

    def close(self) -> None:
        """Start none of those that wait for a thread, and wait for no other."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._lane.close(len(self._running))

    def _forget(self, future: Future[AnswerT]) -> None:
        del self._running[future]
        self._lane.give_back()
