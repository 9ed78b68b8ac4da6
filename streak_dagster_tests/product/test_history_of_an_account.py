"""Refreshes of an account that changes: each can be read as it ended, and every version has its moment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Sandbox
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import comparable
from streak_dagster_tests.support.accounts import CHILDREN, account, all_boxes
from streak_dagster_tests.support.fewer import copied
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.versions import as_of, broken_rules

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

CHANGED: dict[str, Any] = {"STREAK_REFRESH": "changed"}
COMPLETE: dict[str, Any] = {"STREAK_REFRESH": "complete"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(account(boxes=14)) as running:
        yield running


class Ends:
    """What every table held at the end of each refresh, and the moment."""

    def __init__(self, load: Load, sandbox: Sandbox, path: Path) -> None:
        self._load, self._sandbox, self._path = load, sandbox, path
        self._seen: list[tuple[str, dict[str, list[Any]]]] = []

    def refresh(self, *, succeeds: bool = True, **settings: Any) -> None:
        result = self._load(self._sandbox, self._path, **settings)
        assert result.success == succeeds, failures(result)
        with Database(str(self._path)).connect(read_only=True) as session:
            (moment,) = session.one_row(
                "SELECT epoch_us(greatest(get_current_timestamp(), max(until))) "
                "FROM streak_meta.published_until"
            )
            held = {}
            for table in copied():
                assert broken_rules(session, table) == [], table.name
                rows = f"SELECT {_told(table)} FROM streak.{table.name} ORDER BY ALL"
                held[table.name] = session.execute(rows).fetchall()
        self._seen.append((f"make_timestamptz({moment})", held))
        time.sleep(0.002)

    def assert_told(self) -> None:
        """History has each of them as it was then."""
        with Database(str(self._path)).connect(read_only=True) as session:
            for number, (moment, held) in enumerate(self._seen):
                for table in copied():
                    then = as_of(session, table, moment, _told(table))
                    assert then == held[table.name], f"{table.name} after refresh {number}"


def _told(table: Any) -> str:
    compared = [comparable(each) for each in table.columns if not each.volatile]
    return ", ".join([*compared, "_extra"])


def test_each_refresh_can_be_read_as_it_ended(load: Load, sandbox: Sandbox, tmp_path: Path) -> None:
    path, workspace = tmp_path / "copy.duckdb", sandbox.workspace
    ends = Ends(load, sandbox, path)
    ends.refresh(**COMPLETE)
    gone, edited, moved, *others = all_boxes(workspace)

    workspace.delete_box(gone)
    confirmed: list[float] = []
    sandbox.faults.when(f"batch|{gone}$", lambda _: confirmed.append(time.time()))
    workspace.update_box(edited, notes="Called again")
    workspace.add_comment(edited, "Called again")
    for kind in CHILDREN:
        for child in getattr(workspace, kind)(others[0])[:1]:
            workspace.remove_child(kind, child["key"])
    ends.refresh(**CHANGED)
    published = time.time()

    pipelines = {each["key"]: each for each in workspace.pipelines()}
    home = workspace.box(moved)["pipelineKey"]
    other = next(key for key in pipelines if key != home)
    workspace.update_box(moved, pipelineKey=other, stageKey=workspace.stages(other)[0]["key"])
    workspace.add_box(other, "New here")
    ends.refresh(**COMPLETE)

    largest = max(pipelines, key=lambda key: len(workspace.boxes(key)))
    fewer = ",".join(key for key in pipelines if key != largest)
    hidden = [box["key"] for box in workspace.boxes(largest)]
    workspace.update_box(hidden[0], notes="While nobody looked")
    ends.refresh(succeeds=False, STREAK_PIPELINES=fewer, STREAK_MAX_SHRINK="0.1", **CHANGED)
    ends.refresh(STREAK_PIPELINES=fewer, STREAK_MAX_SHRINK="1", **CHANGED)
    ends.refresh(STREAK_PIPELINES="", **CHANGED)
    ends.refresh(**COMPLETE)
    ends.assert_told()

    with Database(str(path)).connect(read_only=True) as session:

        def story(key: str) -> list[str]:
            query = "SELECT _change FROM streak_history.pipeline_boxes WHERE key = ? ORDER BY _valid_from"
            return [change for (change,) in session.execute(query, [key]).fetchall()]

        assert story(gone) == ["insert", "delete"]
        assert story(edited)[:2] == ["insert", "update"]
        assert story(hidden[0])[-2:] == ["delete", "insert"]
        assert "update" in story(moved)
        (at,) = session.one_row(
            "SELECT epoch(_valid_from) FROM streak_history.pipeline_boxes "
            "WHERE key = ? AND _change = 'delete'",
            [gone],
        )
        assert confirmed, "nobody asked for the box that isn't listed"
        assert confirmed[0] - 0.001 <= at <= published
        (published_at,) = session.one_row(
            "SELECT epoch(max(published_at)) FROM streak_meta.refreshes "
            "WHERE table_name = 'pipeline_boxes' AND epoch(published_at) <= ?",
            [published],
        )
        assert at < published_at
