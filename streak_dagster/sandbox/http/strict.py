"""What the API's documentation lets a client send: all that a strict sandbox takes.

By default the sandbox takes more, as nobody has seen Streak refuse it. Strict, it catches a client's
mistakes: a parameter that no document knows, a path with a slash too many, a value out of range.
"""

from __future__ import annotations

from collections.abc import Iterable

from .call import HTTPError

_BOXES = "limit page sortBy stageKey"
_FEED = "detailLevel"
_PARAMETERS = {
    "v2/users/me/teams": "limit page",
    "v2/teams/*/users": "page",
    "v2/teams/*/contacts": "after cursor limit",
    "v2/teams/*/organizations": "cursor limit",
    "v1/pipelines": "sortBy",
    "v2/pipelines": "limit page sortBy",
    "v1/pipelines/*/boxes": _BOXES,
    "v2/pipelines/*/boxes": _BOXES,
    "v1/boxes/*/md": "maxTokens",
    "v2/boxes/*/comments": "page",
    "v2/boxes/*/tasks": "limit page",
    "v2/boxes/*/meetings": "limit page",
    "v2/boxes/*/timeline": "direction filters limit nextPageToken startTimestamp",
    "v2/tasks": "direction includeCompleted limit pipelineKey sortOrder userKeys",
    "v1/newsfeed": _FEED,
    "v1/pipelines/*/newsfeed": _FEED,
    "v1/boxes/*/newsfeed": _FEED,
    "v1/apikeys": "limit page",
    "v1/search": "name page pipelineKey query stageKey teamKey",
}
"""Query parameters by route; a route that isn't here takes none (API notes, sections 2 and 3).

`page` of comments and of a team's users: their envelope says that it "supports paging when available".
"""


def check_parameters(route: str, sent: Iterable[str]) -> None:
    """Refuse with 400 what no document knows. `route` is a path below `/api` with `*` for each key."""
    known = _PARAMETERS.get(route, "").split()
    for name in sent:
        if name not in known:
            raise HTTPError(400, f"Unknown parameter {name} of {route}", "undocumented")
