"""Edits of pipelines, stages, fields and the options of drop-downs and tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..objects.pipelines import new_field, new_pipeline, new_stage
from ..objects.types import Json, with_key
from .pipelines import Pipelines
from .state import WorkspaceState


class PipelineEdits:
    """A part of `Workspace`. Edits move the pipeline's times; no box's. Unknown keys raise `KeyError`."""

    def __init__(self, state: WorkspaceState, pipelines: Pipelines) -> None:
        self._state = state
        self._pipelines = pipelines

    def add_pipeline(self, name: str = "New pipeline", stages: Sequence[str] = ("Open", "Done")) -> Json:
        """A new, empty pipeline without fields, at the end of the list."""
        state = self._state
        with state.lock:
            at, users = state.tick(), state.source.users
            made = new_pipeline(
                state.new_key("pipeline"),
                name,
                team_key=state.source.team["key"],
                creator=users[0],
                members=users,
                created=at,
                updated=at,
                stages=[new_stage(str(5001 + place), each, "#888888") for place, each in enumerate(stages)],
                fields=[],
            )
            state.overlay.new_pipelines.append(made["key"])
            state.overlay.pipelines[made["key"]] = made
            return made

    def update_pipeline(self, key: str, **properties: Any) -> None:
        """Set properties of a pipeline, its `name` for example."""
        with self._state.lock:
            before, at = self._pipelines.pipeline(key), self._state.tick()
            stamps = {"lastUpdatedTimestamp": at, "lastSavedTimestamp": at}
            self._state.overlay.pipelines[key] = {**before, **stamps, **properties}

    def remove_pipeline(self, key: str) -> None:
        """Make a pipeline and its boxes invisible: deleted, or a permission lost; the API doesn't tell."""
        with self._state.lock:
            self._pipelines.pipeline(key)
            self._state.tick()
            self._state.overlay.removed_pipelines.add(key)

    def hide_pipeline(self, key: str, status: int = 403) -> None:
        """Take away the permission to see a pipeline.

        It is no longer listed; it and its boxes answer with the status (403, 401, 404 or 400; conflict 11)
        when asked for by key. Edits of what is hidden raise `HiddenError`, a `KeyError`.
        """
        if status not in (400, 401, 403, 404):
            raise ValueError(f"The status must be 400, 401, 403 or 404, not {status!r}.")
        with self._state.lock:
            self._pipelines.pipeline(key)
            self._state.overlay.revision += 1
            self._state.overlay.hidden_pipelines[key] = status

    def show_pipeline(self, key: str) -> None:
        """Give the permission back."""
        with self._state.lock:
            del self._state.overlay.hidden_pipelines[key]
            self._state.overlay.revision += 1

    def add_stage(self, pipeline_key: str, name: str = "New stage") -> str:
        """A new last stage; its key."""
        with self._state.lock:
            pipeline = self._pipelines.pipeline(pipeline_key)
            key = _next_key(pipeline["stages"], 5001)
            stages = {**pipeline["stages"], key: new_stage(key, name, "#888888")}
            self.update_pipeline(pipeline_key, stages=stages, stageOrder=[*pipeline["stageOrder"], key])
            return key

    def update_stage(self, pipeline_key: str, key: str, **properties: Any) -> None:
        """Set properties of a stage."""
        with self._state.lock:
            stages = self._pipelines.pipeline(pipeline_key)["stages"]
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
        with self._state.lock:
            fields = self._pipelines.fields(pipeline_key)
            removed = self._state.overlay.removed_fields.get(pipeline_key, set())
            key = _next_key({each["key"] for each in fields} | removed, 1001)
            made = new_field(key, name, kind, updated=self._state.tick(), options=options)
            self.update_pipeline(pipeline_key, fields=[*fields, made])
            return key

    def update_field(self, pipeline_key: str, key: str, **properties: Any) -> None:
        """Set properties of a field, its `name` for example."""
        with self._state.lock:
            fields = self._pipelines.fields(pipeline_key)
            with_key(fields, key)
            stamped = {"lastUpdatedTimestamp": self._state.tick(), **properties}
            changed = [{**each, **stamped} if each["key"] == key else each for each in fields]
            self.update_pipeline(pipeline_key, fields=changed)

    def remove_field(self, pipeline_key: str, key: str) -> None:
        """Delete a field and its values on all boxes, whose times don't move."""
        with self._state.lock:
            fields = self._pipelines.fields(pipeline_key)
            with_key(fields, key)
            self.update_pipeline(pipeline_key, fields=[each for each in fields if each["key"] != key])
            self._state.overlay.removed_fields.setdefault(pipeline_key, set()).add(key)

    def set_option(self, pipeline_key: str, field_key: str, key: str, name: str | None) -> None:
        """Add (new key), rename (known key) or remove (None) an option of a drop-down or a tag field.

        Boxes keep the key of a removed option as their value.
        """
        with self._state.lock:
            field = with_key(self._pipelines.fields(pipeline_key), field_key)
            kind = {"DROPDOWN": ("dropdownSettings", "items", "name"), "TAG": ("tagSettings", "tags", "tag")}
            settings, items, label = kind[field["type"]]
            options = {each["key"]: each for each in field[settings][items]}
            if name is None:
                del options[key]
            else:
                options[key] = {"key": key, label: name}
            self.update_field(pipeline_key, field_key, **{settings: {items: list(options.values())}})


def _next_key(taken: Iterable[str], first: int) -> str:
    """The number after the highest that is taken."""
    return str(max([first - 1, *map(int, taken)]) + 1)
