"""Which of a box's counters and times change when a child of it, or the box itself, is edited.

Nobody outside Streak knows (API notes, section 5 and conflict 6), so a test can set it. A client that trusts
a box's counters and times is only as good as they are: with `Moves.nothing()` it can't see any change of a
child at all.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, fields
from typing import Literal

from ..objects.types import Json

Part = Literal["counters", "times", "saved", "updated"]
"""Counters of children, times of children, `lastSavedTimestamp`, `lastUpdatedTimestamp`."""

USUAL: frozenset[Part] = frozenset({"counters", "times", "saved"})

COUNTERS: dict[str, tuple[str, ...]] = {
    "comments": ("commentCount",),
    "tasks": (
        "taskTotal",
        "taskCompleteCount",
        "taskIncompleteCount",
        "taskPercentageComplete",
        "taskAssigneeKeySet",
        "incompleteTaskAssigneeKeySet",
        "taskAssigneeSharingEntrySet",
        "incompleteTaskAssigneeSharingEntrySet",
    ),
    "meetings": ("callLogCount", "meetingNotesCount", "totalCallLogDuration", "totalMeetingNotesDuration"),
    "threads": (
        "gmailThreadCount",
        "totalNumberOfEmails",
        "totalNumberOfSentEmails",
        "totalNumberOfReceivedEmails",
    ),
    "files": ("fileCount",),
}
"""By kind of child. Counters that the clock changes too (overdue tasks) aren't here: they are always true."""
TIMES: dict[str, tuple[str, ...]] = {
    "comments": ("lastCommentTimestamp",),
    "tasks": ("soonestTaskDueDate",),
    "meetings": (
        "firstCallLogTimestamp",
        "mostRecentCallLogTimestamp",
        "firstMeetingNotesTimestamp",
        "mostRecentMeetingNotesTimestamp",
        "lastTouchpointTimestamp",
        "lastTouchpointType",
    ),
    "threads": (
        "firstEmailTimestamp",
        "firstEmailFrom",
        "lastEmailFrom",
        "lastEmailUpdatedTimestamp",
        "firstEmailSentTimestamp",
        "lastEmailSentTimestamp",
        "firstEmailReceivedTimestamp",
        "lastEmailReceivedTimestamp",
        "lastTouchpointTimestamp",
        "lastTouchpointType",
    ),
    "files": (),
}


@dataclass(frozen=True)
class Moves:
    """What moves on a box when a child is added, edited or deleted, or the box itself is edited.

    What doesn't move keeps the value from before the edit until an edit of the same kind of child (for
    `saved` and `updated`: any edit of the box) moves it.
    """

    added: Set[Part] = USUAL
    edited: Set[Part] = USUAL
    deleted: Set[Part] = USUAL
    box: Set[Part] = frozenset({"saved", "updated"})

    def __post_init__(self) -> None:
        """Refuse what isn't a part."""
        for field in fields(self):
            odd = set(getattr(self, field.name)) - {"counters", "times", "saved", "updated"}
            if odd:
                raise ValueError(f"{field.name} can't move {', '.join(sorted(map(str, odd)))}.")

    @classmethod
    def nothing(cls) -> Moves:
        """The worst case: no edit shows on the box."""
        return cls(frozenset(), frozenset(), frozenset(), frozenset())

    @classmethod
    def everything(cls) -> Moves:
        """The best case: every edit moves `lastUpdatedTimestamp` too."""
        all_parts: frozenset[Part] = frozenset({*USUAL, "updated"})
        return cls(all_parts, all_parts, all_parts)


def moved_and_unmoved(kind: str, parts: Set[Part]) -> tuple[list[str], list[str]]:
    """Names of a box's properties that an edit of such a child moves, and of those that it doesn't."""
    names = {
        "counters": COUNTERS[kind],
        "times": TIMES[kind],
        "saved": ("lastSavedTimestamp",),
        "updated": ("lastUpdatedTimestamp",),
    }
    moved = [name for part, some in names.items() if part in parts for name in some]
    return moved, [name for some in names.values() for name in some if name not in moved]


def freeze(frozen: Json, before: Json | None, moved: list[str], unmoved: list[str]) -> None:
    """Stop holding what an edit moves; hold the rest as it was `before` the edit, unless that is None."""
    for name in moved:
        frozen.pop(name, None)
    if before is not None:
        for name in unmoved:
            frozen.setdefault(name, before[name])
