"""One run of one contestant: its process by the kernel's account, its calls by the server's journal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter, deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cases import RATE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .server import Server

REFUSED = 429


class FailedError(Exception):
    """A contestant's process ended with an error; the text has its last lines."""


def run(command: Sequence[str], environment: dict[str, str], log: Path, server: Server) -> dict[str, Any]:
    """Run a contestant to its end and return what it took; raises `FailedError`."""
    server.forget()
    return {**launched(command, environment, log), **judged(server.arrivals())}


def launched(command: Sequence[str], environment: Mapping[str, str], log: Path) -> dict[str, Any]:
    """Run a command and return its seconds, processor seconds and memory (see `launch`).

    What it prints is in ``log``. Raises `FailedError`.
    """
    result = log.with_suffix(".took")
    whole = [sys.executable, "-S", str(Path(__file__).with_name("launch.py")), str(result), *command]
    with log.open("w") as output:
        process = subprocess.Popen(
            whole, env=environment, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            process.wait()
        except BaseException:  # Ctrl-C, or SIGTERM: nobody is left behind
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    took: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    if status := took.pop("status"):
        raise FailedError(f"{' '.join(command)} ended with {status}:\n{log.read_text()[-3000:]}")
    return took


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
