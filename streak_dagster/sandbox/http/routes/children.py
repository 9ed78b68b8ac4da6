"""What hangs on a box: comments, tasks, meetings, threads, files."""

from __future__ import annotations

from ...answers import Answer
from ...objects.types import Json
from ..call import Call
from ..paging import page_of
from ..routing import Route, slow
from ..shapes import finish, shape_comment, shape_file, shape_task, shape_thread

DIRECTIONS = ("desc", "past", "asc", "future")


def comments(call: Call, box_key: str) -> Json:
    """All comments at once, unless the variants say pages (which nobody has seen)."""
    found, more = call.workspace.comments(box_key), False
    size = call.variants.comments_page_size
    if size is not None:
        first = (call.number("page") or 0) * size
        found, more = found[first : first + size], first + size < len(found)
    return call.wrapped([shape_comment(each, call.variants) for each in found], more=more)


def comment(call: Call, key: str) -> Json:
    """One comment."""
    return shape_comment(call.workspace.child("comments", key), call.variants)


def tasks(call: Call, box_key: str) -> Json:
    """A box's tasks by creation, done ones included."""
    found, more = page_of(call, call.workspace.tasks(box_key), maximum=1000)
    return call.wrapped([shape_task(each, call.variants) for each in found], more=more)


def task(call: Call, key: str) -> Json:
    """One task."""
    return shape_task(call.workspace.child("tasks", key), call.variants)


@slow
def agenda(call: Call) -> Json:
    """Tasks assigned to some users (default: the key's own) by due date; never unassigned ones.

    Looks at every box: meant for small workspaces.
    """
    direction = call.choice("direction", DIRECTIONS) or "desc"
    limit = call.number("limit", minimum=1) or 50
    users = set(call.query.get("userKeys") or [call.workspace.users()[0]["key"]])
    only = call.text("pipelineKey")
    done = (call.text("includeCompleted") or "false").lower() == "true"
    found = [
        each
        for pipeline in call.workspace.pipelines()
        if only in (None, pipeline["key"])
        for box_key in call.workspace.box_keys(pipeline["key"])
        for each in call.workspace.tasks(box_key)
        if (done or each["status"] == "NOT_DONE") and users & {user["userKey"] for user in each["assignedTo"]}
    ]
    future = direction in ("asc", "future")
    border = call.text("sortOrder") or f"{call.workspace.now + 86_400_000:018d}".ljust(30, "0")
    found = [each for each in found if (each["sortOrder"] > border) == future]
    found.sort(key=lambda each: str(each["sortOrder"]), reverse=not future)
    return call.wrapped([shape_task(each, call.variants) for each in found[:limit]], more=len(found) > limit)


def meetings(call: Call, box_key: str) -> Json:
    """Call logs and meeting notes, paged (OpenAPI) or all at once (observed)."""
    found, more = call.workspace.meetings(box_key), False
    if call.variants.meetings_paging == "paged":
        found, more = page_of(call, found)
    return call.wrapped([finish(each, call.variants) for each in found], more=more)


def meeting(call: Call, key: str) -> Json:
    """One meeting."""
    return finish(call.workspace.child("meetings", key), call.variants)


def threads(call: Call, box_key: str) -> list[Json]:
    """A bare array."""
    return [shape_thread(each, call.variants) for each in call.workspace.threads(box_key)]


def thread(call: Call, key: str) -> Json:
    """One thread."""
    return shape_thread(call.workspace.child("threads", key), call.variants, alone=True)


def files(call: Call, box_key: str) -> list[Json]:
    """A bare array."""
    return [shape_file(each, call.variants) for each in call.workspace.files(box_key)]


def file(call: Call, key: str) -> Json:
    """One file's description."""
    return shape_file(call.workspace.child("files", key), call.variants)


def file_contents(call: Call, key: str) -> Answer:
    """A file's bytes: its name over and over, as many as its size says. Its link has no known form."""
    found = call.workspace.child("files", key)
    name, size = f"{found['fileName']}\n".encode(), int(found["size"])
    body = (name * (size // len(name) + 1))[:size]
    return Answer(200, body, content_type=str(found["mimeType"]).encode())


ROUTES: list[Route] = [
    ("GET", "v2/boxes/*/comments", comments),
    ("GET", "v2/comments/*", comment),
    ("GET", "v2/boxes/*/tasks", tasks),
    ("GET", "v2/tasks", agenda),
    ("GET", "v2/tasks/*", task),
    ("GET", "v2/boxes/*/meetings", meetings),
    ("GET", "v2/meetings/*", meeting),
    ("GET", "v1/boxes/*/threads", threads),
    ("GET", "v1/threads/*", thread),
    ("GET", "v1/boxes/*/files", files),
    ("GET", "v1/files/*", file),
    ("GET", "v1/files/*/contents", file_contents),
]
