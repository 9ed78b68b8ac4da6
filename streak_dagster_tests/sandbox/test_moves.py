"""What moves on a box, and edits of everything that isn't a box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.sandbox import Moves, Workspace, generated_workspace, sample_workspace
from streak_dagster.sandbox.workspace.collection import Collection
from streak_dagster.sandbox.workspace.moves import COUNTERS, TIMES
from streak_dagster_tests.support.agreement import assert_counters_agree
from streak_dagster_tests.support.sandbox_client import Client

CLOCKED = {
    "freshness",
    "stageHistoryEntries",
    "taskOverdueCount",
    "overdueTaskAssigneeKeySet",
    "overdueTaskAssigneeSharingEntrySet",
    "earliestOverdueTaskDueDate",
}
ADDERS = {
    "comments": "add_comment",
    "tasks": "add_task",
    "meetings": "add_meeting",
    "threads": "add_thread",
    "files": "add_file",
}


@pytest.fixture(params=[sample_workspace, lambda: generated_workspace(40, seed=2)])
def workspace(request: pytest.FixtureRequest) -> Workspace:
    made: Workspace = request.param()
    return made


def moved(workspace: Workspace, key: str, before: dict[str, Any]) -> set[str]:
    """Names that differ now, but for those that the clock moves."""
    after = workspace.box(key)
    return {name for name in after if after[name] != before[name]} - CLOCKED


@pytest.mark.parametrize("kind", ADDERS)
def test_nothing_moves_in_the_worst_case(workspace: Workspace, kind: str) -> None:
    workspace.moves = Moves.nothing()
    key = workspace.box_keys(workspace.pipelines()[0]["key"])[0]
    before = workspace.box(key)
    child = getattr(workspace, ADDERS[kind])(key)
    assert moved(workspace, key, before) == set()
    workspace.update_child(kind, child["key"], lastSavedTimestamp=workspace.now)
    assert moved(workspace, key, before) == set()
    assert child["key"] in {each["key"] for each in getattr(workspace, kind)(key)}
    workspace.remove_child(kind, child["key"])
    assert moved(workspace, key, before) == set()
    workspace.update_box(key, name="Renamed")
    assert moved(workspace, key, before) == {"name"}
    workspace.moves = Moves()
    getattr(workspace, ADDERS[kind])(key)
    workspace.update_box(key, notes="So much for that")
    assert_counters_agree(workspace)


@pytest.mark.parametrize("kind", ADDERS)
def test_each_part_moves_alone(kind: str) -> None:
    names: dict[str, set[str]] = {
        "counters": set(COUNTERS[kind]),
        "times": set(TIMES[kind]),
        "saved": {"lastSavedTimestamp"},
        "updated": {"lastUpdatedTimestamp"},
    }
    seen: set[str] = set()
    for touch in (False, True):
        for part, allowed in names.items():
            workspace = sample_workspace(children_touch_updated=touch)
            workspace.moves = Moves(added={part})  # type: ignore[arg-type]
            key = workspace.box_keys(workspace.pipelines()[0]["key"])[0]
            before = workspace.box(key)
            getattr(workspace, ADDERS[kind])(key)
            changed = moved(workspace, key, before)
            assert changed <= allowed
            assert changed or part == "times"
            seen |= changed
    assert {"lastSavedTimestamp", "lastUpdatedTimestamp", COUNTERS[kind][0]} <= seen


def test_everything_moves_in_the_best_case(workspace: Workspace) -> None:
    workspace.moves = Moves.everything()
    pipeline = workspace.pipelines()[0]["key"]
    key = workspace.box_keys(pipeline)[0]
    workspace.add_comment(key)
    box = workspace.box(key)
    assert box["lastUpdatedTimestamp"] == box["lastSavedTimestamp"] == workspace.now
    assert workspace.box_keys(pipeline, sort_by="lastUpdatedTimestamp")[0] == key


def test_odd_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="edited can't move freshness"):
        Moves(edited={"freshness"})  # type: ignore[arg-type]


def test_contacts_and_organizations(client: Client) -> None:
    workspace = client.sandbox.workspace
    team = workspace.teams()[0]["key"]
    for kind, one in (("contacts", "contact"), ("organizations", "organization")):
        before = client.get(f"/v2/teams/{team}/{kind}", limit=1000)["results"]
        changed, gone = before[0]["key"], before[2]["key"]
        getattr(workspace, f"update_{one}")(changed, other="Changed")
        getattr(workspace, f"delete_{one}")(gone)
        added = getattr(workspace, f"add_{one}")("Added")["key"]
        getattr(workspace, f"update_{one}")(added, other="Changed too")
        after = client.get(f"/v2/teams/{team}/{kind}", limit=1000)["results"]
        assert [each["key"] for each in after] == [
            *(each["key"] for each in before if each["key"] != gone),
            added,
        ]
        assert (after[0]["other"], after[-1]["other"]) == ("Changed", "Changed too")
        assert after[0]["lastSavedTimestamp"] > before[0]["lastSavedTimestamp"]
        assert client.get(f"/v2/{kind}/{changed}") == after[0]
        assert client.call(f"/v2/{kind}/{gone}").status_code == 404
        with pytest.raises(KeyError):
            getattr(workspace, f"delete_{one}")(gone)
        getattr(workspace, f"delete_{one}")(added)
        assert client.call(f"/v2/{kind}/{added}").status_code == 404


def test_users_and_snippets(client: Client) -> None:
    workspace = client.sandbox.workspace
    user = workspace.users()[1]["key"]
    workspace.update_user(user, displayName="Someone Else")
    assert client.get(f"/v1/users/{user}")["displayName"] == "Someone Else"
    before = len(client.get("/v1/snippets"))
    added = workspace.add_snippet("Bye")["key"]
    workspace.update_snippet(added, snippetName="Ciao")
    assert client.get(f"/v1/snippets/{added}")["snippetName"] == "Ciao"
    workspace.delete_snippet(workspace.snippets()[0]["key"])
    assert len(client.get("/v1/snippets")) == before
    with pytest.raises(KeyError):
        workspace.update_user("nobody")


def test_pipelines_and_fields(client: Client) -> None:
    workspace = client.sandbox.workspace
    key = workspace.pipelines()[0]["key"]
    before = client.get(f"/v1/pipelines/{key}")
    box = next(each for each in workspace.boxes(key) if each["fields"])
    field = next(iter(box["fields"]))
    stage = workspace.add_stage(key, "Later")
    workspace.update_stage(key, before["stageOrder"][0], name="First")
    workspace.update_pipeline(key, name="Renamed")
    new = workspace.add_field(key, "Size", "DROPDOWN", options={"9101": "S"})
    workspace.set_option(key, new, "9101", "Small")
    workspace.set_option(key, new, "9102", "Large")
    workspace.set_option(key, new, "9103", "Gone")
    workspace.set_option(key, new, "9103", None)
    workspace.update_field(key, new, name="Dimension")
    workspace.remove_field(key, field)
    after = client.get(f"/v1/pipelines/{key}")
    assert (after["name"], after["stages"][before["stageOrder"][0]]["name"]) == ("Renamed", "First")
    assert after["stageOrder"] == [*before["stageOrder"], stage]
    assert after["lastUpdatedTimestamp"] > before["lastUpdatedTimestamp"]
    fields = {each["key"]: each for each in client.get(f"/v1/pipelines/{key}/fields")}
    assert (fields[new]["name"], fields[new]["dropdownSettings"]["items"]) == (
        "Dimension",
        [{"key": "9101", "name": "Small"}, {"key": "9102", "name": "Large"}],
    )
    assert field not in fields
    served = client.get(f"/v1/boxes/{box['key']}")
    assert field not in served["fields"]
    assert served["lastSavedTimestamp"] == box["lastSavedTimestamp"]
    last = workspace.add_field(key)
    workspace.remove_field(key, last)
    assert workspace.add_field(key) != last, "keys of fields are never used again"
    for wrong in (
        lambda: workspace.remove_field(key, field),
        lambda: workspace.update_field("x", new),
        lambda: workspace.update_stage(key, "1"),
        lambda: workspace.set_option(key, new, "9103", None),
    ):
        with pytest.raises(KeyError):
            wrong()  # type: ignore[no-untyped-call]


def test_a_new_pipeline(workspace: Workspace) -> None:
    count = len(workspace.pipelines())
    key = workspace.add_pipeline("Fresh", stages=["A", "B"])["key"]
    assert [each["key"] for each in workspace.pipelines()][count:] == [key]
    assert workspace.boxes(key) == []
    assert workspace.pipeline(key)["boxCount"] == 0
    box = workspace.add_box(key)["key"]
    moved_in = workspace.box_keys(workspace.pipelines()[0]["key"])[0]
    workspace.update_box(moved_in, pipelineKey=key)
    assert list(workspace.box_keys(key)) == [box, moved_in]
    assert workspace.pipeline(key)["boxCount"] == 2
    assert_counters_agree(workspace)
    workspace.remove_pipeline(key)
    assert len(workspace.pipelines()) == count


@given(size=st.integers(0, 12), data=st.data())
def test_a_collection_is_like_a_list(size: int, data: st.DataObject) -> None:
    things = [{"key": str(place), "n": 0} for place in range(size)]
    collection, truth = Collection(things), list(things)
    for turn in range(data.draw(st.integers(0, 8))):
        what = data.draw(st.sampled_from(["add", "change", "remove"]))
        if what == "add":
            collection.add({"key": f"new {turn}", "n": 0})
            truth.append({"key": f"new {turn}", "n": 0})
        elif truth:
            place = data.draw(st.integers(0, len(truth) - 1))
            key = str(truth[place]["key"])
            if what == "remove":
                collection.remove(key)
                del truth[place]
            else:
                collection.change(key, {"n": turn})
                truth[place] = {"key": key, "n": turn}
    assert_same(collection, truth)
    for thing in [*things, *truth]:
        base = next((each for each in things if each["key"] == thing["key"]), None)
        expected = next((each for each in truth if each["key"] == thing["key"]), None)
        assert collection.find(str(thing["key"]), base) == expected


def assert_same(collection: Sequence[Any], truth: list[Any]) -> None:
    assert list(collection) == truth
    assert len(collection) == len(truth)
    assert collection[1:3] == truth[1:3]
    assert collection[-2:] == truth[-2:]
    if truth:
        assert collection[-1] == truth[-1]
    with pytest.raises(IndexError):
        collection[len(truth)]
