"""One team's data in one object: what the routes serve, and the truth that tests compare with."""

from __future__ import annotations

from ..objects.types import Json
from .boxes import Boxes
from .edit_boxes import BoxEdits
from .edit_children import ChildEdits
from .edit_people import PeopleEdits
from .edit_pipelines import PipelineEdits
from .moves import Moves
from .people import People
from .pipelines import Pipelines
from .source import Source
from .state import WorkspaceState


class Workspace:
    """A source and the edits laid over it, put together from parts that share one state.

    All answers are canonical: `key` and its alias, every property present (None when unset), times in epoch
    ms. They may share parts with each other: read them, don't change them. Unknown keys raise `KeyError`.
    Methods may be called from any thread while a server runs on the workspace.

    Each edit moves the workspace's clock by a second and stamps what it touches with it. Adding, changing or
    removing a child moves the box's `lastSavedTimestamp` but not its `lastUpdatedTimestamp`, unless `moves`
    says otherwise (API notes, section 5).
    """

    def __init__(
        self, source: Source, *, children_touch_updated: bool = False, moves: Moves | None = None
    ) -> None:
        """What moves on a box with its children: `moves`, which may be replaced at any time.

        `children_touch_updated` is short for `Moves.everything()`, for the source's own children too.
        """
        usual = Moves.everything() if children_touch_updated else Moves()
        self._state = state = WorkspaceState(source, children_touch_updated, moves or usual, source.now)
        self._pipelines = pipelines = Pipelines(state)
        self._boxes = boxes = Boxes(state, pipelines)

        # What the parts can do, the workspace can do: their public methods are its own.
        self.fields = pipelines.fields
        self.box_keys, self.box = boxes.box_keys, boxes.box
        self.children, self.child = boxes.children, boxes.child

        people = People(state)
        self.teams, self.team = people.teams, people.team
        self.users, self.user = people.users, people.user
        self.contacts, self.contact = people.contacts, people.contact
        self.organizations, self.organization = people.organizations, people.organization
        self.snippets, self.webhooks = people.snippets, people.webhooks

        box_edits = BoxEdits(state, pipelines, boxes, people)
        self.add_box = box_edits.add_box
        self.update_box = box_edits.update_box
        self.delete_box = box_edits.delete_box

        child_edits = ChildEdits(state, boxes, people)
        self.add_comment, self.add_task = child_edits.add_comment, child_edits.add_task
        self.add_meeting, self.add_file = child_edits.add_meeting, child_edits.add_file
        self.add_thread = child_edits.add_thread
        self.update_child, self.remove_child = child_edits.update_child, child_edits.remove_child

        pipeline_edits = PipelineEdits(state, pipelines)
        self.add_pipeline = pipeline_edits.add_pipeline
        self.update_pipeline = pipeline_edits.update_pipeline
        self.remove_pipeline = pipeline_edits.remove_pipeline
        self.hide_pipeline = pipeline_edits.hide_pipeline
        self.show_pipeline = pipeline_edits.show_pipeline
        self.add_stage, self.update_stage = pipeline_edits.add_stage, pipeline_edits.update_stage
        self.add_field, self.update_field = pipeline_edits.add_field, pipeline_edits.update_field
        self.remove_field, self.set_option = pipeline_edits.remove_field, pipeline_edits.set_option

        people_edits = PeopleEdits(state, people)
        self.add_contact, self.update_contact = people_edits.add_contact, people_edits.update_contact
        self.delete_contact = people_edits.delete_contact
        self.add_organization = people_edits.add_organization
        self.update_organization = people_edits.update_organization
        self.delete_organization = people_edits.delete_organization
        self.add_snippet, self.update_snippet = people_edits.add_snippet, people_edits.update_snippet
        self.delete_snippet = people_edits.delete_snippet
        self.update_user = people_edits.update_user

    @property
    def now(self) -> int:
        """The workspace's own clock (epoch ms): an edit moves it by a second, `advance` by any time."""
        return self._state.now

    def advance(self, milliseconds: int) -> None:
        """Let time pass: tasks fall due and freshness decays without any edit."""
        with self._state.lock:
            self._state.now += milliseconds

    @property
    def moves(self) -> Moves:
        """What edits of children move on their box; may be replaced."""
        return self._state.moves

    @moves.setter
    def moves(self, moves: Moves) -> None:
        self._state.moves = moves

    def pipelines(self) -> list[Json]:
        """All pipelines, newest last, with counts."""
        return [self.pipeline(key) for key in self._pipelines.visible_keys()]

    def pipeline(self, key: str) -> Json:
        """One pipeline with the number of boxes in it and in each stage."""
        base = self._pipelines.pipeline(key)
        counts = self._boxes.stage_counts(key)
        total = sum(counts.values())
        stages = {name: {**stage, "boxCount": counts[name]} for name, stage in base["stages"].items()}
        return {**base, "stages": stages, "boxCount": total, "boxCountHint": total}

    def stages(self, pipeline_key: str) -> list[Json]:
        """A pipeline's stages in display order."""
        pipeline = self.pipeline(pipeline_key)
        return [pipeline["stages"][key] for key in pipeline["stageOrder"]]

    def boxes(self, pipeline_key: str) -> list[Json]:
        """A pipeline's boxes, oldest first."""
        return [self.box(key) for key in self.box_keys(pipeline_key)]

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
        return self._boxes.threads(box_key)

    def files(self, box_key: str) -> list[Json]:
        """A box's files."""
        return self.children(box_key).files
