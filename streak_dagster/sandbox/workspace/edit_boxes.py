"""Edits of boxes: added, changed, moved, deleted."""

from __future__ import annotations

from typing import Any

from ..objects.boxes import new_box
from ..objects.types import Json
from .boxes import Boxes
from .people import People
from .pipelines import Pipelines
from .state import WorkspaceState


class BoxEdits:
    """A part of `Workspace`. Unknown keys raise `KeyError`."""

    def __init__(self, state: WorkspaceState, pipelines: Pipelines, boxes: Boxes, people: People) -> None:
        self._state = state
        self._pipelines = pipelines
        self._boxes = boxes
        self._people = people

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
        with self._state.lock:
            pipeline, at = self._pipelines.pipeline(pipeline_key), self._state.tick()
            stage = stage_key or pipeline["stageOrder"][0]
            if stage not in pipeline["stages"]:
                raise KeyError(stage)
            box = new_box(
                self._state.new_key("box"),
                pipeline_key,
                name,
                history=[(stage, at)],
                creator=self._people.author(user_key),
                notes=notes,
                fields=fields,
            )
            box.update(properties)
            self._state.overlay.new_boxes[box["key"]] = box
            self._state.overlay.join(pipeline_key, box["key"])
            return box

    def update_box(self, key: str, **properties: Any) -> None:
        """Set properties (API names) of a box; a new `stageKey` or `pipelineKey` moves it."""
        overlay = self._state.overlay
        with self._state.lock:
            stored, at = self._boxes.stored_box(key), self._state.tick()
            target = self._pipelines.pipeline(str(properties.get("pipelineKey", stored["pipelineKey"])))
            if target["key"] != stored["pipelineKey"]:
                overlay.leave(stored["pipelineKey"], key)
                overlay.join(target["key"], key)
                # Stage and field keys mean something else there (API notes 3.6).
                properties = {"stageKey": target["stageOrder"][0], "fields": {}, **properties}
            stage = properties.get("stageKey", stored["stageKey"])
            if stage not in target["stages"]:
                raise KeyError(stage)
            if stage != stored["stageKey"]:
                entries = [*stored["stageHistoryEntries"], {"stageKey": stage, "lastEntryToStageTs": at}]
                properties = {"stageHistoryEntries": entries, "lastStageChangeTimestamp": at, **properties}
            stamps = {"updated": "lastUpdatedTimestamp", "saved": "lastSavedTimestamp"}
            moved = [name for part, name in stamps.items() if part in self._state.moves.box]
            for name in moved:
                overlay.frozen.get(key, {}).pop(name, None)
            overlay.change_box(key, **{**dict.fromkeys(moved, at), **properties})

    def delete_box(self, key: str) -> None:
        """Delete a box and with it everything on it."""
        with self._state.lock:
            stored = self._boxes.stored_box(key)
            self._state.tick()
            self._state.overlay.leave(stored["pipelineKey"], key)
            self._state.overlay.removed_boxes.add(key)
