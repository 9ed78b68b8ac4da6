"""The boxes and their children as they are after all edits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from ..objects.types import NO_CHILDREN, Children, HiddenError, Json, with_key
from .counters import complete_box
from .pipelines import Pipelines
from .source import BoxSummary
from .state import WorkspaceState

SortBy = Literal["creationTimestamp", "lastUpdatedTimestamp"]


class Boxes:
    """A part of `Workspace`: lists of boxes, single boxes, and what hangs on them."""

    def __init__(self, state: WorkspaceState, pipelines: Pipelines) -> None:
        self._state = state
        self._pipelines = pipelines
        self._team_addresses = frozenset(user["email"] for user in state.source.users)

    def box_keys(
        self, pipeline_key: str, *, sort_by: SortBy | None = None, stage_key: str | None = None
    ) -> Sequence[str]:
        """Keys of a pipeline's boxes: oldest first, or descending by a time."""
        self._pipelines.pipeline(pipeline_key)
        overlay = self._state.overlay
        with self._state.lock:
            edited = overlay.left.get(pipeline_key) or overlay.joined.get(pipeline_key)
            if sort_by is None and stage_key is None and not edited:
                return self._source_keys(pipeline_key)
            return self._state.cached(
                ("keys", pipeline_key, sort_by, stage_key),
                lambda: self._ordered(pipeline_key, sort_by, stage_key),
            )

    def stage_counts(self, pipeline_key: str) -> Counter[str]:
        """How many boxes are in each stage of a pipeline."""
        with self._state.lock:
            return self._state.cached(
                ("stages", pipeline_key),
                lambda: Counter(summary.stage_key for _, summary in self._summaries(pipeline_key)),
            )

    def box(self, key: str) -> Json:
        """One box with counters that agree with its children."""
        state = self._state
        with state.lock:
            stored = self.stored_box(key)
            box = complete_box(
                stored,
                self._children(stored),
                now=state.now,
                team=self._team_addresses,
                touch_updated=state.children_touch_updated,
            )
            return {**box, **state.overlay.frozen.get(key, {})}

    def stored_box(self, key: str) -> Json:
        """A box without what is derived."""
        overlay = self._state.overlay
        stored = None
        if key not in overlay.removed_boxes:
            stored = overlay.new_boxes.get(key) or self._state.source.box(key)
        if stored is None:
            raise KeyError(key)
        if key in overlay.changed_boxes:
            stored = {**stored, **overlay.changed_boxes[key]}
        self._pipelines.check_visible(stored["pipelineKey"], key)
        removed = overlay.removed_fields.get(stored["pipelineKey"])
        if removed:
            kept = {name: value for name, value in stored["fields"].items() if name not in removed}
            stored = {**stored, "fields": kept}
        return stored

    def children(self, box_key: str) -> Children:
        """Everything that hangs on a box."""
        with self._state.lock:
            return self._children(self.stored_box(box_key))

    def threads(self, box_key: str) -> list[Json]:
        """A box's threads; `boxKey` is the box asked for, `boxKeys` names all."""
        with self._state.lock:
            stored = self.stored_box(box_key)
            here = {"boxKey": box_key, "pipelineKey": stored["pipelineKey"]}
            return [{**each, **here} for each in self._children(stored).threads]

    def child(self, kind: str, key: str) -> Json:
        """One comment, task, meeting, thread or file (`kind` is the plural) by its own key."""
        added_to, hidden = self._state.overlay.home.get(key), None
        for box_key in [added_to] if added_to else self._state.source.boxes_of(key):
            try:
                return with_key(getattr(self.children(box_key), kind), key)
            except HiddenError as error:  # noqa: PERF203
                hidden = error
            except KeyError:
                continue  # a thread whose first box is gone may live on in another
        raise hidden or KeyError(key)

    def _children(self, stored: Json) -> Children:
        overlay = self._state.overlay
        new = stored["key"] in overlay.new_boxes
        return overlay.children(stored, NO_CHILDREN if new else self._state.source.children(stored))

    def _source_keys(self, pipeline_key: str) -> Sequence[str]:
        """The source's boxes of a pipeline; it knows nothing of one that an edit added."""
        new = pipeline_key in self._state.overlay.new_pipelines
        return () if new else self._state.source.box_keys(pipeline_key)

    def _summaries(self, pipeline_key: str) -> Iterator[tuple[str, BoxSummary]]:
        """All boxes of a pipeline that are there now, by key."""
        overlay, source = self._state.overlay, self._state.source
        left = overlay.left.get(pipeline_key, ())
        keys = self._source_keys(pipeline_key)
        for key, summary in zip(keys, source.summaries(pipeline_key) if keys else (), strict=True):
            if key not in left:
                yield key, self._summary(key) if key in overlay.changed_boxes else summary
        for key in overlay.joined.get(pipeline_key, ()):
            yield key, self._summary(key)

    def _summary(self, key: str) -> BoxSummary:
        stored = self.stored_box(key)
        return BoxSummary(stored["stageKey"], stored["creationTimestamp"], stored["lastUpdatedTimestamp"])

    def _ordered(self, pipeline_key: str, sort_by: SortBy | None, stage_key: str | None) -> list[str]:
        rows = [row for row in self._summaries(pipeline_key) if stage_key in (None, row[1].stage_key)]
        if sort_by == "creationTimestamp":
            rows.sort(key=lambda row: row[1].created, reverse=True)
        elif sort_by and self._state.children_touch_updated:
            rows.sort(key=lambda row: int(self.box(row[0])["lastUpdatedTimestamp"]), reverse=True)
        elif sort_by:
            rows.sort(key=lambda row: row[1].updated, reverse=True)
        return [key for key, _ in rows]
