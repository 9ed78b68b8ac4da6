"""The words that every part of the sandbox shares. Imports nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
"""One object as the API spells it: camelCase names, epoch milliseconds."""

DAY = 86_400_000
HOUR = 3_600_000
MINUTE = 60_000


class HiddenError(KeyError):
    """Something is there, but the account may not see it: `status` is what Streak answers."""

    def __init__(self, key: str, status: int) -> None:
        super().__init__(key)
        self.status = status


@dataclass(frozen=True)
class Children:
    """Everything that hangs on one box, as canonical objects."""

    comments: list[Json] = field(default_factory=list)
    tasks: list[Json] = field(default_factory=list)
    meetings: list[Json] = field(default_factory=list)
    threads: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether the box has any child at all."""
        return bool(self.comments or self.tasks or self.meetings or self.threads or self.files)


CHILD_KINDS = ("comments", "tasks", "meetings", "threads", "files")

NO_CHILDREN = Children()
"""Shared by every quiet box: do not change it."""


def with_key(things: Sequence[Json], key: str) -> Json:
    """The one that has the key; `KeyError` when there is none."""
    for each in things:
        if each["key"] == key:
            return each
    raise KeyError(key)
