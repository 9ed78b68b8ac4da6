"""The data itself: agreeing counters, determinism, size."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.sandbox import Means, Workspace, generated_workspace, sample_workspace
from streak_dagster.sandbox.objects.keys import make_key, read_key
from streak_dagster_tests.support.agreement import all_boxes, assert_counters_agree, assert_references_hold
from streak_dagster_tests.support.sandbox_client import Start

BUSY = Means(comments=2, tasks=2, meetings=2, threads=2, files=2, quiet=0.1)
MAKERS: list[Callable[[], Workspace]] = [
    sample_workspace,
    lambda: generated_workspace(150, seed=5),
    lambda: generated_workspace(60, seed=6, means=BUSY),
    lambda: generated_workspace(3, seed=7, pipelines=5),
]


@pytest.mark.parametrize("make", MAKERS)
def test_counters_and_references(make: Callable[[], Workspace]) -> None:
    workspace = make()
    assert_counters_agree(workspace)
    assert_references_hold(workspace)


@pytest.mark.parametrize("make", MAKERS)
def test_keys_are_unique_and_lead_back(make: Callable[[], Workspace]) -> None:
    workspace = make()
    for kind in ("comments", "tasks", "meetings", "files"):
        keys = [
            child["key"] for box in all_boxes(workspace) for child in getattr(workspace, kind)(box["key"])
        ]
        assert len(keys) == len(set(keys))
        assert all(workspace.child(kind, key)["key"] == key for key in keys)
    for box in all_boxes(workspace):
        for thread in workspace.threads(box["key"]):
            assert box["key"] in thread["boxKeys"]
            for other in thread["boxKeys"]:
                assert thread["key"] in {each["key"] for each in workspace.threads(other)}


def test_the_sample_is_small_and_rich() -> None:
    workspace = sample_workspace()
    boxes = all_boxes(workspace)
    assert 30 <= len(boxes) <= 45
    assert workspace.pipelines()[-1]["boxCount"] == 0
    assert any(not box["name"] for box in boxes)
    assert any("<b>" in box["notes"] for box in boxes)
    assert sum(bool(box["linkedBoxKeys"]) for box in boxes) >= 3
    assert {user["userType"] for user in workspace.users()} == {"HUMAN", "AGENT"}
    assert len(workspace.users()) == 5


@given(boxes=st.integers(0, 40), seed=st.integers(0, 2**40), pipelines=st.integers(1, 8))
@settings(max_examples=25, deadline=None)
def test_any_generated_workspace_is_whole(boxes: int, seed: int, pipelines: int) -> None:
    workspace = generated_workspace(boxes, seed, pipelines=pipelines)
    assert len(all_boxes(workspace)) == boxes
    assert_counters_agree(workspace)
    assert_references_hold(workspace)


DUMP = """
import hashlib, json
from streak_dagster.sandbox import generated_workspace
w = generated_workspace(200, seed=11)
data = [w.users(), w.teams(), w.pipelines(), w.snippets(), list(w.contacts(w.teams()[0]["key"]))]
for pipeline in reversed(w.pipelines()):
    for box in reversed(w.boxes(pipeline["key"])):
        children = w.children(box["key"])
        data.append([box, children.comments, children.tasks, children.meetings, children.threads])
        data.append(children.files)
text = "".join(sorted(json.dumps(each, sort_keys=True) for each in data))
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    hashes = {
        subprocess.run(
            [sys.executable, "-c", DUMP],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1
    one, other = generated_workspace(20, seed=1), generated_workspace(20, seed=2)
    assert one.teams()[0]["key"] != other.teams()[0]["key"]
    with pytest.raises(KeyError):
        one.box(all_boxes(other)[0]["key"])


def test_the_order_of_asking_doesnt_matter() -> None:
    forward, backward = (
        generated_workspace(300, seed=4, means=BUSY),
        generated_workspace(300, seed=4, means=BUSY),
    )
    keys = [key for each in forward.pipelines() for key in forward.box_keys(each["key"])]
    there = {key: (forward.box(key), forward.children(key)) for key in keys}
    back = {key: (backward.box(key), backward.children(key)) for key in reversed(keys)}
    assert there == back


def test_means_are_kept() -> None:
    workspace = generated_workspace(4000, seed=9)
    total: Counter[str] = Counter()
    quiet = 0
    for box in all_boxes(workspace):
        children = workspace.children(box["key"])
        quiet += not children
        for kind in ("comments", "tasks", "meetings", "threads", "files"):
            total[kind] += len(getattr(children, kind))
    for kind in total:
        assert total[kind] / 4000 == pytest.approx(getattr(Means(), kind), rel=0.2), kind
    assert quiet / 4000 > 0.55


def test_a_hundred_thousand_boxes_start_at_once(start: Start) -> None:
    begin = time.process_time()
    client = start(generated_workspace(100_000))
    assert time.process_time() - begin < 2
    pipeline = client.sandbox.workspace.pipelines()[0]
    page = client.get(f"/v1/pipelines/{pipeline['key']}/boxes", limit=100, page=200)
    assert len(page) == 100
    assert sum(each["boxCount"] for each in client.get("/v1/pipelines")) == 100_000
    assert client.call("/v1/boxes").status_code == 503


@pytest.mark.parametrize("wrong", [{"boxes": -1}, {"boxes": 10**9}, {"boxes": 1, "pipelines": 0}])
def test_impossible_sizes(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"number of boxes|one pipeline"):
        generated_workspace(**wrong)


@pytest.mark.parametrize("wrong", [{"quiet": 1.0}, {"comments": -1}, {"files": float("nan")}])
def test_impossible_means(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|below 1"):
        Means(**wrong)


@given(st.lists(st.text(st.characters(blacklist_characters="/", blacklist_categories=["Cs"])), min_size=1))
def test_keys_read_back(parts: list[str]) -> None:
    assert read_key(make_key(*parts)) == parts


@pytest.mark.parametrize(
    "foreign", ["", "box", "agxzfnNhbmRib3hy%%", "agxzfnNhbmRib3hyA", "agxzfnNhbmRib3hyÿ"]
)
def test_foreign_keys_arent_read(foreign: str) -> None:
    assert read_key(foreign) is None


@pytest.mark.parametrize(
    "workspace", [sample_workspace(), generated_workspace(120, seed=21)], ids=["sample", "made"]
)
def test_there_is_something_of_all_that_boxes_and_teams_hold(workspace: Workspace) -> None:
    boxes = [box for each in workspace.pipelines() for box in workspace.boxes(each["key"])]
    assert max(len(box["stageHistoryEntries"]) for box in boxes) > 3
    for name in ("contacts", "organizations", "fileCount"):
        assert 0 < len([box for box in boxes if box[name]]) < len(boxes)
    for team in workspace.teams():
        assert len(team["members"]) > 3
        assert team["contactSettings"]["fields"]
        assert team["organizationSettings"]["fields"]
