"""What a test may do to a workspace: the edits, as a team would make them.

Each edit moves the workspace's clock by a second and stamps what it touches with it. Adding, changing or
removing a child moves the box's `lastSavedTimestamp` but not its `lastUpdatedTimestamp`: the worst case
for a client (API notes, section 5).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from threading import RLock
from typing import Any

from .keys import make_key
from .overlay import Overlay
from .records_box import new_box
from .records_children import new_comment, new_file, new_meeting, new_task, new_thread
from .types import Json


class Edits(ABC):
    """The writing half of `Workspace`."""

    now: int
    _overlay: Overlay
    _lock: RLock

    @abstractmethod
    def users(self) -> list[Json]:
        """All users; the first one makes the edits unless another is named."""

    @abstractmethod
    def user(self, key: str) -> Json:
        """One user."""

    @abstractmethod
    def child(self, kind: str, key: str) -> Json:
        """One child by its own key."""

    @abstractmethod
    def _pipeline(self, key: str) -> Json: ...

    @abstractmethod
    def _own_box(self, key: str) -> Json: ...

    def advance(self, milliseconds: int) -> None:
        """Let time pass: tasks fall due and freshness decays without any edit."""
        with self._lock:
            self.now += milliseconds

    def add_box(
        self,
        pipeline_key: str,
        name: str = "New box",
        *,
        stage_key: str | None = None,
        notes: str = "",
        fields: Json | None = None,
        user_key: str | None = None,
        **properties: Any,
    ) -> Json:
        """A new box in the first stage, or in the one named; returns it without counters."""
        with self._lock:
            pipeline, at = self._pipeline(pipeline_key), self._tick()
            stage = stage_key or pipeline["stageOrder"][0]
            if stage not in pipeline["stages"]:
                raise KeyError(stage)
            box = new_box(
                self._new_key("box"),
                pipeline_key,
                name,
                history=[(stage, at)],
                creator=self._who(user_key),
                notes=notes,
                fields=fields,
            )
            box.update(properties)
            self._overlay.new_boxes[box["key"]] = box
            self._overlay.join(pipeline_key, box["key"])
            return box

    def update_box(self, key: str, **properties: Any) -> None:
        """Set properties (API names) of a box; a new `stageKey` or `pipelineKey` moves it."""
        with self._lock:
            own, at = self._own_box(key), self._tick()
            target = self._pipeline(str(properties.get("pipelineKey", own["pipelineKey"])))
            if target["key"] != own["pipelineKey"]:
                self._overlay.leave(own["pipelineKey"], key)
                self._overlay.join(target["key"], key)
                # Stage and field keys mean something else there (API notes 3.6).
                properties = {"stageKey": target["stageOrder"][0], "fields": {}, **properties}
            stage = properties.get("stageKey", own["stageKey"])
            if stage not in target["stages"]:
                raise KeyError(stage)
            if stage != own["stageKey"]:
                entries = [*own["stageHistoryEntries"], {"stageKey": stage, "lastEntryToStageTs": at}]
                properties = {"stageHistoryEntries": entries, "lastStageChangeTimestamp": at, **properties}
            stamps = {"lastUpdatedTimestamp": at, "lastSavedTimestamp": at}
            self._overlay.change_box(key, **{**stamps, **properties})

    def delete_box(self, key: str) -> None:
        """Delete a box and with it everything on it."""
        with self._lock:
            own = self._own_box(key)
            self._tick()
            self._overlay.leave(own["pipelineKey"], key)
            self._overlay.removed_boxes.add(key)

    def remove_pipeline(self, key: str) -> None:
        """Make a pipeline and its boxes invisible: deleted, or a permission lost; the API doesn't tell."""
        with self._lock:
            self._pipeline(key)
            self._tick()
            self._overlay.removed_pipelines.add(key)

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
            child, at = self.child(kind, key), self._tick()
            change = None if properties is None else {"lastSavedTimestamp": at, **properties}
            self._overlay.change_child(key, change)
            for box_key in child.get("boxKeys") or [child["boxKey"]]:
                self._overlay.change_box(box_key, lastSavedTimestamp=at)

    def _hang(self, kind: str, box_key: str, child: Json) -> Json:
        at = self._tick()
        self._overlay.add_child(kind, box_key, child)
        self._overlay.change_box(box_key, lastSavedTimestamp=at)
        return child

    def _tick(self) -> int:
        self.now += 1000
        self._overlay.revision += 1
        return self.now

    def _who(self, user_key: str | None) -> Json:
        return self.users()[0] if user_key is None else self.user(user_key)

    def _peek_key(self, kind: str) -> str:
        return make_key(kind, "edit", self._overlay.revision)

    def _new_key(self, kind: str) -> str:
        """Unique, because each edit makes at most one object of a kind."""
        return self._peek_key(kind)
