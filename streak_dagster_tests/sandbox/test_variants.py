"""Each switch changes what it says and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from streak_dagster.sandbox import Variants, generated_workspace
from streak_dagster.sandbox.http.variants import switches
from streak_dagster_tests.support.sandbox_client import Client, Start

Vary = Callable[..., Client]


def sales(client: Client) -> str:
    key: str = client.sandbox.workspace.pipelines()[0]["key"]
    return key


def box_keys(client: Client) -> list[str]:
    workspace = client.sandbox.workspace
    return [key for each in workspace.pipelines() for key in workspace.box_keys(each["key"])]


def box_with(client: Client, kind: str) -> str:
    """The box that has most children of a kind."""
    return max(box_keys(client), key=lambda key: len(getattr(client.sandbox.workspace, kind)(key)))


@pytest.mark.parametrize(
    ("envelope", "params", "wrapped"),
    [
        ("array", {}, False),
        ("array", {"page": 0, "limit": 5}, False),
        ("wrapped", {}, True),
        ("wrapped", {"limit": 5}, True),
        ("wrapped_when_paged", {}, False),
        ("wrapped_when_paged", {"limit": 5}, False),
        ("wrapped_when_paged", {"limit": 5, "page": 0}, True),
    ],
)
def test_v1_boxes_envelope(vary: Vary, envelope: str, params: dict[str, int], wrapped: bool) -> None:
    client = vary(v1_boxes_envelope=envelope)
    answer = client.get(f"/v1/pipelines/{sales(client)}/boxes", **params)
    assert isinstance(answer, dict) is wrapped
    if wrapped:
        assert answer["hasNextPage"] is ("limit" in params)


@pytest.mark.parametrize(
    ("switch", "on_first", "on_last"),
    [
        ("present", True, False),
        ("absent", None, None),
        ("false_omitted", True, None),
        ("text", "true", "false"),
    ],
)
def test_has_next_page(vary: Vary, switch: str, on_first: bool | str | None, on_last: str | None) -> None:
    client = vary(has_next_page=switch, v1_boxes_envelope="wrapped")
    for version in ("v1", "v2"):
        path = f"/{version}/pipelines/{sales(client)}/boxes"
        assert client.get(path, limit=10, page=0).get("hasNextPage") == on_first
        assert client.get(path, limit=10, page=1).get("hasNextPage") == on_last


def test_max_page_limit_cuts_silently_and_skips_nothing(vary: Vary) -> None:
    client = vary(max_page_limit=4)
    path = f"/v1/pipelines/{sales(client)}/boxes"
    pages = [client.get(path, limit=100, page=page) for page in range(5)]
    assert [len(page) for page in pages] == [4, 4, 4, 2, 0]
    assert [box["key"] for page in pages for box in page] == box_keys(client)[:14]


def test_unseen_boxes_make_pages_short_and_cost_none(vary: Vary) -> None:
    client = vary(unseen_boxes=5, v1_boxes_envelope="wrapped")
    path = f"/v1/pipelines/{sales(client)}/boxes"
    pages = [client.get(path, limit=4, page=page) for page in range(5)]
    assert [len(page["results"]) for page in pages] == [4, 3, 3, 4, 0]
    assert [page["hasNextPage"] for page in pages] == [True, True, True, False, False]
    assert [box["key"] for page in pages for box in page["results"]] == box_keys(client)[:14]


def test_empty_lists(vary: Vary) -> None:
    def answers(empty_lists: str, **more: Any) -> list[tuple[int, bytes]]:
        client = vary(empty_lists=empty_lists, **more)
        paths = ("/v2/boxes/{}/comments", "/v1/boxes/{}/threads")
        boxes = (
            next(box for box in box_keys(client) if not getattr(client.sandbox.workspace, kind)(box))
            for kind in ("comments", "threads")
        )
        called = (client.call(path.format(box)) for path, box in zip(paths, boxes, strict=True))
        return [(answer.status_code, answer.content) for answer in called]

    assert answers("array") == [(200, b'{"results":[],"hasNextPage":false}'), (200, b"[]")]
    assert answers("204") == [(204, b""), (204, b"")]
    assert answers("null") == [(200, b'{"results":null,"hasNextPage":false}'), (200, b"[]")]
    text = answers("null", has_next_page="text")
    assert text[0] == (200, b'{"results":null,"hasNextPage":"false"}')
    assert answers("null", has_next_page="absent")[0] == (200, b'{"results":[]}'), "only with the word"


def test_ignore_paging(vary: Vary) -> None:
    client = vary(ignore_paging=True)
    assert len(client.get(f"/v1/pipelines/{sales(client)}/boxes", limit=2, page=3)) == 14


@pytest.mark.parametrize(
    ("shape", "creator", "sharing"),
    [("openapi", True, False), ("sharing", False, True), ("both", True, True)],
)
def test_task_shape(vary: Vary, shape: str, creator: bool, sharing: bool) -> None:
    client = vary(task_shape=shape)
    task = client.get(f"/v2/boxes/{box_with(client, 'tasks')}/tasks")["results"][0]
    assert ("creator" in task, "assignedTo" in task) == (creator, creator)
    assert ("creatorSharingEntry" in task, "assignedToSharingEntries" in task, "sortOrder" in task) == (
        sharing,
    ) * 3


def test_meetings_all_at_once(vary: Vary) -> None:
    for paging, expected in (("paged", 1), ("all", 3)):
        client = vary(meetings_paging=paging)
        answer = client.get(f"/v2/boxes/{box_with(client, 'meetings')}/meetings", limit=1, page=0)
        assert (len(answer["results"]), answer["hasNextPage"]) == (expected, paging == "paged")


def test_comments_in_pages(vary: Vary) -> None:
    client = vary(comments_page_size=3)
    path = f"/v2/boxes/{box_with(client, 'comments')}/comments"
    first, second = client.get(path), client.get(path, page=1)
    assert (len(first["results"]), first["hasNextPage"]) == (3, True)
    assert (len(second["results"]), second["hasNextPage"]) == (1, False)


@pytest.mark.parametrize(
    ("keys", "plain", "named"), [("both", True, True), ("named_only", False, True), ("key_only", True, False)]
)
def test_key_twins(vary: Vary, keys: str, plain: bool, named: bool) -> None:
    client = vary(keys=keys)
    thread, file, comment = (box_with(client, kind) for kind in ("threads", "files", "comments"))
    for thing, twin in (
        (client.get("/v1/users/me"), "userKey"),
        (client.get("/v1/pipelines")[0], "pipelineKey"),
        (client.get(f"/v1/boxes/{thread}"), "boxKey"),
        (client.get(f"/v1/boxes/{thread}/threads")[0], "gmailThreadKey"),
        (client.get(f"/v1/boxes/{file}/files")[0], "fileKey"),
        (client.get("/v1/snippets")[0], "snippetKey"),
        (client.get(f"/v2/boxes/{comment}/comments")["results"][0], "commentKey"),
        (client.get(f"/v1/boxes/{thread}/newsfeed")[0], "newsfeedItemKey"),
    ):
        assert ("key" in thing, twin in thing) == (plain, named), twin
    assert "key" in client.get("/v2/users/me/teams")["results"][0]


def nulls(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(nulls, value.values()))
    return sum(map(nulls, value)) if isinstance(value, list) else value is None


@pytest.mark.parametrize("unset", ["omit", "null"])
def test_unset_properties(vary: Vary, unset: str) -> None:
    client = vary(unset=unset)
    answers = [client.get("/v1/boxes"), client.get("/v1/pipelines"), client.get("/v2/users/me/teams")]
    answers += [client.get(f"/v2/boxes/{key}/tasks") for key in box_keys(client)]
    assert all((nulls(answer) > 0) is (unset == "null") for answer in answers[:3])
    assert (nulls(answers) > 0) is (unset == "null")


def test_extra_properties_are_everywhere(vary: Vary) -> None:
    client = vary(extra_properties=True)
    box = box_with(client, "tasks")
    things = [
        client.get("/v1/users/me"),
        client.get("/v2/users/me/teams")["results"][0],
        client.get(f"/v1/boxes/{box}"),
    ]
    things += [client.get("/v1/snippets")[0], client.get(f"/v2/boxes/{box}/tasks")["results"][0]]
    pipeline = client.get("/v1/pipelines")[0]
    things += [pipeline, pipeline["fields"][0], pipeline["stages"]["5001"]]
    assert all("sandboxUnknown" in thing for thing in things)


def test_timestamps_as_strings(vary: Vary) -> None:
    client = vary(timestamps="string")
    box = client.get(f"/v1/boxes/{box_with(client, 'tasks')}")
    assert isinstance(box["creationTimestamp"], str)
    assert isinstance(box["stageHistoryEntries"][0]["lastEntryToStageTs"], str)
    assert isinstance(box["stageHistoryEntries"][0]["timeInStageMs"], int)
    assert isinstance(box["fields"]["1003"], int), "custom field values aren't touched"


def test_timestamps_in_seconds(vary: Vary) -> None:
    client = vary(timestamps="seconds")
    box = client.get(f"/v1/boxes/{box_with(client, 'tasks')}")
    true = client.sandbox.workspace.box(box["key"])
    assert box["creationTimestamp"] == true["creationTimestamp"] // 1000
    assert box["fields"]["1003"] == true["fields"]["1003"], "custom field values aren't touched"


@pytest.mark.parametrize(
    ("switch", "sent"), [("unset", None), ("-1", -1), ("0", 0), ("9999", 253_402_300_799_999)]
)
def test_tasks_without_due_date(vary: Vary, switch: str, sent: int | None) -> None:
    client = vary(no_due_date=switch)
    workspace = client.sandbox.workspace
    box, task = next(
        (box, each) for box in box_keys(client) for each in workspace.tasks(box) if each["dueDate"] is None
    )
    found = next(
        each for each in client.get(f"/v2/boxes/{box}/tasks")["results"] if each["key"] == task["key"]
    )
    assert found.get("dueDate") == sent


def test_user_shape(vary: Vary) -> None:
    openapi, observed = (vary(user_shape=shape).get("/v1/users/me") for shape in ("openapi", "observed"))
    assert ("intercomHmac" in openapi, "userType" in openapi) == (False, True)
    assert ("intercomHmac" in observed, "userType" in observed) == (True, False)
    team = vary(email_sharing="boolean").get("/v2/users/me/teams")["results"][0]
    assert {member["emailSharing"] for member in team["members"]} == {True, False}


@pytest.mark.parametrize(
    ("switch", "names"),
    [
        ("both", {"boxCount", "boxCountHint"}),
        ("count", {"boxCount"}),
        ("hint", {"boxCountHint"}),
        ("none", set()),
    ],
)
def test_pipeline_counts(vary: Vary, switch: str, names: set[str]) -> None:
    client = vary(pipeline_counts=switch)
    pipeline = client.get("/v1/pipelines")[0]
    assert pipeline.keys() & {"boxCount", "boxCountHint"} == names
    assert ("boxCount" in pipeline["stages"]["5001"]) is (switch != "none")


def test_old_pipelines(vary: Vary) -> None:
    client = vary(acl_entries="old", stage_shape="old", ai_settings=False, stages_v2="400")
    pipeline = client.get("/v1/pipelines")[0]
    assert set(pipeline["aclEntries"][0]) == {"email", "isOwner"}
    assert pipeline["stages"]["5001"] == {"key": "5001", "name": "Lead"}
    assert not any("aiSettings" in field for field in client.get(f"/v1/pipelines/{pipeline['key']}/fields"))
    assert client.call(f"/v2/pipelines/{pipeline['key']}/stages").status_code == 400
    assert set(client.get("/v2/pipelines")["results"][0]["aclEntries"][0]) > {"email", "isOwner"} - {
        "isOwner"
    }


def test_box_shape(vary: Vary) -> None:
    full, before, old = (
        client.get(f"/v1/boxes/{box_keys(client)[0]}")
        for client in (vary(), vary(box_shape="observed_2021"), vary(box_shape="documented"))
    )
    assert full.keys() - before.keys() >= {"stageHistoryEntries", "violations"}
    assert "lastSavedTimestamp" not in old
    assert old["reminderCount"] == 0


@pytest.mark.parametrize(
    ("form", "kind"), [("entries", dict), ("emails", str), ("keys", str), ("entry", None)]
)
def test_person_values(vary: Vary, form: str, kind: type | None) -> None:
    client = vary(person_values=form, link_values="objects")
    box = next(box for box in client.get("/v1/boxes") if "1010" in box["fields"] and "1007" in box["fields"])
    person = box["fields"]["1007"]
    assert isinstance(person, dict) if kind is None else isinstance(person[0], kind)
    assert set(box["fields"]["1010"][0]) == {"key"}


def test_threads(vary: Vary) -> None:
    client = vary(thread_detail="list", thread_box_key="first")
    path = next(
        f"/v1/boxes/{key}/threads"
        for key in reversed(box_keys(client))
        for each in client.sandbox.workspace.threads(key)
        if each["boxKeys"][0] != key
    )
    listed = client.get(path)[0]
    assert "subject" not in listed
    assert listed["boxKey"] not in path
    assert client.get(f"/v1/threads/{listed['key']}")["subject"]


def test_files_and_snippets(vary: Vary) -> None:
    client = vary(file_size="number", snippet_text="string", single_snippet="array")
    assert isinstance(client.get(f"/v1/boxes/{box_with(client, 'files')}/files")[0]["size"], int)
    snippet = client.get("/v1/snippets")[0]
    assert isinstance(snippet["snippetText"], str)
    assert client.get(f"/v1/snippets/{snippet['key']}") == [snippet]


def test_contacts_of_old_answers_lack_what_came_later(vary: Vary) -> None:
    client = vary(contact_shape="old")
    team = client.sandbox.workspace.teams()[0]["key"]
    for kind in ("contacts", "organizations"):
        (listed, *_) = client.get(f"/v2/teams/{team}/{kind}", limit=1)["results"]
        assert not {"domains", "normalizedDomains", "contactLinks", "fields"} & set(listed)
        assert client.get(f"/v2/{kind}/{listed['key']}") == listed
        assert client.call(f"/v2/{kind}/batch/get", method="POST", json=[listed["key"]]).json() == {
            listed["key"]: listed
        }


def test_after_may_be_ignored(vary: Vary) -> None:
    client, ignoring = vary(), vary(contacts_after="ignored")
    path = f"/v2/teams/{client.sandbox.workspace.teams()[0]['key']}/contacts"
    later = client.sandbox.workspace.now // 1000 + 1
    assert client.get(path, after=later) == {"results": []}
    assert ignoring.get(path, after=later) == ignoring.get(path) == client.get(path)


def test_a_contact_that_was_never_saved_is_older_than_any_other(vary: Vary) -> None:
    client = vary()
    made = client.sandbox.workspace.add_contact(lastSavedTimestamp=None)
    path = f"/v2/teams/{made['teamKey']}/contacts"
    assert made["key"] in {each["key"] for each in client.get(path)["results"]}
    assert client.get(path, after=0) == client.get(path)
    assert made["key"] not in {each["key"] for each in client.get(path, after=1)["results"]}


def test_webhooks_envelope(vary: Vary) -> None:
    bare, wrapped = vary(), vary(webhooks_envelope="wrapped")
    team = bare.sandbox.workspace.teams()[0]["key"]
    for path in (f"/v2/pipelines/{sales(bare)}/webhooks", f"/v2/teams/{team}/webhooks"):
        assert wrapped.get(path) == {"results": bare.get(path), "hasNextPage": False}


def test_search_pages_may_begin_at_one(vary: Vary) -> None:
    client = vary(search_first_page="1")
    assert client.get("/v1/search", query="a")["page"] == 1
    assert client.get("/v1/search", query="a", page=2)["results"]["boxes"] == []


@pytest.mark.parametrize("status", [404, 400, 401])
def test_missing_objects(vary: Vary, status: int) -> None:
    client = vary(missing_object_status=status)
    for path in (
        "/v1/boxes/x",
        "/v2/boxes/x/tasks",
        "/v1/pipelines/x",
        "/v1/pipelines/x/boxes",
        "/v1/boxes/x/threads",
        "/v2/comments/x",
        "/v1/users/x",
        "/v2/teams/x/users",
        "/v2/contacts/x",
        "/v1/snippets/x",
        "/v1/files/x",
        f"/v1/pipelines/{sales(client)}/fields/1",
        f"/v1/pipelines/{sales(client)}/stages/1",
    ):
        answer = client.call(path)
        assert answer.status_code == status, path
        assert answer.json()["error"]
    assert {arrival.kind for arrival in client.sandbox.journal.arrivals} == {"missing"}


def test_they_may_be_replaced_while_it_runs(client: Client) -> None:
    assert isinstance(client.get(f"/v1/pipelines/{sales(client)}/boxes"), list)
    client.sandbox.variants = Variants(v1_boxes_envelope="wrapped")
    assert isinstance(client.get(f"/v1/pipelines/{sales(client)}/boxes"), dict)


@pytest.mark.parametrize(
    "wrong",
    [
        {"keys": "all"},
        {"ignore_paging": "yes"},
        {"max_page_limit": 0},
        {"comments_page_size": True},
        {"missing_object_status": "404"},
        {"stages_v2": 400},
        {"unset": None},
    ],
)
def test_wrong_values_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Variants(**wrong)


def test_every_switch_is_described() -> None:
    assert all(field.metadata["help"] for field in fields(Variants))


def test_a_generated_workspace_varies_too(start: Start) -> None:
    """Every value of every switch serves every box of a small generated workspace."""
    client = start(generated_workspace(12, seed=3))
    for field, choices, kind in switches():
        for value in choices or ([True, False] if kind is bool else [1, 5]):
            switch: dict[str, Any] = {field.name: value}
            client.sandbox.variants = Variants(**switch)
            assert client.get("/v1/boxes")
            for key in box_keys(client):
                for path in (
                    "v2/boxes/{}/comments",
                    "v2/boxes/{}/tasks",
                    "v2/boxes/{}/meetings",
                    "v1/boxes/{}/threads",
                ):
                    assert client.call("/" + path.format(key)).status_code in (200, 204)
