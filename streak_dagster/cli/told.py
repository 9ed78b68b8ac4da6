"""Errors that a person can mend, each in a sentence and with the exit status that it ends a command with."""

from __future__ import annotations

import sys
from typing import NamedTuple

from streak_dagster.errors import SettingsError, StreakDagsterError

_LONGEST = 800
"""Letters of what another library says: a message is to be read at once."""


class Told(NamedTuple):
    """What is said, and the exit status."""

    text: str
    status: int


def sentence_of(error: BaseException) -> Told | None:
    """The words for an error; None for one that is a fault of ours."""
    if isinstance(error, SettingsError):
        return Told(str(error), 2)
    if isinstance(error, StreakDagsterError):
        return Told(str(error), 1)
    if isinstance(error, OSError):
        named = f": {error.filename}" if error.filename else ""
        return Told(f"{error.strerror or error}{named}. Nothing that was there before is lost.", 1)
    duckdb = sys.modules.get("duckdb")  # who hasn't imported it can't have its error
    if duckdb is not None and isinstance(error, duckdb.Error):
        text = str(error).strip()
        return Told(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…", 1)
    return None
