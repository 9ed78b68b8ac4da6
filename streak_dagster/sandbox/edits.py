"""What a test may do to a workspace: the edits, as a team would make them.

Each edit moves the workspace's clock by a second and stamps what it touches with it. Adding, changing or
removing a child moves the box's `lastSavedTimestamp` but not its `lastUpdatedTimestamp`, unless `moves` says
otherwise (API notes, section 5).
"""

from __future__ import annotations

from typing import Any

from .edits_children import ChildEdits
from .edits_people import PeopleEdits
from .edits_pipelines import PipelineEdits
from .records_box import new_box
from .types import Json


class Edits(ChildEdits, PipelineEdits, PeopleEdits):
    """The writing half of `Workspace`: the clock, boxes, and what is to be seen of pipelines."""

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
            stamps = {"updated": "lastUpdatedTimestamp", "saved": "lastSavedTimestamp"}
            moved = [name for part, name in stamps.items() if part in self.moves.box]
            for name in moved:
                self._overlay.frozen.get(key, {}).pop(name, None)
            self._overlay.change_box(key, **{**dict.fromkeys(moved, at), **properties})

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

    def hide_pipeline(self, key: str, status: int = 403) -> None:
        """Take away the permission to see a pipeline.

        It is no longer listed; it and its boxes answer with the status (403, 401, 404 or 400; conflict 11)
        when asked for by key. Edits of what is hidden raise `HiddenError`, a `KeyError`.
        """
        if status not in (400, 401, 403, 404):
            raise ValueError(f"The status must be 400, 401, 403 or 404, not {status!r}.")
        with self._lock:
            self._pipeline(key)
            self._overlay.revision += 1
            self._overlay.hidden_pipelines[key] = status

    def show_pipeline(self, key: str) -> None:
        """Give the permission back."""
        with self._lock:
            del self._overlay.hidden_pipelines[key]
            self._overlay.revision += 1
