"""Edits of pipelines, stages, fields and the options of drop-downs and tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .collection import only
from .edits_base import EditBase
from .records import new_field, new_pipeline, new_stage
from .types import Json


class PipelineEdits(EditBase):
    """A part of `Workspace`. Each edit moves the pipeline's times; no box's."""

    def add_pipeline(self, name: str = "New pipeline", stages: Sequence[str] = ("Open", "Done")) -> Json:
        """A new, empty pipeline without fields, at the end of the list."""
        with self._lock:
            at, users = self._tick(), self._source.users
            made = new_pipeline(
                self._new_key("pipeline"),
                name,
                team_key=self._source.team["key"],
                creator=users[0],
                members=users,
                created=at,
                updated=at,
                stages=[new_stage(str(5001 + place), each, "#888888") for place, each in enumerate(stages)],
                fields=[],
            )
            self._overlay.new_pipelines.append(made["key"])
            self._overlay.pipelines[made["key"]] = made
            return made

    def update_pipeline(self, key: str, **properties: Any) -> None:
        """Set properties of a pipeline, its `name` for example."""
        with self._lock:
            before, at = self._pipeline(key), self._tick()
            stamps = {"lastUpdatedTimestamp": at, "lastSavedTimestamp": at}
            self._overlay.pipelines[key] = {**before, **stamps, **properties}

    def add_stage(self, pipeline_key: str, name: str = "New stage") -> str:
        """A new last stage; its key."""
        with self._lock:
            pipeline = self._pipeline(pipeline_key)
            key = _free(pipeline["stages"], 5001)
            stages = {**pipeline["stages"], key: new_stage(key, name, "#888888")}
            self.update_pipeline(pipeline_key, stages=stages, stageOrder=[*pipeline["stageOrder"], key])
            return key

    def update_stage(self, pipeline_key: str, key: str, **properties: Any) -> None:
        """Set properties of a stage."""
        with self._lock:
            stages = self._pipeline(pipeline_key)["stages"]
            self.update_pipeline(pipeline_key, stages={**stages, key: {**stages[key], **properties}})

    def add_field(
        self,
        pipeline_key: str,
        name: str = "New field",
        kind: str = "TEXT_INPUT",
        *,
        options: Mapping[str, str] | None = None,
    ) -> str:
        """A new field (`options`: names by key, for DROPDOWN and TAG); its key. No box has a value yet."""
        with self._lock:
            fields = self._pipeline(pipeline_key)["fields"]
            gone = self._overlay.removed_fields.get(pipeline_key, set())
            key = _free({each["key"] for each in fields} | gone, 1001)
            made = new_field(key, name, kind, updated=self._tick(), options=options)
            self.update_pipeline(pipeline_key, fields=[*fields, made])
            return key

    def update_field(self, pipeline_key: str, key: str, **properties: Any) -> None:
        """Set properties of a field, its `name` for example."""
        with self._lock:
            fields = self._pipeline(pipeline_key)["fields"]
            only(fields, key)
            stamped = {"lastUpdatedTimestamp": self._tick(), **properties}
            changed = [{**each, **stamped} if each["key"] == key else each for each in fields]
            self.update_pipeline(pipeline_key, fields=changed)

    def remove_field(self, pipeline_key: str, key: str) -> None:
        """Delete a field and its values on all boxes, whose times don't move."""
        with self._lock:
            fields = self._pipeline(pipeline_key)["fields"]
            only(fields, key)
            self.update_pipeline(pipeline_key, fields=[each for each in fields if each["key"] != key])
            self._overlay.removed_fields.setdefault(pipeline_key, set()).add(key)

    def set_option(self, pipeline_key: str, field_key: str, key: str, name: str | None) -> None:
        """Add (new key), rename (known key) or remove (None) an option of a drop-down or a tag field.

        Boxes keep the key of a removed option as their value.
        """
        with self._lock:
            field = only(self._pipeline(pipeline_key)["fields"], field_key)
            kind = {"DROPDOWN": ("dropdownSettings", "items", "name"), "TAG": ("tagSettings", "tags", "tag")}
            settings, items, word = kind[field["type"]]
            options = {each["key"]: each for each in field[settings][items]}
            if name is None:
                del options[key]
            else:
                options[key] = {"key": key, word: name}
            self.update_field(pipeline_key, field_key, **{settings: {items: list(options.values())}})


def _free(taken: Any, first: int) -> str:
    """The number after the highest that is taken."""
    return str(max([first - 1, *(int(key) for key in taken)]) + 1)
