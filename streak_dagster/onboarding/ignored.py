"""Whether git would take a file with a key along."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 3.0
_IS_IGNORED, _IS_NOT = 0, 1


def is_open_to_git(path: Path) -> bool:
    """Whether a file lies in a git work tree that doesn't ignore it; not where git can't say."""
    command = ["git", "-C", str(path.parent), "check-ignore", "--quiet", path.name]
    try:
        done = subprocess.run(  # noqa: S603 - git, with the file's own name
            command, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == _IS_NOT
