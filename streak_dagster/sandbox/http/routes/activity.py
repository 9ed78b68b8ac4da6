"""Newsfeed and timeline: small, and honest about what isn't known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...objects.types import Json
from ..call import Call, HTTPError
from ..routing import Route, slow
from ..shapes import finish

MAX_EVENTS = 50
"""The newsfeed never shows more, and has no pages."""


def box_feed(call: Call, key: str) -> list[Json]:
    """The newest events of a box."""
    return _newest(call, _events(call, call.workspace.box(key)))


@slow
def pipeline_feed(call: Call, key: str) -> list[Json]:
    """The newest events of the pipeline's most recently touched boxes."""
    return _newest(call, _pipeline_events(call, key))


@slow
def feed(call: Call) -> list[Json]:
    """The newest events of all pipelines."""
    pipelines = [each["key"] for each in call.workspace.pipelines()]
    return _newest(call, (event for key in pipelines for event in _pipeline_events(call, key)))


def _pipeline_events(call: Call, key: str) -> Iterator[Json]:
    for box_key in call.workspace.box_keys(key, sort_by="lastUpdatedTimestamp")[:MAX_EVENTS]:
        yield from _events(call, call.workspace.box(box_key))


def _newest(call: Call, events: Iterable[Json]) -> list[Json]:
    if call.text("detailLevel") not in (None, "ALL", "CONDENSED"):
        raise HTTPError(400, "Invalid detailLevel")
    newest = sorted(events, key=lambda event: int(event["timestamp"]), reverse=True)[:MAX_EVENTS]
    return [finish(event, call.variants, "newsfeedItemKey") for event in newest]


def _events(call: Call, box: Json) -> list[Json]:
    """What the box itself tells: its creation, its moves, its tasks and meetings."""
    first, *moves = box["stageHistoryEntries"]
    told: list[tuple[str, str, int, dict[str, str]]] = [
        ("CREATE", "NEW_BOX", first["lastEntryToStageTs"], {}),
        *(
            ("UPDATE", "EDIT_STAGE", each["lastEntryToStageTs"], {"STAGE_KEY": each["stageKey"]})
            for each in moves
        ),
    ]
    for task in call.workspace.tasks(box["key"]):
        due = str(task["dueDate"] or "")
        details = {"TASK_TEXT": task["text"], "DUE_DATE": due, "STATUS": task["status"]}
        told.append(("CREATE", "ADD_TASK", task["creationDate"], details))
    for meeting in call.workspace.meetings(box["key"]):
        details = {
            "MEETING_TYPE": meeting["meetingType"],
            "MEETING_START_TIMESTAMP": str(meeting["startTimestamp"]),
            "MEETING_NOTES": meeting["notes"],
        }
        told.append(("CREATE", "ADD_MEETING", meeting["creationDate"], details))
    author = box["creatorSharingEntry"]["displayName"]
    pipeline = call.workspace.pipeline(box["pipelineKey"])["name"]
    common = {"STORY_AUTHOR_DISPLAY_NAME": author, "PIPELINE_NAME": pipeline, "BOX_NAME": box["name"]}
    return [
        _event(box, f"{box['key']}N{place}", what, {**common, **what[3]}) for place, what in enumerate(told)
    ]


def _event(
    box: Json, key: str, what: tuple[str, str, int, dict[str, str]], variables: dict[str, str]
) -> Json:
    operation, specific, at, _ = what
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
