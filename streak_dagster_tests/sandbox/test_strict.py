"""A strict sandbox takes what is documented, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from streak_dagster.sandbox.http.routes.table import ROUTER
from streak_dagster.sandbox.http.strict import _PARAMETERS
from streak_dagster_tests.support.sandbox_client import Client, Start
from streak_dagster_tests.support.waiting import MAX_WAIT


@pytest.fixture
def strict(start: Start) -> Client:
    return start(strict=True)


@pytest.fixture
def names(strict: Client) -> dict[str, str]:
    """Keys to put into paths."""
    workspace = strict.sandbox.workspace
    pipeline = workspace.pipelines()[0]["key"]
    box = workspace.box_keys(pipeline)[0]
    return {"pipeline": pipeline, "box": box, "team": workspace.teams()[0]["key"]}


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/v1/pipelines/{pipeline}/boxes", {"sortBy": "lastUpdatedTime"}),
        ("/v1/pipelines/{pipeline}/boxes", {"limit": 0}),
        ("/v1/pipelines/{pipeline}/boxes", {"limit": "many"}),
        ("/v1/pipelines/{pipeline}/boxes", {"limit": "2.0"}),
        ("/v1/pipelines/{pipeline}/boxes", {"page": -1}),
        ("/v1/pipelines/{pipeline}/boxes", {"page": ""}),
        ("/v2/pipelines/{pipeline}/boxes", {"offset": 0}),
        ("/v1/pipelines", {"sortBy": "name"}),
        ("/v1/pipelines", {"page": 0}),
        ("/v1/snippets", {"limit": 10}),
        ("/v1/boxes/{box}/threads", {"page": 0}),
        ("/v2/boxes/{box}/comments", {"limit": 10}),
        ("/v2/boxes/{box}/tasks", {"limit": 1001}),
        ("/v2/tasks", {"direction": "sideways"}),
        ("/v2/teams/{team}/contacts", {"after": "never"}),
        ("/v2/teams/{team}/organizations", {"after": 1}),
        ("/v1/search", {"query": "a", "page": -1}),
    ],
)
def test_parameters(strict: Client, names: dict[str, str], path: str, sent: dict[str, Any]) -> None:
    answer = strict.call(path.format(**names), params=sent)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert [each.kind for each in strict.sandbox.journal.arrivals] == ["undocumented"]


def test_a_cursor_belongs_to_its_filter(strict: Client, names: dict[str, str]) -> None:
    path = f"/v2/teams/{names['team']}/contacts"
    cursor = strict.get(path, limit=2, after=1)["cursor"]
    assert strict.call(path, params={"cursor": cursor}).status_code == 400
    assert strict.get(path, cursor=cursor, after=1)["results"]


@pytest.mark.parametrize("path", ["/v1/pipelines/", "//v1/pipelines", "/v1//pipelines", "/v1/boxes/"])
def test_slashes(strict: Client, path: str) -> None:
    assert strict.call(path).status_code == 404


def test_methods_and_bodies(strict: Client, names: dict[str, str]) -> None:
    assert strict.call("/v1/users/me", method="HEAD").status_code == 405
    bodies: tuple[dict[str, Any], ...] = ({"data": "x=1"}, {"json": {}}, {"json": [1]}, {})
    for body in bodies:
        answer = strict.call(f"/v1/pipelines/{names['pipeline']}/boxes/batch/", method="POST", **body)
        assert answer.status_code == 400


@pytest.mark.parametrize("sent", ["!!!", "c2FuZGJveDp4", "c2FuZGJveDo", "c2FuZGJveDo==="])
def test_keys(strict: Client, sent: str) -> None:
    answer = requests.get(
        strict.sandbox.url + "/v1/users/me", headers={"Authorization": f"Basic {sent}"}, timeout=MAX_WAIT
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid api key")


def test_parameters_are_those_of_routes_that_are_there() -> None:
    for route in _PARAMETERS:
        found = ROUTER.find(route)
        assert found is not None
        assert found[0] == route
