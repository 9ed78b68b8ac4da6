"""Accounts to copy, and edits after which no table reads as it did before."""

from __future__ import annotations

from streak_dagster.sandbox import Means, Workspace, generated_workspace

BOXES = 120
CHILDREN = {"comments": "message", "meetings": "notes", "tasks": "text", "threads": "subject"}
"""The kinds of children, each with a property that tells its generation."""


def account(boxes: int = BOXES, seed: int = 5) -> Workspace:
    """A team with enough in every table that half of it would show."""
    busy = Means(comments=2.0, tasks=1.0, meetings=1.0, threads=1.0, quiet=0.3)
    return generated_workspace(boxes, seed, means=busy, contacts=40)


def move_on(workspace: Workspace, word: str) -> None:
    """A new generation of every table: all is renamed, one box goes and another one comes."""
    for user in workspace.users():
        workspace.update_user(user["key"], fullName=word)
    for snippet in workspace.snippets():
        workspace.update_snippet(snippet["key"], snippetText=word)
    for pipeline in workspace.pipelines():
        key = pipeline["key"]
        workspace.update_pipeline(key, description=word)
        for stage in workspace.stages(key):
            workspace.update_stage(key, stage["key"], name=word)
        for field in workspace.fields(key):
            workspace.update_field(key, field["key"], name=f"{word} {field['key']}")
    boxes = all_boxes(workspace)
    workspace.delete_box(boxes.pop())
    for box in boxes:
        workspace.update_box(box, notes=word)
        for kind, told in CHILDREN.items():
            for child in getattr(workspace, kind)(box):
                workspace.update_child(kind, child["key"], **{told: word})
    new = workspace.add_box(workspace.pipelines()[0]["key"], word)
    workspace.add_comment(new["key"], word)


def all_boxes(workspace: Workspace) -> list[str]:
    """The keys of a team's boxes."""
    return [key for each in workspace.pipelines() for key in workspace.box_keys(each["key"])]
