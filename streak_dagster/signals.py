"""Which signal told a command to stop. Knows no Dagster, so that it is in force before that is loaded."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

GOES_ON = "What Streak answered is kept, and the next run goes on from there."
"""What becomes of a refresh that was told to stop."""
_NAMES = {
    signal.SIGINT: "Ctrl-C",
    signal.SIGTERM: "SIGTERM",
    signal.SIGHUP: "the end of its terminal (SIGHUP)",
}


def spoken(number: int) -> str:
    """What a person calls a signal."""
    return _NAMES.get(signal.Signals(number), signal.Signals(number).name)


def is_interrupted_query(error: Exception) -> bool:
    """Whether an error is what DuckDB makes of an interrupt that comes while it works."""
    return isinstance(error, RuntimeError) and "Query interrupted" in str(error)


def interrupt(number: int, frame: FrameType | None) -> None:
    """A handler that does what SIGINT's does, whichever Dagster has put there by then.

    Where SIGINT is ignored, as in what a script starts with ``&``, it does what SIGINT does by default.
    """
    handler = signal.getsignal(signal.SIGINT)
    (handler if callable(handler) else signal.default_int_handler)(number, frame)


@contextmanager
def interrupting_signals() -> Iterator[Callable[[], int | None]]:
    """SIGTERM and SIGHUP do what SIGINT does. Yields a function for which came first, None where none did.

    What is ignored stays so: SIGHUP under nohup. Dagster puts up handlers of its own meanwhile, which
    don't tell the signals apart; Python's wakeup descriptor gets the number of each, whoever handles it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    wakeup_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP)}
    for each, handler in before.items():
        if handler is signal.SIG_DFL:
            signal.signal(each, interrupt)
    came: list[int] = []

    def first() -> int | None:
        with suppress(BlockingIOError):
            came.extend(os.read(reading, 1024))
        return next((number for number in came if number in _NAMES), None)

    try:
        yield first
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        signal.set_wakeup_fd(wakeup_before)
        os.close(reading)
        os.close(writing)


def let_signals_end_at_once() -> None:
    """From now on a signal ends the process as it ends any other: it only reads, so nothing is lost.

    DuckDB notices no KeyboardInterrupt while it works out what is to be printed.
    """
    if threading.current_thread() is threading.main_thread():
        for each in _NAMES:
            if signal.getsignal(each) is not signal.SIG_IGN:
                signal.signal(each, signal.SIG_DFL)
