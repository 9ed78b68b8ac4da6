"""The newsfeed accumulates: what is no longer listed stays, and it is said since when it is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dagster import ExecuteInProcessResult

from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import stored

Refresh = Callable[..., ExecuteInProcessResult]
ENTRIES = 50


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Pipelines of whom some have fewer entries than a feed shows."""
    with sandbox_of(generated_workspace(12, seed=9)) as running:
        yield running


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "copy.duckdb"


@pytest.fixture
def refresh(load: Load, sandbox: Sandbox, database: Path) -> Refresh:
    def refresh(**settings: Any) -> ExecuteInProcessResult:
        result = replace(load, checked=True)(
            sandbox, database, select=["teams", "pipelines", "newsfeed"], **settings
        )
        assert result.success, failures(result)
        return result

    return refresh


def whole(result: ExecuteInProcessResult) -> tuple[bool, dict[str, Any]]:
    (found,) = (
        each for each in result.get_asset_check_evaluations() if each.check_name == "newsfeed_is_whole"
    )
    return found.passed, {label: entry.value for label, entry in found.metadata.items()}


def coverage(database: Path, pipeline: str) -> dict[str, Any]:
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "SELECT is_from_the_beginning, gaps, epoch_ms(whole_since), epoch_ms(last_gap_from), "
            "epoch_ms(last_gap_to) FROM copy.streak_meta.newsfeed_coverage WHERE pipeline_key = ?",
            [pipeline],
        ).fetchall()
    names = ("from the beginning", "gaps", "since", "gap from", "gap to")
    return dict(zip(names, found[0], strict=True)) if found else {}


def entries(database: Path, pipeline: str) -> set[str]:
    return {row["key"] for row in stored(database, "newsfeed") if row["pipeline_key"] == pipeline}


def times(database: Path, pipeline: str) -> list[int]:
    return sorted(row["timestamp"] for row in stored(database, "newsfeed") if row["pipeline_key"] == pipeline)


def happen(sandbox: Sandbox, pipeline: str, number: int) -> None:
    box = sandbox.workspace.box_keys(pipeline)[0]
    for each in range(number):
        sandbox.workspace.advance(1000)
        sandbox.workspace.add_task(box, f"Task {each}")


def quiet_pipeline(sandbox: Sandbox) -> str:
    """One with boxes in it, whose feed is all there is."""
    for each in sandbox.workspace.pipelines():
        if sandbox.workspace.box_keys(each["key"]):
            return str(each["key"])
    raise AssertionError


def test_what_is_no_longer_listed_stays_and_a_gap_is_told_once(
    refresh: Refresh, sandbox: Sandbox, database: Path
) -> None:
    pipeline = quiet_pipeline(sandbox)
    passed, _ = whole(refresh())
    assert passed
    happen(sandbox, pipeline, ENTRIES - 1)
    assert whole(refresh())[0], "what is stored and what is listed meet"
    before, known = entries(database, pipeline), coverage(database, pipeline)
    assert known["gaps"] == 0
    newest = times(database, pipeline)[-1]

    happen(sandbox, pipeline, ENTRIES + 5)
    passed, told = whole(refresh())
    assert not passed
    name = sandbox.workspace.pipeline(pipeline)["name"]
    assert told["pipelines with a new gap"] == 1
    assert str(told["where rows are missing"]).startswith(f"{name} ({pipeline}): ")
    assert "STREAK_REFRESH_INTERVAL=30m" in str(told["to miss none"])
    assert before < entries(database, pipeline)
    found = coverage(database, pipeline)
    oldest_listed = times(database, pipeline)[-ENTRIES]
    assert found == {
        "from the beginning": False,
        "gaps": 1,
        "since": oldest_listed,
        "gap from": newest,
        "gap to": oldest_listed,
    }
    happen(sandbox, pipeline, 3)
    assert whole(refresh())[0]
    assert coverage(database, pipeline) == found


def test_the_past_of_a_deleted_box_stays_and_so_does_that_of_a_pipeline_that_is_gone(
    refresh: Refresh, sandbox: Sandbox, database: Path
) -> None:
    pipeline = quiet_pipeline(sandbox)
    refresh()
    before = entries(database, pipeline)
    for box in sandbox.workspace.box_keys(pipeline):
        sandbox.workspace.delete_box(box)
    refresh()
    assert entries(database, pipeline) == before != set()
    sandbox.workspace.hide_pipeline(pipeline)
    refresh(STREAK_MAX_SHRINK="1")
    assert entries(database, pipeline) == before
    assert coverage(database, pipeline)["from the beginning"] is True


def test_a_pipeline_that_is_left_out_goes_with_its_entries(
    refresh: Refresh, sandbox: Sandbox, database: Path
) -> None:
    pipeline = quiet_pipeline(sandbox)
    refresh()
    others = [each["key"] for each in sandbox.workspace.pipelines() if each["key"] != pipeline]
    kept = {key: entries(database, key) for key in others}
    refresh(STREAK_PIPELINES=",".join(others))
    assert entries(database, pipeline) == set()
    assert coverage(database, pipeline) == {}
    assert {key: entries(database, key) for key in others} == kept


def test_of_a_pipeline_that_is_refused_nothing_goes(
    refresh: Refresh, sandbox: Sandbox, database: Path
) -> None:
    refresh()
    before = {row["key"] for row in stored(database, "newsfeed")}
    sandbox.faults.add("/newsfeed$", status=404, times=None)
    known = coverage(database, quiet_pipeline(sandbox))
    refresh()
    assert {row["key"] for row in stored(database, "newsfeed")} == before != set()
    assert coverage(database, quiet_pipeline(sandbox)) == known
