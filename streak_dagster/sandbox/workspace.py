"""The data of one team: what the routes serve, and the truth that tests compare with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from threading import RLock
from typing import Any, Literal, TypeVar

from .collection import only
from .counters import complete_box
from .edits import Edits
from .moves import Moves
from .overlay import Overlay
from .source import Glance, Source
from .types import NO_CHILDREN, Children, HiddenError, Json

SortBy = Literal["creationTimestamp", "lastUpdatedTimestamp"]
T = TypeVar("T")


class Workspace(Edits):
    """A source and the edits laid over it.

    All answers are canonical: both key twins, every property present (None when unset), times in epoch ms.
    They may share parts with each other: read them, don't change them. Unknown keys raise `KeyError`.
    Methods may be called from any thread while a server runs on the workspace.
    """

    def __init__(
        self, source: Source, *, children_touch_updated: bool = False, moves: Moves | None = None
    ) -> None:
        """What moves on a box with its children: `moves`, which may be replaced at any time.

        `children_touch_updated` is short for `Moves.everything()`, for the source's own children too.
        """
        self._source = source
        self._touch = children_touch_updated
        self._overlay = Overlay()
        self._lock = RLock()
        self._cache: dict[tuple[object, ...], Any] = {}
        self.moves = moves or (Moves.everything() if children_touch_updated else Moves())
        self._addresses = frozenset(user["email"] for user in source.users)
        self.now: int = source.now
        """The workspace's own clock (epoch ms).

        Edits move it by a second, `advance` by as much as you like.
        """

    # Pipelines

    def pipelines(self) -> list[Json]:
        """All pipelines, newest last, with counts."""
        gone = self._overlay.removed_pipelines | self._overlay.hidden_pipelines.keys()
        keys = [*(each["key"] for each in self._source.pipelines), *self._overlay.new_pipelines]
        return [self.pipeline(key) for key in keys if key not in gone]

    def pipeline(self, key: str) -> Json:
        """One pipeline with the number of boxes in it and in each stage."""
        base = self._pipeline(key)
        with self._lock:
            counts = self._cached(
                ("stages", key), lambda: Counter(glance.stage_key for _, glance in self._rows(key))
            )
        total = sum(counts.values())
        stages = {name: {**stage, "boxCount": counts[name]} for name, stage in base["stages"].items()}
        return {**base, "stages": stages, "boxCount": total, "boxCountHint": total}

    def stages(self, pipeline_key: str) -> list[Json]:
        """A pipeline's stages in display order."""
        pipeline = self.pipeline(pipeline_key)
        return [pipeline["stages"][key] for key in pipeline["stageOrder"]]

    def fields(self, pipeline_key: str) -> list[Json]:
        """A pipeline's field definitions in stored order."""
        fields: list[Json] = self._pipeline(pipeline_key)["fields"]
        return fields

    # Boxes

    def box_keys(
        self, pipeline_key: str, *, sort_by: SortBy | None = None, stage_key: str | None = None
    ) -> Sequence[str]:
        """Keys of a pipeline's boxes: oldest first, or descending by a time."""
        self._pipeline(pipeline_key)
        with self._lock:
            if sort_by is None and stage_key is None and not self._edited(pipeline_key):
                return self._source_keys(pipeline_key)
            return self._cached(
                ("keys", pipeline_key, sort_by, stage_key),
                lambda: self._ordered(pipeline_key, sort_by, stage_key),
            )

    def boxes(self, pipeline_key: str, start: int = 0, stop: int | None = None) -> list[Json]:
        """A pipeline's boxes, oldest first; only those from `start` to before `stop` are computed."""
        return [self.box(key) for key in self.box_keys(pipeline_key)[start:stop]]

    def box(self, key: str) -> Json:
        """One box with counters that agree with its children."""
        with self._lock:
            own = self._own_box(key)
            children = self._children(own)
            box = complete_box(own, children, now=self.now, team=self._addresses, touch_updated=self._touch)
            return {**box, **self._overlay.frozen.get(key, {})}

    def comments(self, box_key: str) -> list[Json]:
        """A box's comments, oldest first."""
        return self.children(box_key).comments

    def tasks(self, box_key: str) -> list[Json]:
        """A box's tasks by creation."""
        return self.children(box_key).tasks

    def meetings(self, box_key: str) -> list[Json]:
        """A box's call logs and meeting notes."""
        return self.children(box_key).meetings

    def threads(self, box_key: str) -> list[Json]:
        """A box's threads; `boxKey` is the box asked for, `boxKeys` names all."""
        with self._lock:
            own = self._own_box(box_key)
            here = {"boxKey": box_key, "pipelineKey": own["pipelineKey"]}
            return [{**each, **here} for each in self._children(own).threads]

    def files(self, box_key: str) -> list[Json]:
        """A box's files."""
        return self.children(box_key).files

    def children(self, box_key: str) -> Children:
        """Everything that hangs on a box."""
        with self._lock:
            return self._children(self._own_box(box_key))

    def child(self, kind: str, key: str) -> Json:
        """One comment, task, meeting, thread or file (`kind` is the plural) by its own key."""
        home, hidden = self._overlay.home.get(key), None
        for box_key in [home] if home else self._source.boxes_of(key):
            try:
                return only(getattr(self.children(box_key), kind), key)
            except HiddenError as error:  # noqa: PERF203
                hidden = error
            except KeyError:
                continue  # a thread whose first box is gone may live on in another
        raise hidden or KeyError(key)

    # Inside

    def _pipeline(self, key: str) -> Json:
        self._see(key, key)
        return self._overlay.pipelines.get(key) or only(self._source.pipelines, key)

    def _see(self, pipeline_key: str, key: str) -> None:
        """Raise for an object (`key`) of a pipeline that isn't there, or isn't to be seen."""
        if pipeline_key in self._overlay.removed_pipelines:
            raise KeyError(key)
        if pipeline_key in self._overlay.hidden_pipelines:
            raise HiddenError(key, self._overlay.hidden_pipelines[pipeline_key])

    def _source_keys(self, pipeline_key: str) -> Sequence[str]:
        """The source's boxes of a pipeline; it has none of a new one's."""
        new = pipeline_key in self._overlay.new_pipelines
        return () if new else self._source.box_keys(pipeline_key)

    def _edited(self, pipeline_key: str) -> bool:
        return bool(self._overlay.left.get(pipeline_key) or self._overlay.joined.get(pipeline_key))

    def _own_box(self, key: str) -> Json:
        """A box without what is derived."""
        overlay = self._overlay
        if key in overlay.removed_boxes:
            raise KeyError(key)
        own = overlay.new_boxes.get(key) or _found(self._source.box(key), key)
        if key in overlay.changed_boxes:
            own = {**own, **overlay.changed_boxes[key]}
        self._see(own["pipelineKey"], key)
        removed = overlay.removed_fields.get(own["pipelineKey"])
        if removed:
            own = {
                **own,
                "fields": {name: each for name, each in own["fields"].items() if name not in removed},
            }
        return own

    def _children(self, own: Json) -> Children:
        key = own["key"]
        base = NO_CHILDREN if key in self._overlay.new_boxes else self._source.children(own)
        return self._overlay.children(own, base)

    def _rows(self, pipeline_key: str) -> Iterator[tuple[str, Glance]]:
        """All boxes of a pipeline that are there now, with a glance at each."""
        overlay, source = self._overlay, self._source
        left = overlay.left.get(pipeline_key, ())
        keys = self._source_keys(pipeline_key)
        for key, glance in zip(keys, source.glances(pipeline_key) if keys else (), strict=True):
            if key in overlay.changed_boxes and key not in left:
                yield key, self._glance(key)
            elif key not in left:
                yield key, glance
        for key in overlay.joined.get(pipeline_key, ()):
            yield key, self._glance(key)

    def _glance(self, key: str) -> Glance:
        own = self._own_box(key)
        return Glance(own["stageKey"], own["creationTimestamp"], own["lastUpdatedTimestamp"])

    def _ordered(self, pipeline_key: str, sort_by: SortBy | None, stage_key: str | None) -> list[str]:
        rows = [row for row in self._rows(pipeline_key) if stage_key in (None, row[1].stage_key)]
        if sort_by == "creationTimestamp":
            rows.sort(key=lambda row: row[1].created, reverse=True)
        elif sort_by and self._touch:
            rows.sort(key=lambda row: int(self.box(row[0])["lastUpdatedTimestamp"]), reverse=True)
        elif sort_by:
            rows.sort(key=lambda row: row[1].updated, reverse=True)
        return [key for key, _ in rows]

    def _cached(self, name: tuple[object, ...], make: Callable[[], T]) -> T:
        """`make()`, remembered until the next edit."""
        whole = (self._overlay.revision, *name)
        if whole not in self._cache:
            self._cache = {
                key: value for key, value in self._cache.items() if key[0] == self._overlay.revision
            }
            self._cache[whole] = make()
        found: T = self._cache[whole]
        return found


def _found(value: T | None, key: str) -> T:
    if value is None:
        raise KeyError(key)
    return value
