"""Newsfeed and timeline: small, and honest about what isn't known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...objects.types import Json
from ...workspace.workspace import Workspace
from ..call import Call, HTTPError
from ..routing import Route, slow
from ..shapes import finish

MAX_EVENTS = 50
"""The newsfeed never shows more, and has no pages."""


def box_feed(call: Call, key: str) -> list[Json]:
    """The newest events of a box."""
    return _newest(call, box_events(call.workspace, call.workspace.box(key)))


@slow
def pipeline_feed(call: Call, key: str) -> list[Json]:
    """The newest events of the pipeline's most recently touched boxes."""
    return _newest(call, pipeline_events(call.workspace, key))


@slow
def feed(call: Call) -> list[Json]:
    """The newest events of all pipelines."""
    pipelines = [each["key"] for each in call.workspace.pipelines()]
    return _newest(call, (event for key in pipelines for event in pipeline_events(call.workspace, key)))


def pipeline_events(workspace: Workspace, key: str) -> Iterator[Json]:
    """What happened in the pipeline's most recently touched boxes, in no order."""
    for box_key in workspace.box_keys(key, sort_by="lastUpdatedTimestamp")[:MAX_EVENTS]:
        yield from box_events(workspace, workspace.box(box_key))


def _newest(call: Call, events: Iterable[Json]) -> list[Json]:
    if call.text("detailLevel") not in (None, "ALL", "CONDENSED"):
        raise HTTPError(400, "Invalid detailLevel")
    return [finish(event, call.variants, "newsfeedItemKey") for event in newest(events)]


def newest(events: Iterable[Json]) -> list[Json]:
    """Those of the events that a feed shows, the newest first."""
    return sorted(events, key=lambda event: int(event["timestamp"]), reverse=True)[:MAX_EVENTS]


def box_events(workspace: Workspace, box: Json) -> list[Json]:
    """What the box itself tells: its creation, its moves, its tasks and meetings."""
    first, *moves = box["stageHistoryEntries"]
    # An entry keeps its key, whatever happens later.
    told: list[tuple[str, str, str, int, dict[str, str]]] = [
        (box["key"], "CREATE", "NEW_BOX", first["lastEntryToStageTs"], {}),
        *(
            (
                f"{box['key']}N{place}",
                "UPDATE",
                "EDIT_STAGE",
                each["lastEntryToStageTs"],
                {"STAGE_KEY": each["stageKey"]},
            )
            for place, each in enumerate(moves)
        ),
    ]
    for task in workspace.tasks(box["key"]):
        due = str(task["dueDate"] or "")
        details = {"TASK_TEXT": task["text"], "DUE_DATE": due, "STATUS": task["status"]}
        told.append((task["key"], "CREATE", "ADD_TASK", task["creationDate"], details))
    for meeting in workspace.meetings(box["key"]):
        details = {
            "MEETING_TYPE": meeting["meetingType"],
            "MEETING_START_TIMESTAMP": str(meeting["startTimestamp"]),
            "MEETING_NOTES": meeting["notes"],
        }
        told.append((meeting["key"], "CREATE", "ADD_MEETING", meeting["creationDate"], details))
    author = box["creatorSharingEntry"]["displayName"]
    pipeline = workspace.pipeline(box["pipelineKey"])["name"]
    common = {"STORY_AUTHOR_DISPLAY_NAME": author, "PIPELINE_NAME": pipeline, "BOX_NAME": box["name"]}
    return [
        _event(box, f"{key}N", (operation, specific, at), {**common, **details})
        for key, operation, specific, at, details in told
    ]


def _event(box: Json, key: str, what: tuple[str, str, int], variables: dict[str, str]) -> Json:
    operation, specific, at = what
    author, pipeline = variables["STORY_AUTHOR_DISPLAY_NAME"], variables["PIPELINE_NAME"]
    return {
        "newsfeedItemKey": key,
        "key": key,
        "boxKey": box["key"],
        "pipelineKey": box["pipelineKey"],
        "creatorKey": box["creatorKey"],
        "timestamp": at,
        "lastSavedTimestamp": at,
        "moved": False,
        "newsfeedEntryOperation": operation,
        "newsfeedEntryScope": "BOX",
        "newsfeedEntrySpecific": specific,
        "specificVariables": variables,
        "storyTextBox": f"{author}: {specific}",
        "storyTextPipeline": f"{author}: {specific} in {box['name']}",
        "storyTextGlobal": f"{author}: {specific} in {box['name']} ({pipeline})",
        "collapsedEntries": [],
    }


def timeline(call: Call, box_key: str) -> Json:
    """The known envelope with no entries: no public source shows an entry, and we don't invent one."""
    call.workspace.box(box_key)
    return {"entries": [], "nextPage": None} if call.variants.unset == "null" else {"entries": []}


ROUTES: list[Route] = [
    ("GET", "v1/newsfeed", feed),
    ("GET", "v1/boxes/*/newsfeed", box_feed),
    ("GET", "v1/pipelines/*/newsfeed", pipeline_feed),
    ("GET", "v2/boxes/*/timeline", timeline),
]
