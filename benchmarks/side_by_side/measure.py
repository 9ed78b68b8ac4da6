"""One run of one contestant: its process by the kernel's account, its calls by the server's journal."""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from .cases import RATE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .server import Server

REFUSED = 429


class FailedError(Exception):
    """A contestant's process ended with an error; the text has its last lines."""


def run(command: Sequence[str], environment: dict[str, str], log: Path, server: Server) -> dict[str, Any]:
    """Run it to its end and return what it took; raises `FailedError`.

    Seconds are from the start of the process to its end, processor seconds those of the process and of all
    that it waited for, memory is the largest of them.
    """
    server.forget()
    began = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:  # Ctrl-C, or SIGTERM: nobody is left behind
            process.kill()
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    if process.returncode:
        raise FailedError(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text()[-3000:]}")
    return {
        "seconds": round(seconds, 3),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        "memory_mb": round(used.ru_maxrss / 1024),
        **judged(server.arrivals()),
    }


def judged(arrivals: list[dict[str, Any]]) -> dict[str, Any]:
    """What the server saw; ``calls`` are those that it answered, not those that it refused."""
    answered = [each for each in arrivals if each["status"] != REFUSED]
    stamps = sorted(each["at"] for each in answered)
    urls = Counter((each["method"], each["path"], each["query"]) for each in answered)
    return {
        "calls": len(answered),
        "repeated": sum(count - 1 for count in urls.values()),
        "refused": len(arrivals) - len(answered),
        "worst_second": _worst([each["at"] for each in arrivals]),
        "span_seconds": round(stamps[-1] - stamps[0], 3) if stamps else 0.0,
    }


def _worst(stamps: list[float]) -> int:
    window: deque[float] = deque()
    worst = 0
    for at in sorted(stamps):
        window.append(at)
        while at - window[0] >= 1.0:
            window.popleft()
        worst = max(worst, len(window))
    return worst


def floor(calls: int) -> float:
    """Seconds below which so many calls can't be made under the budget."""
    return calls / RATE
