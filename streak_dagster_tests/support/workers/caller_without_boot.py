"""A ``caller`` on a system that names no boot: ``caller_without_boot.py AHEAD URL KEY DIRECTORY …``.

Its wall clock is AHEAD seconds ahead of the true one, as after a sleep of the machine or a correction.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from streak_dagster_tests.support.workers import caller

_true_time, _true_read = time.time, Path.read_bytes


def main(ahead: str, *arguments: str) -> None:
    def read_bytes(path: Path) -> bytes:
        if path.name == "boot_id":
            raise FileNotFoundError(path)
        return _true_read(path)

    patched: Any = Path
    patched.read_bytes = read_bytes
    time.time = lambda: _true_time() + float(ahead)
    caller.main(*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
