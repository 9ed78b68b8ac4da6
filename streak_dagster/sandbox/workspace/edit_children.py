"""Edits of what hangs on a box: comments, tasks, meetings, threads and files."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

from ..objects.children import new_comment, new_file, new_meeting, new_task, new_thread
from ..objects.types import Json
from .boxes import Boxes
from .moves import USUAL, Part, freeze, moved_and_unmoved
from .people import People
from .state import WorkspaceState


class ChildEdits:
    """A part of `Workspace`. What an edit moves on the box, `Workspace.moves` says."""

    def __init__(self, state: WorkspaceState, boxes: Boxes, people: People) -> None:
        self._state = state
        self._boxes = boxes
        self._people = people

    def add_comment(
        self,
        box_key: str,
        message: str = "A comment",
        *,
        user_key: str | None = None,
        parent: str | None = None,
    ) -> Json:
        """A new comment, or with `parent` (a comment key) a reply."""
        state = self._state
        with state.lock:
            key = state.new_key("comment")
            replies = None
            if parent is not None:
                replies = [*(self._boxes.child("comments", parent)["children"] or []), key]
            box, user = self._boxes.stored_box(box_key), self._people.author(user_key)
            comment = new_comment(key, box, user, state.now + 1000, message, parent=parent)
            if parent is not None:
                state.overlay.change_child(parent, {"children": replies})
            return self._attach("comments", box_key, comment)

    def add_task(
        self, box_key: str, text: str = "A task", *, due: int | None = None, user_key: str | None = None
    ) -> Json:
        """A new task of a user, assigned to that user; `due` in epoch ms."""
        state = self._state
        with state.lock:
            user, box = self._people.author(user_key), self._boxes.stored_box(box_key)
            task = new_task(
                state.new_key("task"), box, user, state.now + 1000, text, due=due, assigned=[user]
            )
            return self._attach("tasks", box_key, task)

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
        state = self._state
        with state.lock:
            box, user = self._boxes.stored_box(box_key), self._people.author(user_key)
            start = state.now - 60_000 * (minutes or 0) - 299_000
            meeting = new_meeting(
                state.new_key("meeting"), box, user, start, notes, minutes=minutes, kind=kind
            )
            return self._attach("meetings", box_key, meeting)

    def add_thread(self, box_key: str, subject: str = "Hello", sender: str = "someone@example.org") -> Json:
        """A thread of one received mail."""
        state = self._state
        with state.lock:
            thread = new_thread(
                state.new_key("thread"),
                [self._boxes.stored_box(box_key)],
                self._people.author(None),
                subject,
                [(sender, state.now + 1000)],
                people=[(sender, sender)],
                gmail_id=f"{state.now:x}",
            )
            return self._attach("threads", box_key, thread)

    def add_file(self, box_key: str, name: str = "notes.pdf", *, size: int = 1234) -> Json:
        """A new file."""
        state = self._state
        with state.lock:
            box, owner = self._boxes.stored_box(box_key), self._people.author(None)
            key, at = state.new_key("file"), state.now + 1000
            file = new_file(key, box, owner, at, name=name, mime="application/pdf", size=size)
            return self._attach("files", box_key, file)

    def update_child(self, kind: str, key: str, **properties: Any) -> None:
        """Set properties of a child; `kind` is comments, tasks, meetings, threads or files."""
        self._change(kind, key, properties)

    def remove_child(self, kind: str, key: str) -> None:
        """Delete a child; `kind` as for `update_child`."""
        self._change(kind, key, None)

    def _attach(self, kind: str, box_key: str, child: Json) -> Json:
        parts = self._state.moves.added
        before = self._before([box_key], parts)
        self._state.tick()
        self._state.overlay.add_child(kind, box_key, child)
        self._move(kind, box_key, parts, before.get(box_key))
        return child

    def _change(self, kind: str, key: str, properties: Json | None) -> None:
        state = self._state
        with state.lock:
            child = self._boxes.child(kind, key)
            parts = state.moves.deleted if properties is None else state.moves.edited
            boxes = child.get("boxKeys") or [child["boxKey"]]
            before = self._before(boxes, parts)
            at = state.tick()
            change = None if properties is None else {"lastSavedTimestamp": at, **properties}
            state.overlay.change_child(key, change)
            for box_key in boxes:
                self._move(kind, box_key, parts, before.get(box_key))

    def _before(self, boxes: Iterable[str], parts: Set[Part]) -> dict[str, Json]:
        """The boxes before an edit; none when everything on them may move with their children."""
        derived = USUAL | {"updated"} if self._state.children_touch_updated else USUAL
        return {} if parts >= derived else {key: self._boxes.box(key) for key in boxes}

    def _move(self, kind: str, box_key: str, parts: Set[Part], before: Json | None) -> None:
        overlay, at = self._state.overlay, self._state.now
        times = {"saved": "lastSavedTimestamp", "updated": "lastUpdatedTimestamp"}
        overlay.change_box(box_key, **{name: at for part, name in times.items() if part in parts})
        moved, unmoved = moved_and_unmoved(kind, parts)
        freeze(overlay.frozen.setdefault(box_key, {}), before, moved, unmoved)
