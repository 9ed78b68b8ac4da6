"""Requests as published clients of Streak send them: none is refused, and each gets what it asks for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from streak_dagster.sandbox import Workspace, generated_workspace
from streak_dagster_tests.support.sandbox_client import Client, Start
from streak_dagster_tests.support.waiting import MAX_WAIT


@pytest.fixture
def truth(client: Client) -> Workspace:
    return client.sandbox.workspace


def keys(things: Any) -> list[str]:
    return [each["key"] for each in things]


def pages(client: Client, path: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
    """Pages from 0 until one is empty."""
    page = 0
    while found := client.get(path, **params, page=page):
        yield found
        page += 1


def test_a_singer_tap_copies_teams_pipelines_and_boxes(client: Client, truth: Workspace) -> None:
    """It sorts by a name that no document has."""
    assert keys(client.get("/v2/users/me/teams")["results"]) == keys(truth.teams())
    pipelines = client.get("/v1/pipelines", sortBy="lastUpdatedTime")
    assert keys(pipelines) == keys(truth.pipelines())
    boxes = [
        box
        for each in pipelines
        for page in pages(
            client, f"/v1/pipelines/{each['pipelineKey']}/boxes", limit=100, sortBy="lastUpdatedTime"
        )
        for box in page
    ]
    assert boxes == client.get("/v1/boxes")
    assert len(boxes) == 36
    assert {each.status for each in client.sandbox.journal.arrivals} == {200}


def test_an_unknown_order_is_no_order(start: Start) -> None:
    client = start(generated_workspace(60, seed=3))
    for each in client.sandbox.workspace.pipelines():
        path = f"/v1/pipelines/{each['key']}/boxes"
        for page in range(3):
            unsorted = client.get(path, limit=7, page=page)
            for order in ("lastUpdatedTime", "creationTimestamp ", "name", ""):
                assert client.get(path, limit=7, page=page, sortBy=order) == unsorted


def test_slashes_too_many(client: Client, truth: Workspace) -> None:
    """A Python client reads `pipelines/`; a base address that ends in a slash makes two."""
    assert keys(client.get("/v1/pipelines/")) == keys(truth.pipelines())
    assert keys(client.get("//v1/pipelines")) == keys(truth.pipelines())
    box = truth.box_keys(truth.pipelines()[0]["key"])[0]
    assert client.get(f"/v2/boxes/{box}//comments/") == client.get(f"/v2/boxes/{box}/comments")


def spelled(user: str, encode: Any = base64.b64encode, more: str = "") -> str:
    return f"Basic {encode(user.encode()).decode()}{more}"


@pytest.mark.parametrize(
    "header",
    [
        spelled("key?>~?:"),
        spelled("key?>~?"),  # Streak's own wrapper for Node: no colon
        spelled("key?>~?:", base64.urlsafe_b64encode),  # a backup tool
        spelled("key?>~?", base64.urlsafe_b64encode).rstrip("="),
        spelled("key?>~?:", more="=="),  # a script in a browser: padding twice
        spelled("key?>~?:X"),  # a password that means nothing
        spelled("key?>~?:").replace("Basic", "basic"),
        "Bearer key?>~?",  # Streak's own packages
        "bearer  key?>~?",
    ],
)
def test_the_key_in_every_spelling(start: Start, header: str) -> None:
    client = start(key="key?>~?")
    for name in ("Authorization", "authorization", "AUTHORIZATION"):
        answer = requests.get(
            client.sandbox.url + "/v1/users/me",
            headers={name: header},
            timeout=MAX_WAIT,
            allow_redirects=False,
        )
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "sent",
    [{}, {"limit": "0"}, {"limit": "-1"}, {"limit": "many"}, {"limit": ""}, {"page": "-1"}, {"page": ""}],
)
def test_a_page_that_means_nothing_is_the_whole_list(
    client: Client, truth: Workspace, sent: dict[str, str]
) -> None:
    pipeline, team = truth.pipelines()[0]["key"], truth.teams()[0]["key"]
    box = max(truth.box_keys(pipeline), key=lambda key: len(truth.tasks(key)))
    assert keys(client.get(f"/v1/pipelines/{pipeline}/boxes", **sent)) == list(truth.box_keys(pipeline))
    for path, whole in (
        (f"/v2/pipelines/{pipeline}/boxes", truth.boxes(pipeline)),
        ("/v2/pipelines", truth.pipelines()),
        ("/v2/users/me/teams", truth.teams()),
        (f"/v2/boxes/{box}/tasks", truth.tasks(box)),
        (f"/v2/boxes/{box}/meetings", truth.meetings(box)),
        (f"/v2/boxes/{box}/comments", truth.comments(box)),
        (f"/v2/teams/{team}/contacts", truth.contacts(team)),
        (f"/v2/teams/{team}/organizations", truth.organizations(team)),
    ):
        assert keys(client.get(path, **sent)["results"]) == keys(whole), path


def test_numbers_out_of_range(client: Client, truth: Workspace) -> None:
    pipeline, team = truth.pipelines()[0]["key"], truth.teams()[0]["key"]
    box = max(truth.box_keys(pipeline), key=lambda key: len(truth.tasks(key)))
    assert keys(client.get(f"/v2/boxes/{box}/tasks", limit=5000)["results"]) == keys(truth.tasks(box))
    path = f"/v1/pipelines/{pipeline}/boxes"
    assert client.get(path, limit="2.0", page="1.0") == client.get(path, limit=2, page=1)
    assert client.get(path, limit=2, page="9" * 400) == []
    assert client.get(path, limit="1e999") == client.get(path)
    assert client.get("/v1/search", query="a", page=-3) == client.get("/v1/search", query="a")
    for after in ("never", "-1", ""):
        found = client.get(f"/v2/teams/{team}/contacts", after=after)
        assert keys(found["results"]) == keys(truth.contacts(team))


def test_parameters_where_none_belong(client: Client, truth: Workspace) -> None:
    """A node of n8n sends page and limit with every list, a wrapper for Node an empty stage."""
    pipeline = truth.pipelines()[0]["key"]
    box = truth.box_keys(pipeline)[0]
    for path in ("/v1/pipelines", "/v1/snippets", f"/v1/boxes/{box}/threads", f"/v2/boxes/{box}/comments"):
        assert client.get(path, page=0, limit=50, sort="name", _="17") == client.get(path)
    assert client.get(f"/v2/boxes/{box}/timeline", page=0, limit=50) == {"entries": []}
    path = f"/v1/pipelines/{pipeline}/boxes"
    assert client.get(path, stageKey="") == client.get(path)
    assert client.get(path, stageKey="no such stage") == []
    assert client.get("/v2/tasks", direction="sideways") == client.get("/v2/tasks")
    assert client.get("/v1/search", query="", name="x")["results"]["boxes"] == []
    assert client.get("/v1/search", query="")["results"]["contacts"] == []


def test_a_list_that_is_counted_in_boxes(start: Start) -> None:
    """A TypeScript client of the v2 list sends `offset` until there is no next page."""
    client = start(generated_workspace(60, seed=3))
    pipeline = client.sandbox.workspace.pipelines()[0]
    stage = max(pipeline["stages"].values(), key=lambda each: int(each["boxCount"]))["key"]
    path = f"/v2/pipelines/{pipeline['key']}/boxes"
    found: list[dict[str, Any]] = []
    more = True
    while more:
        page = client.get(path, stageKey=stage, limit=2, offset=len(found))
        found += page["results"]
        more = page["hasNextPage"]
    assert found == client.get(path, stageKey=stage)["results"]
    assert len(found) > 2


def test_a_cursor_outlives_its_filter(client: Client, truth: Workspace) -> None:
    """A client that sends `after` with the first page only goes on without it."""
    team = truth.teams()[0]["key"]
    path = f"/v2/teams/{team}/contacts"
    first = client.get(path, limit=2, after=1)
    rest = client.get(path, cursor=first["cursor"])
    assert keys([*first["results"], *rest["results"]]) == keys(truth.contacts(team))


def test_headers_that_say_otherwise(client: Client) -> None:
    """All that matters is the key: a client that asks for anything else, or sends a body, gets JSON."""
    for headers in ({"Accept": "text/html"}, {"Accept": ""}, {"Content-Type": "application/json"}):
        answer = client.call("/v1/users/me", headers=headers, data=b"{}")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("application/json")
    head = client.call("/v1/users/me", method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(client.call("/v1/users/me").content)


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"json": '["a"]'}},  # a form, as Streak's old wrapper for Node sends
        {"data": "x=1"},
        {"json": {"boxKeys": ["a"]}},
        {"json": ["a", 1]},
        {"json": "a"},
        {},
    ],
)
def test_a_batch_of_another_form_is_answered_with_null(
    client: Client, truth: Workspace, body: dict[str, Any]
) -> None:
    """As Streak was seen to answer forms and JSON of another shape."""
    pipeline = truth.pipelines()[0]["key"]
    for path in (
        f"/v1/pipelines/{pipeline}/boxes/batch/",
        "/v2/contacts/batch/get",
        "/v2/organizations/batch/get",
    ):
        answer = client.call(path, method="POST", **body)
        assert (answer.status_code, answer.text) == (200, "null")


def test_a_batch_of_keys_whatever_the_content_type(client: Client, truth: Workspace) -> None:
    pipeline = truth.pipelines()[0]["key"]
    wanted = list(truth.box_keys(pipeline)[:3])
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=UTF-8"):
        answer = client.call(
            f"/v1/pipelines/{pipeline}/boxes/batch/",
            method="POST",
            data=json.dumps(wanted),
            headers={"Content-Type": kind},
        )
        assert keys(answer.json()) == wanted


def test_what_streak_was_seen_to_refuse(client: Client, truth: Workspace) -> None:
    pipeline = truth.pipelines()[0]["key"]
    box = truth.box_keys(pipeline)[0]
    assert client.call(f"/v1/pipelines/{pipeline}/newsfeed?detailLevel=xxINVALID").status_code == 400
    assert client.call(f"/v1/boxes/{box}/md?maxTokens=1").status_code == 400
    wrong = client.call("/v2/nothing/here")
    assert (wrong.status_code, wrong.json()) == (400, {"error": "Invalid API path specified"})
    assert client.call("/v1/search").status_code == 400
    for auth, words in ((None, "Authentication required"), (("wrong", ""), "invalid api key")):
        refused = requests.get(client.sandbox.url + "/v1/users/me", auth=auth, timeout=MAX_WAIT)
        assert (refused.status_code, refused.json()["error"]) == (401, words)
