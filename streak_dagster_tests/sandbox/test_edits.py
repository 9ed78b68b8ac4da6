"""Edits of a workspace, as a team would make them."""

from __future__ import annotations

import pytest

from streak_dagster.sandbox import Means, Workspace, generated_workspace, sample_workspace
from streak_dagster_tests.support.agreement import all_boxes, assert_counters_agree, assert_references_hold
from streak_dagster_tests.support.sandbox_client import Client

BUSY = Means(comments=2, tasks=2, meetings=2, threads=2, files=2, quiet=0.1)


@pytest.fixture(params=[sample_workspace, lambda: generated_workspace(80, seed=2, means=BUSY)])
def workspace(request: pytest.FixtureRequest) -> Workspace:
    made: Workspace = request.param()
    return made


def test_delete_box(workspace: Workspace) -> None:
    pipeline = workspace.pipelines()[0]
    keys = list(workspace.box_keys(pipeline["key"]))
    comments = [comment["key"] for comment in workspace.comments(keys[3])]
    workspace.delete_box(keys[3])
    assert list(workspace.box_keys(pipeline["key"])) == keys[:3] + keys[4:]
    assert workspace.pipeline(pipeline["key"])["boxCount"] == len(keys) - 1
    for gone in (
        lambda: workspace.box(keys[3]),
        lambda: workspace.comments(keys[3]),
        lambda: workspace.delete_box(keys[3]),
    ):
        with pytest.raises(KeyError):
            gone()
    for key in comments:
        with pytest.raises(KeyError):
            workspace.child("comments", key)
    assert_counters_agree(workspace)


def test_add_and_update_box(workspace: Workspace) -> None:
    pipeline = workspace.pipelines()[1]
    added = workspace.add_box(pipeline["key"], "Fresh", fields={pipeline["fields"][0]["key"]: "x"})
    assert workspace.box_keys(pipeline["key"])[-1] == added["key"]
    assert workspace.box_keys(pipeline["key"], sort_by="creationTimestamp")[0] == added["key"]
    assert workspace.pipeline(pipeline["key"])["boxCount"] == pipeline["boxCount"] + 1
    other = workspace.box_keys(pipeline["key"])[0]
    before = workspace.box(other)
    stage = next(key for key in pipeline["stageOrder"] if key != before["stageKey"])
    workspace.update_box(other, name="Renamed", stageKey=stage)
    after = workspace.box(other)
    assert (after["name"], after["stageKey"]) == ("Renamed", stage)
    assert after["lastUpdatedTimestamp"] > before["lastUpdatedTimestamp"]
    assert len(after["stageHistoryEntries"]) == len(before["stageHistoryEntries"]) + 1
    assert workspace.box_keys(pipeline["key"], sort_by="lastUpdatedTimestamp")[0] == other
    assert other in workspace.box_keys(pipeline["key"], stage_key=stage)
    workspace.delete_box(added["key"])
    with pytest.raises(KeyError):
        workspace.box(added["key"])
    with pytest.raises(KeyError):
        workspace.add_box("unknown")
    with pytest.raises(KeyError):
        workspace.update_box(other, stageKey="1")
    assert_counters_agree(workspace)


def test_move_a_box_to_another_pipeline_and_back(workspace: Workspace) -> None:
    first, second = (each["key"] for each in workspace.pipelines()[:2])
    order = list(workspace.box_keys(first))
    key = max(order, key=lambda each: len(workspace.comments(each)))
    count = len(workspace.comments(key))
    workspace.update_box(key, pipelineKey=second)
    assert key not in workspace.box_keys(first)
    assert workspace.box_keys(second)[-1] == key
    assert workspace.box(key)["fields"] == {}
    assert [comment["pipelineKey"] for comment in workspace.comments(key)] == [second] * count
    assert_counters_agree(workspace)
    workspace.update_box(key, pipelineKey=first)
    assert list(workspace.box_keys(first)) == order
    assert_counters_agree(workspace)


def test_children_move_saved_but_not_updated(workspace: Workspace) -> None:
    key = workspace.box_keys(workspace.pipelines()[0]["key"])[0]
    for add, counter in (
        (workspace.add_comment, "commentCount"),
        (workspace.add_task, "taskTotal"),
        (workspace.add_meeting, "callLogCount"),
        (workspace.add_thread, "gmailThreadCount"),
        (workspace.add_file, "fileCount"),
    ):
        before = workspace.box(key)
        child = add(key)
        after = workspace.box(key)
        assert after[counter] == before[counter] + 1
        assert after["lastUpdatedTimestamp"] == before["lastUpdatedTimestamp"]
        assert after["lastSavedTimestamp"] == workspace.now > before["lastSavedTimestamp"]
        kind = {
            "commentCount": "comments",
            "taskTotal": "tasks",
            "callLogCount": "meetings",
            "gmailThreadCount": "threads",
            "fileCount": "files",
        }[counter]
        assert workspace.child(kind, child["key"])["key"] == child["key"]
        workspace.remove_child(kind, child["key"])
        assert workspace.box(key)[counter] == before[counter]
        assert workspace.box(key)["lastSavedTimestamp"] > after["lastSavedTimestamp"]
    assert_counters_agree(workspace)


def test_replies_and_changed_children(workspace: Workspace) -> None:
    key = workspace.box_keys(workspace.pipelines()[0]["key"])[0]
    first = workspace.add_comment(key, "First")
    reply = workspace.add_comment(key, "Second", parent=first["key"])
    assert workspace.child("comments", first["key"])["children"] == [reply["key"]]
    workspace.update_child("comments", reply["key"], message="Edited")
    assert workspace.comments(key)[-1]["message"] == "Edited"
    task = workspace.add_task(key, due=workspace.now - 1)
    assert workspace.box(key)["taskOverdueCount"] >= 1
    workspace.update_child("tasks", task["key"], status="DONE")
    assert_references_hold(workspace)
    assert_counters_agree(workspace)


def test_children_may_move_updated_too() -> None:
    workspace = sample_workspace(children_touch_updated=True)
    pipeline = workspace.pipelines()[0]["key"]
    key = workspace.box_keys(pipeline)[0]
    workspace.add_comment(key)
    assert workspace.box(key)["lastUpdatedTimestamp"] == workspace.now
    assert workspace.box_keys(pipeline, sort_by="lastUpdatedTimestamp")[0] == key


def test_time_alone_moves_only_what_depends_on_it(workspace: Workspace) -> None:
    clocked = {
        "freshness",
        "taskOverdueCount",
        "overdueTaskAssigneeKeySet",
        "overdueTaskAssigneeSharingEntrySet",
        "earliestOverdueTaskDueDate",
        "stageHistoryEntries",
    }
    before = {box["key"]: box for box in all_boxes(workspace)}
    workspace.advance(40 * 86_400_000)
    moved = set()
    for box in all_boxes(workspace):
        moved |= {name for name, value in box.items() if before[box["key"]][name] != value}
    assert {"freshness", "stageHistoryEntries"} <= moved <= clocked


def test_remove_pipeline(client: Client) -> None:
    workspace = client.sandbox.workspace
    key = workspace.pipelines()[1]["key"]
    box = workspace.box_keys(key)[0]
    workspace.remove_pipeline(key)
    assert key not in {each["key"] for each in client.get("/v1/pipelines")}
    for path in (
        f"/v1/pipelines/{key}",
        f"/v1/pipelines/{key}/boxes",
        f"/v1/boxes/{box}",
        f"/v2/boxes/{box}/tasks",
    ):
        assert client.call(path).status_code == 404
    with pytest.raises(KeyError):
        workspace.remove_pipeline(key)


def test_edits_are_served(client: Client) -> None:
    workspace = client.sandbox.workspace
    pipeline = workspace.pipelines()[3]["key"]
    box = workspace.add_box(pipeline, "Erste")["key"]
    comment = workspace.add_comment(box, "Hallo")
    assert [each["key"] for each in client.get(f"/v1/pipelines/{pipeline}/boxes")] == [box]
    assert client.get(f"/v2/boxes/{box}/comments")["results"][0]["key"] == comment["key"]
    assert client.get(f"/v2/comments/{comment['key']}")["message"] == "Hallo"


def test_a_shared_thread_survives_its_first_box(workspace: Workspace) -> None:
    thread = next(
        each
        for box in all_boxes(workspace)
        for each in workspace.threads(box["key"])
        if len(each["boxKeys"]) > 1
    )
    first, second = thread["boxKeys"]
    workspace.delete_box(first)
    assert workspace.child("threads", thread["key"])["boxKeys"] == [second]
    assert thread["key"] in {each["key"] for each in workspace.threads(second)}
