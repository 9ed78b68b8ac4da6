"""Edits of what hangs on a box: comments, tasks, meetings, threads and files."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

from .edits_base import EditBase
from .moves import USUAL, Part, freeze, still
from .records_children import new_comment, new_file, new_meeting, new_task, new_thread
from .types import Json


class ChildEdits(EditBase):
    """A part of `Workspace`. What moves on the box with an edit, `moves` says."""

    def add_comment(
        self,
        box_key: str,
        message: str = "A comment",
        *,
        user_key: str | None = None,
        parent: str | None = None,
    ) -> Json:
        """A new comment, or with `parent` (a comment key) a reply."""
        with self._lock:
            if parent is not None:
                replies = [*(self.child("comments", parent)["children"] or []), self._peek_key("comment")]
            comment = new_comment(
                self._new_key("comment"),
                self._own_box(box_key),
                self._who(user_key),
                self.now + 1000,
                message,
                parent=parent,
            )
            if parent is not None:
                self._overlay.change_child(parent, {"children": replies})
            return self._hang("comments", box_key, comment)

    def add_task(
        self, box_key: str, text: str = "A task", *, due: int | None = None, user_key: str | None = None
    ) -> Json:
        """A new task of a user, assigned to that user; `due` in epoch ms."""
        with self._lock:
            who = self._who(user_key)
            task = new_task(
                self._new_key("task"),
                self._own_box(box_key),
                who,
                self.now + 1000,
                text,
                due=due,
                assigned=[who],
            )
            return self._hang("tasks", box_key, task)

    def add_meeting(
        self,
        box_key: str,
        notes: str = "Talked",
        *,
        kind: str = "CALL_LOG",
        minutes: int | None = 10,
        user_key: str | None = None,
    ) -> Json:
        """A new call log or, with kind `MEETING_NOTES`, meeting notes."""
        with self._lock:
            start = self.now - 60_000 * (minutes or 0) - 299_000
            meeting = new_meeting(
                self._new_key("meeting"),
                self._own_box(box_key),
                self._who(user_key),
                start,
                notes,
                minutes=minutes,
                kind=kind,
            )
            return self._hang("meetings", box_key, meeting)

    def add_thread(self, box_key: str, subject: str = "Hello", sender: str = "someone@example.org") -> Json:
        """A thread of one received mail."""
        with self._lock:
            key = self._new_key("thread")
            thread = new_thread(
                key,
                [self._own_box(box_key)],
                self._who(None),
                subject,
                [(sender, self.now + 1000)],
                people=[(sender, sender)],
                gmail_id=f"{self.now:x}",
            )
            return self._hang("threads", box_key, thread)

    def add_file(self, box_key: str, name: str = "notes.pdf", *, size: int = 1234) -> Json:
        """A new file."""
        with self._lock:
            file = new_file(
                self._new_key("file"),
                self._own_box(box_key),
                self._who(None),
                self.now + 1000,
                name=name,
                mime="application/pdf",
                size=size,
            )
            return self._hang("files", box_key, file)

    def update_child(self, kind: str, key: str, **properties: Any) -> None:
        """Set properties of a child; `kind` is comments, tasks, meetings, threads or files."""
        self._change_child(kind, key, properties)

    def remove_child(self, kind: str, key: str) -> None:
        """Delete a child; `kind` as for `update_child`."""
        self._change_child(kind, key, None)

    def _change_child(self, kind: str, key: str, properties: Json | None) -> None:
        with self._lock:
            child = self.child(kind, key)
            parts = self.moves.deleted if properties is None else self.moves.edited
            boxes = child.get("boxKeys") or [child["boxKey"]]
            before = self._before(boxes, parts)
            at = self._tick()
            change = None if properties is None else {"lastSavedTimestamp": at, **properties}
            self._overlay.change_child(key, change)
            for box_key in boxes:
                self._move(kind, box_key, parts, before.get(box_key))

    def _hang(self, kind: str, box_key: str, child: Json) -> Json:
        before = self._before([box_key], self.moves.added)
        self._tick()
        self._overlay.add_child(kind, box_key, child)
        self._move(kind, box_key, self.moves.added, before.get(box_key))
        return child

    def _before(self, boxes: Iterable[str], parts: Set[Part]) -> dict[str, Json]:
        """The boxes as they are, when something of them isn't to move though their children do."""
        all_derived = parts >= (USUAL | {"updated"} if self._touch else USUAL)
        return {} if all_derived else {key: self.box(key) for key in boxes}

    def _move(self, kind: str, box_key: str, parts: Set[Part], before: Json | None) -> None:
        times = {"saved": "lastSavedTimestamp", "updated": "lastUpdatedTimestamp"}
        self._overlay.change_box(box_key, **{name: self.now for part, name in times.items() if part in parts})
        moved, unmoved = still(kind, parts)
        freeze(self._overlay.frozen.setdefault(box_key, {}), before, moved, unmoved)
