"""Starting modules of the tests as processes of their own, and leaving none behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def process(module: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A running module with open pipes; killed at the end of the block if it still runs."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=REPOSITORY
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def says(running: subprocess.Popen[str], word: str) -> None:
    """Wait for a line of the process; fail with its error output where it ends before."""
    assert running.stdout is not None
    assert running.stderr is not None
    line = running.stdout.readline().strip()
    assert line == word, line or running.stderr.read()
