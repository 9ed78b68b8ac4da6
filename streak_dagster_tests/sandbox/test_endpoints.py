"""Each endpoint answers with the truth in the documented envelope."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Workspace, generated_workspace
from streak_dagster_tests.support.sandbox_client import Client, Start


def known(answer: dict[str, Any], truth: dict[str, Any]) -> bool:
    """Whether everything in the answer is in the truth, at the top level."""
    return all(truth[name] == value or isinstance(value, (dict, list)) for name, value in answer.items())


@pytest.fixture
def truth(client: Client) -> Workspace:
    return client.sandbox.workspace


def keys(things: list[dict[str, Any]]) -> list[str]:
    return [each["key"] for each in things]


def test_people(client: Client, truth: Workspace) -> None:
    me = client.get("/v1/users/me")
    assert me["key"] == me["userKey"] == truth.users()[0]["key"]
    assert me["intercomHmac"]
    assert client.get(f"/v1/users/{truth.users()[2]['key']}")["email"] == truth.users()[2]["email"]
    team = truth.teams()[0]
    assert client.get("/v2/users/me/teams") == {
        "results": [client.get(f"/v2/teams/{team['key']}")],
        "hasNextPage": False,
    }
    users = client.get(f"/v2/teams/{team['key']}/users")
    assert keys(users["results"]) == keys(truth.users())
    assert {member["role"] for member in team["members"]} >= {"Owner", "Member", "ArchiveOnly"}
    assert {user["userType"] for user in users["results"]} == {"HUMAN", "AGENT"}


def test_pipelines(client: Client, truth: Workspace) -> None:
    pipelines = client.get("/v1/pipelines")
    assert keys(pipelines) == keys(truth.pipelines())
    assert pipelines == [client.get(f"/v1/pipelines/{each['key']}") for each in pipelines]
    second = client.get("/v2/pipelines", limit=2, page=1)
    assert keys(second["results"]) == keys(pipelines)[2:4]
    assert second["hasNextPage"] is False
    assert "pipelineKey" not in second["results"][0]
    newest = client.get("/v1/pipelines", sortBy="creationTimestamp")
    assert [each["creationTimestamp"] for each in newest] == sorted(
        (e["creationTimestamp"] for e in newest), reverse=True
    )
    assert client.call("/v1/pipelines?sortBy=whatever").status_code == 200
    for each in pipelines:
        stages = client.get(f"/v1/pipelines/{each['key']}/stages")
        assert stages == client.get(f"/v2/pipelines/{each['key']}/stages") == each["stages"]
        assert sorted(stages) == sorted(each["stageOrder"])
        assert (
            sum(stage["boxCount"] for stage in stages.values())
            == each["boxCount"]
            == len(truth.boxes(each["key"]))
        )
        first = each["stageOrder"][0]
        assert client.get(f"/v2/pipelines/{each['key']}/stages/{first}") == stages[first]
        fields = client.get(f"/v1/pipelines/{each['key']}/fields")
        assert fields == each["fields"]
        assert client.get(f"/v1/pipelines/{each['key']}/fields/{fields[0]['key']}") == fields[0]


def test_every_field_type_is_in_the_sample(client: Client) -> None:
    types = {field["type"] for each in client.get("/v1/pipelines") for field in each["fields"]}
    assert types == {
        "TEXT_INPUT",
        "DROPDOWN",
        "CHECKBOX",
        "DATE",
        "PERSON",
        "FORMULA",
        "TAG",
        "TEAM_CONTACT",
        "TEAM_ORGANIZATION",
    }


def test_boxes(client: Client, truth: Workspace) -> None:
    for pipeline in truth.pipelines():
        path = f"/v1/pipelines/{pipeline['key']}/boxes"
        boxes = client.get(path)
        assert keys(boxes) == keys(truth.boxes(pipeline["key"]))
        paged = [box for page in range(20) for box in client.get(path, limit=3, page=page)]
        assert paged == boxes
        v2 = client.get(f"/v2/pipelines/{pipeline['key']}/boxes", limit=5, page=0)
        assert v2 == {"results": boxes[:5], "hasNextPage": len(boxes) > 5}
        for name in ("creationTimestamp", "lastUpdatedTimestamp"):
            times = [box[name] for box in client.get(path, sortBy=name)]
            assert times == sorted(times, reverse=True)
            assert len(times) == len(boxes)
        for stage in pipeline["stageOrder"]:
            assert client.get(path, stageKey=stage) == [box for box in boxes if box["stageKey"] == stage]
        for box in boxes:
            assert client.get(f"/v1/boxes/{box['key']}") == box
            values = client.get(f"/v1/boxes/{box['key']}/fields")
            assert {each["key"]: each["value"] for each in values if "value" in each} == box["fields"]
            assert len(values) == len(pipeline["fields"])
            assert client.get(f"/v1/boxes/{box['key']}/fields/{values[0]['key']}") == values[0]
    assert len(client.get("/v1/boxes")) == sum(len(truth.boxes(each["key"])) for each in truth.pipelines())


@pytest.mark.parametrize("slash", ["", "/"])
def test_box_batch(client: Client, truth: Workspace, slash: str) -> None:
    first, second = truth.pipelines()[:2]
    wanted = truth.box_keys(first["key"])[:3]
    body = [*wanted, truth.box_keys(second["key"])[0], "unknown"]
    answer = client.call(f"/v1/pipelines/{first['key']}/boxes/batch{slash}", method="POST", json=body)
    assert keys(answer.json()) == list(wanted)


def test_markdown(client: Client, truth: Workspace) -> None:
    answer = client.call(f"/v1/boxes/{truth.box_keys(truth.pipelines()[0]['key'])[0]}/md")
    assert answer.headers["Content-Type"].startswith("text/markdown")
    assert answer.text.startswith("# ")
    assert client.call(answer.url.removeprefix(client.sandbox.url) + "?maxTokens=1").status_code == 400


def test_children(client: Client, truth: Workspace) -> None:
    seen = dict.fromkeys(("comments", "tasks", "meetings", "threads", "files"), 0)
    for pipeline in truth.pipelines():
        for box_key in truth.box_keys(pipeline["key"]):
            for kind in seen:
                version = "v1" if kind in ("threads", "files") else "v2"
                answer = client.get(f"/{version}/boxes/{box_key}/{kind}")
                found = answer if version == "v1" else answer["results"]
                real = getattr(truth, kind)(box_key)
                assert keys(found) == keys(real)
                assert all(map(known, found, real))
                assert all(each["boxKey"] == box_key for each in found)
                for each in found[:2]:
                    assert client.get(f"/{version}/{kind}/{each['key']}")["key"] == each["key"]
                seen[kind] += len(found)
    assert min(seen.values()) > 5


def test_the_contents_of_a_file(client: Client, truth: Workspace) -> None:
    boxes = [key for each in truth.pipelines() for key in truth.box_keys(each["key"])]
    file = next(each for key in boxes for each in truth.files(key))
    answer = client.call(f"/v1/files/{file['key']}/contents")
    assert answer.headers["Content-Type"] == file["mimeType"]
    assert str(len(answer.content)) == file["size"]
    assert client.call("/v1/files/unknown/contents").status_code == 404


def test_a_thread_may_be_in_two_boxes(client: Client, truth: Workspace) -> None:
    threads = [
        thread
        for each in truth.pipelines()
        for key in truth.box_keys(each["key"])
        for thread in truth.threads(key)
    ]
    shared = [each for each in threads if len(each["boxKeys"]) > 1]
    assert len(shared) == 4
    for box_key in shared[0]["boxKeys"]:
        listed = {each["key"]: each for each in client.get(f"/v1/boxes/{box_key}/threads")}
        assert listed[shared[0]["key"]]["boxKey"] == box_key


def test_task_paging_and_agenda(client: Client, truth: Workspace) -> None:
    boxes = [key for each in truth.pipelines() for key in truth.box_keys(each["key"])]
    busiest = max(boxes, key=lambda key: len(truth.tasks(key)))
    path = f"/v2/boxes/{busiest}/tasks"
    whole = client.get(path)["results"]
    assert len(whole) > 2
    assert client.get(path, limit=2, page=0) == {"results": whole[:2], "hasNextPage": True}
    assert client.get(path, limit=2, page=9)["results"] == []
    me = truth.users()[0]["key"]
    everything = [
        task
        for direction in ("past", "future")
        for task in client.get("/v2/tasks", direction=direction, limit=500, includeCompleted="true")[
            "results"
        ]
    ]
    mine = {
        task["key"]
        for key in boxes
        for task in truth.tasks(key)
        if me in {u["userKey"] for u in task["assignedTo"]}
    }
    assert {task["key"] for task in everything} == mine


def test_snippets_and_webhooks(client: Client, truth: Workspace) -> None:
    snippets = client.get("/v1/snippets")
    assert keys(snippets) == keys(truth.snippets())
    assert {each["snippetType"] for each in snippets} == {"TEXT", "HTML"}
    assert client.get(f"/v1/snippets/{snippets[0]['key']}") == snippets[0]
    team, pipeline = truth.teams()[0]["key"], truth.pipelines()[0]["key"]
    hooks = [*client.get(f"/v2/pipelines/{pipeline}/webhooks"), *client.get(f"/v2/teams/{team}/webhooks")]
    assert keys(hooks) == keys(truth.webhooks())
    assert client.get(f"/v2/webhooks/{hooks[0]['key']}") == hooks[0]


def test_api_keys(client: Client) -> None:
    (key,) = client.get("/v1/apikeys", limit=10, page=0)
    assert (key["keyType"], len(key["apiKey"])) == ("USER", 32)
    assert key["apiKey"] != client.sandbox.key
    assert client.get("/v1/apikeys", limit=10, page=1) == []


def walk(client: Client, path: str, **params: Any) -> tuple[list[dict[str, Any]], list[int]]:
    """All results of a cursor list and the size of each page."""
    found: list[dict[str, Any]] = []
    sizes, cursor = [], None
    while True:
        page = client.get(path, **params, **({"cursor": cursor} if cursor else {}))
        found += page["results"]
        sizes.append(len(page["results"]))
        cursor = page.get("cursor")
        if not cursor:
            return found, sizes


def test_contacts_by_cursor(start: Start) -> None:
    client = start(generated_workspace(0, contacts=250, organizations=20))
    team = client.sandbox.workspace.teams()[0]["key"]
    path, truth = f"/v2/teams/{team}/contacts", client.sandbox.workspace.contacts(team)
    found, sizes = walk(client, path)
    assert keys(found) == keys(list(truth))
    assert sizes == [100, 100, 50]
    assert walk(client, path, limit=125)[1] == [125, 125, 0], "a full last page is followed by an empty one"
    assert walk(client, path, limit=5000)[1] == [250]
    after = sorted(each["lastSavedTimestamp"] for each in truth)[125] // 1000
    recent, _ = walk(client, path, limit=10, after=after)
    assert keys(recent) == [each["key"] for each in truth if each["lastSavedTimestamp"] >= after * 1000]
    assert client.call(path, params={"cursor": "nonsense"}).status_code == 400
    organizations, _ = walk(client, f"/v2/teams/{team}/organizations", limit=7)
    assert keys(organizations) == keys(list(client.sandbox.workspace.organizations(team)))
    batch = client.call("/v2/contacts/batch/get", method="POST", json=[*keys(found[:3]), "unknown"]).json()
    assert list(batch) == keys(found[:3])
    firm = organizations[3]
    assert client.get(f"/v2/organizations/{firm['key']}") == firm
    for link in firm["contactLinks"]:
        linked = client.get(f"/v2/contacts/{link['key']}")
        assert firm["key"] in {each["key"] for each in linked["orgLinks"]}


def test_more_than_a_thousand_contacts_are_capped(start: Start) -> None:
    client = start(generated_workspace(0, contacts=1200, organizations=1))
    team = client.sandbox.workspace.teams()[0]["key"]
    assert walk(client, f"/v2/teams/{team}/contacts", limit=9999)[1] == [1000, 200]


def test_search(client: Client, truth: Workspace) -> None:
    box = truth.boxes(truth.pipelines()[0]["key"])[3]
    by_name = client.get("/v1/search", name=box["name"])
    assert [hit["boxKey"] for hit in by_name["results"]["boxes"]] == [box["key"]]
    assert "key" not in by_name["results"]["boxes"][0]
    by_query = client.get("/v1/search", query="fjordhus")
    assert by_query["query"] == "fjordhus"
    assert all(by_query["results"].values())
    assert client.call("/v1/search").status_code == 400
    assert client.call("/v1/search?name=a&query=b").status_code == 400


def test_newsfeed_and_timeline(client: Client, truth: Workspace) -> None:
    pipeline = truth.pipelines()[0]["key"]
    box = truth.box_keys(pipeline)[0]
    feed = client.get(f"/v1/boxes/{box}/newsfeed")
    assert feed[-1]["newsfeedEntrySpecific"] == "NEW_BOX"
    times = [each["timestamp"] for each in client.get(f"/v1/pipelines/{pipeline}/newsfeed")]
    assert times == sorted(times, reverse=True)
    assert len(times) <= 50
    every = client.get("/v1/newsfeed", detailLevel="ALL")
    assert [each["timestamp"] for each in every] == sorted(
        (each["timestamp"] for each in every), reverse=True
    )
    assert len({each["pipelineKey"] for each in every}) > 1
    assert len(every) == 50
    assert client.call(f"/v1/boxes/{box}/newsfeed?detailLevel=NONE").status_code == 400
    assert client.get(f"/v2/boxes/{box}/timeline") == {"entries": []}


# The property names of the example payloads in the API notes, by the name of the example.
OBSERVED: dict[str, list[str]] = json.loads((Path(__file__).parent / "observed_properties.json").read_text())


def test_every_observed_property_is_there(truth: Workspace) -> None:
    """No example payload has a property that the canonical objects lack."""
    pipelines, team = truth.pipelines(), truth.teams()[0]
    boxes = [key for each in pipelines for key in truth.box_keys(each["key"])]

    def child(get: Callable[[str], list[dict[str, Any]]]) -> dict[str, Any]:
        return next(each for key in boxes for each in get(key))

    canonical = {
        "box": truth.box(boxes[0]),
        "pipeline": pipelines[0],
        "field": truth.fields(pipelines[0]["key"])[0],
        "user": truth.users()[0],
        "team": team,
        "comment": child(truth.comments),
        "task": child(truth.tasks),
        "meeting": child(truth.meetings),
        "thread": child(truth.threads),
        "file": child(truth.files),
        "snippet": truth.snippets()[0],
        "contact": truth.contacts(team["key"])[0],
        "webhook": truth.webhooks()[0],
        "organization": truth.organizations(team["key"])[0],
    }
    for example, names in OBSERVED.items():
        kind = example.partition(".")[0]
        thing = (
            canonical.get(kind)
            or canonical[kind.removesuffix("es") if kind == "boxes" else kind.removesuffix("s")]
        )
        assert set(names) - {"reminderCount"} <= set(thing), example
