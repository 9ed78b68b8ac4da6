"""Search by a word or by the exact name of a box. Looks at everything: meant for small workspaces."""

from __future__ import annotations

from ...objects.types import Json
from ..call import Call, HTTPError
from ..routing import Route, slow
from ..shapes import finish

PAGE = 1000


@slow
def search(call: Call) -> Json:
    """`{results: {boxes, contacts, orgs}, query?, page}`; exactly one of `query` and `name`."""
    query, name = call.text("query"), call.text("name")
    sent = call.query.keys() & {"query", "name"}
    if len(sent) != 1 and (query is None) == (name is None):  # an empty one beside the other isn't sent
        raise HTTPError(400, "Exactly one of query or name must be provided")
    base = int(call.variants.search_first_page)
    page = call.number("page", minimum=base)
    page = base if page is None else page
    first = (page - base) * PAGE
    boxes = [
        box for box in _boxes(call) if (_has(box, query, ("name", "notes")) if query else box["name"] == name)
    ]
    contacts: list[Json] = []
    organizations: list[Json] = []
    if query:
        for team in call.workspace.teams():
            if team["key"] not in (call.query.get("teamKey") or [team["key"]]):
                continue
            people, firms = call.workspace.contacts(team["key"]), call.workspace.organizations(team["key"])
            contacts += [
                each
                for each in people
                if _has(each, query, ("givenName", "familyName", "title", "emailAddresses"))
            ]
            organizations += [each for each in firms if _has(each, query, ("name", "domains"))]
    end = first + PAGE
    results = {
        "boxes": [_box_hit(call, each) for each in boxes[first:end]],
        "contacts": [_hit(call, each, _CONTACT) for each in contacts[first:end]],
        "orgs": [_hit(call, each, _ORGANIZATION) for each in organizations[first:end]],
    }
    return finish({"results": results, "query": query, "page": page}, call.variants)


def _boxes(call: Call) -> list[Json]:
    pipelines, stages = call.query.get("pipelineKey"), call.query.get("stageKey")
    return [
        box
        for pipeline in call.workspace.pipelines()
        if not pipelines or pipeline["key"] in pipelines
        for box in call.workspace.boxes(pipeline["key"])
        if not stages or box["stageKey"] in stages
    ]


def _has(thing: Json, query: str, names: tuple[str, ...]) -> bool:
    return any(query.casefold() in str(thing[name]).casefold() for name in names if thing[name])


def _box_hit(call: Call, box: Json) -> Json:
    """A box hit has `boxKey` only, the one object that has an alias and no `key`."""
    return finish(
        {
            "boxKey": box["key"],
            "name": box["name"],
            "lastUpdatedTimestamp": box["lastUpdatedTimestamp"],
            "assignedToKeys": [entry["userKey"] for entry in box["assignedToSharingEntries"]],
            "stageKey": box["stageKey"],
            "pipelineKey": box["pipelineKey"],
        },
        call.variants,
    )


_CONTACT = ("key", "givenName", "familyName", "other", "title", "addresses", "emailAddresses", "phoneNumbers")
_ORGANIZATION = (
    "key", "name", "other", "industry", "employeeCount", "logoURL", "normalizedDomains", "domains",
    "addresses",
)  # fmt: skip


def _hit(call: Call, thing: Json, names: tuple[str, ...]) -> Json:
    return finish({name: thing[name] for name in names}, call.variants)


ROUTES: list[Route] = [("GET", "v1/search", search)]
