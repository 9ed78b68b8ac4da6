"""`python -m streak_dagster.sandbox` as a real process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

COMMAND = [sys.executable, "-W", "error", "-m", "streak_dagster.sandbox"]


@contextmanager
def served(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A running sandbox and its base URL; killed at the end if it still runs."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.fullmatch(
                r"Streak sandbox listening at (http://127\.0\.0\.1:\d+/api) \(key: (.+)\)\n", line
            )
            assert found, line
            yield found[1], process
        finally:
            if process.poll() is None:
                process.kill()
