"""Edits, laid over a source that itself never changes.

An edit costs memory only for what it touches, so a workspace of 100,000 boxes can be edited like one of 40.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..objects.types import CHILD_KINDS, Children, Json
from .collection import Collection


@dataclass
class Overlay:
    """What differs from the source. `revision` counts the edits."""

    revision: int = 0
    removed_pipelines: set[str] = field(default_factory=set)
    pipelines: dict[str, Json] = field(default_factory=dict)
    """Pipelines that were changed or added, whole."""
    new_pipelines: list[str] = field(default_factory=list)
    removed_fields: dict[str, set[str]] = field(default_factory=dict)
    """By pipeline."""
    collections: dict[str, Collection] = field(default_factory=dict)
    """By kind: contacts, organizations, users, snippets; only those with edits."""
    hidden_pipelines: dict[str, int] = field(default_factory=dict)
    """By pipeline: the status of calls that ask for it."""
    removed_boxes: set[str] = field(default_factory=set)
    left: dict[str, set[str]] = field(default_factory=dict)
    """By pipeline: the source's boxes that aren't in it any more (deleted or moved away)."""
    joined: dict[str, list[str]] = field(default_factory=dict)
    """By pipeline: boxes that were added or moved in, in that order."""
    new_boxes: dict[str, Json] = field(default_factory=dict)
    changed_boxes: dict[str, Json] = field(default_factory=dict)
    frozen: dict[str, Json] = field(default_factory=dict)
    """By box: values that an edit left as they were, though they are derived (see `Moves`)."""
    new_children: dict[str, Children] = field(default_factory=dict)
    """By box."""
    changed_children: dict[str, Json | None] = field(default_factory=dict)
    """By child key: changed properties, or None when it was deleted."""
    home: dict[str, str] = field(default_factory=dict)
    """The box of each added child."""

    def leave(self, pipeline_key: str, box_key: str) -> None:
        """Take a box out of a pipeline's list."""
        joined = self.joined.get(pipeline_key, [])
        if box_key in joined:
            joined.remove(box_key)
        else:
            self.left.setdefault(pipeline_key, set()).add(box_key)

    def join(self, pipeline_key: str, box_key: str) -> None:
        """Put a box at the end of a pipeline's list; one that came back is again where it was."""
        left = self.left.get(pipeline_key, set())
        if box_key in left:
            left.remove(box_key)
        else:
            self.joined.setdefault(pipeline_key, []).append(box_key)

    def add_child(self, kind: str, box_key: str, child: Json) -> None:
        """Hang a new child (`kind` as in `CHILD_KINDS`) on a box."""
        getattr(self.new_children.setdefault(box_key, Children()), kind).append(child)
        self.home[child["key"]] = box_key

    def change_box(self, key: str, **properties: Any) -> None:
        """Set properties of a box."""
        self.changed_boxes[key] = {**self.changed_boxes.get(key, {}), **properties}

    def change_child(self, key: str, properties: Json | None) -> None:
        """Set properties of a child, or delete it."""
        earlier = self.changed_children.get(key) or {}
        self.changed_children[key] = None if properties is None else {**earlier, **properties}

    def children(self, box: Json, base: Children) -> Children:
        """A box's children after all edits; the very same object when there are none."""
        added = self.new_children.get(box["key"])
        moved = "pipelineKey" in self.changed_boxes.get(box["key"], {})
        if not added and not moved and not self.changed_children and not self.removed_boxes:
            return base
        return Children(
            **{
                kind: [
                    child
                    for before in (*getattr(base, kind), *(getattr(added, kind) if added else ()))
                    if (child := self._child(before, box["pipelineKey"])) is not None
                ]
                for kind in CHILD_KINDS
            }
        )

    def _child(self, child: Json, pipeline_key: str) -> Json | None:
        change = self.changed_children.get(child["key"], {})
        if change is None:
            return None
        after = {**child, **change}
        if "pipelineKey" in after:
            after["pipelineKey"] = pipeline_key
        if "boxKeys" in after:
            after["boxKeys"] = [key for key in after["boxKeys"] if key not in self.removed_boxes]
        return after
