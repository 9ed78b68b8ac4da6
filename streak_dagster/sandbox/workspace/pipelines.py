"""The pipelines as they are after all edits, still without counts of boxes."""

from __future__ import annotations

from ..objects.types import HiddenError, Json, with_key
from .state import WorkspaceState


class Pipelines:
    """A part of `Workspace`: pipelines by key, and whether they can be seen."""

    def __init__(self, state: WorkspaceState) -> None:
        self._state = state

    def visible_keys(self) -> list[str]:
        """Keys of the pipelines that can be seen, newest last."""
        overlay = self._state.overlay
        gone = overlay.removed_pipelines | overlay.hidden_pipelines.keys()
        keys = [*(each["key"] for each in self._state.source.pipelines), *overlay.new_pipelines]
        return [key for key in keys if key not in gone]

    def pipeline(self, key: str) -> Json:
        """One pipeline without counts."""
        self.check_visible(key, key)
        return self._state.overlay.pipelines.get(key) or with_key(self._state.source.pipelines, key)

    def fields(self, key: str) -> list[Json]:
        """A pipeline's field definitions in stored order."""
        fields: list[Json] = self.pipeline(key)["fields"]
        return fields

    def check_visible(self, pipeline_key: str, key: str) -> None:
        """Raise for an object (`key`) of a pipeline that was removed or is hidden."""
        overlay = self._state.overlay
        if pipeline_key in overlay.removed_pipelines:
            raise KeyError(key)
        if pipeline_key in overlay.hidden_pipelines:
            raise HiddenError(key, overlay.hidden_pipelines[pipeline_key])
