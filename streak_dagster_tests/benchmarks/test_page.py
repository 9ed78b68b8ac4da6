"""The page of the benchmarks says what was measured, and what we lose at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.side_by_side.cases import ALL, LONG, Case, named
from benchmarks.side_by_side.figures import by_case
from benchmarks.side_by_side.losses import losses
from benchmarks.side_by_side.plots import draw
from benchmarks.side_by_side.report import render
from benchmarks.side_by_side.results import Results
from streak_dagster_tests.support.markdown import assert_rows_are_as_wide_as_their_heading
from streak_dagster_tests.support.processes import REPOSITORY

RESULTS = REPOSITORY / "docs" / "benchmarks.json"
STAMP = {"at": "2026-01-02T03:04:05+00:00", "commit": "abc1234"}


def copied(contestant: str, seconds: float, **further: Any) -> dict[str, Any]:
    """A record of 100 calls under the budget in a round."""
    usual = {
        "boxes": 20, "latency_ms": 300, "rate": 10, "contestant": contestant, "round": 0, "step": "complete",
        "seconds": seconds, "cpu_seconds": 1.0, "memory_mb": 100, "calls": 101, "repeated": 0, "refused": 0,
        "worst_second": 10, "span_seconds": 10.0, "differences": [], **STAMP,
    }  # fmt: skip
    return {**usual, **further}


def published(way: str, seconds: float) -> dict[str, Any]:
    return {
        "rows": 10_000, "way": way, "round": 0, "seconds": seconds, "cpu_seconds": seconds, "memory_mb": 100,
        **STAMP,
    }  # fmt: skip


@pytest.fixture
def small() -> dict[str, Any]:
    """Three rounds of ours, one of dlt, one of plain Dagster that isn't true; publishing."""
    return {
        "about": {
            "cores": 2, "processor": "A processor", "memory_gb": 24, "system": "Linux", "python": "3.11.1",
            "packages": {"dlt": "1.31.0"},
        },
        "copying": [
            copied("ours", 14.0), copied("ours", 20.0, round=1), copied("ours", 13.0, round=2),
            copied("ours", 3.0, step="changed, idle", calls=5, span_seconds=1.0),
            copied("dlt", 12.0, refused=7, worst_second=19),
            copied("plain", 30.0, span_seconds=28.0, memory_mb=90, differences=["box_files: 1 rows for 2"]),
            copied("plain", 5.0, rate=0, latency_ms=0, cpu_seconds=4.04),
        ],
        "publishing": [published("ctas", 0.1), published("first", 0.4)],
    }  # fmt: skip


def test_a_row_has_the_medians_and_what_follows_from_them(small: dict[str, Any]) -> None:
    page = render(small)
    assert (
        "| streak-dagster, complete | 3 | 14.0 (13.0 to 20.0) | 3.9 | 100.0 % | 72.1 % | 101 | 0 | 0 | 10 "
        "| 1.0 | 9.9 | 100 | yes |"
    ) in page
    assert "| dlt, paced, complete | 1 | 12.0 | 1.9 | 100.0 % | 84.2 % | 101 | 0 | 7 | 19 |" in page
    assert "plain Dagster, complete: not true: box_files: 1 rows for 2." in page
    assert "| 10,000 | DuckDB, `CREATE TABLE AS` of `read_json` | 0.10 |" in page
    assert "at commit abc1234, on 2 cores (A processor), 24 GB" in page
    assert_rows_are_as_wide_as_their_heading(page)


def test_a_case_without_a_budget_has_no_floor(small: dict[str, Any]) -> None:
    lifted = render(small).split("### 20 boxes, budget lifted, no latency\n")[1]
    assert "| | rounds | seconds | calls a second | calls |".replace("| |", "|  |") in lifted
    assert "| plain Dagster, complete | 1 | 5.0 | 10 | 101 | 0 | 0 | 10 | 4.0 | 40.0 | 100 | yes |" in lifted


def test_every_figure_at_which_another_is_better_is_told(small: dict[str, Any]) -> None:
    case = "20 boxes, 10 calls a second, 300 ms latency"
    assert losses(small) == [
        f"{case}: seconds: dlt, paced 12.0 s; we 14.0 s",
        f"{case}: of the ceiling, whole process: dlt, paced 84.2 %; we 72.1 %",
        f"{case}: memory: plain Dagster 90 MB; we 100 MB",
        "publishing 10,000 rows for the first time: seconds: DuckDB alone 0.10 s; we 0.40 s",
        "publishing 10,000 rows for the first time: processor: DuckDB alone 0.10 s; we 0.40 s",
    ]
    assert all(f"- {each}" in render(small) for each in losses(small))


def test_what_the_page_shows_is_drawn(small: dict[str, Any], tmp_path: Path) -> None:
    drawn = draw(small, tmp_path / "images")
    assert all(f"](images/{path.name})" in render(small) for path in drawn)
    assert len(drawn) == render(small).count("](images/") == 3
    assert all(path.stat().st_size < 40_000 for path in drawn)


def test_what_was_measured_stays_when_a_run_is_aborted(tmp_path: Path) -> None:
    results = Results(tmp_path / "docs" / "benchmarks.json")
    results.add("copying", [copied("ours", 1.0), copied("dlt", 2.0)])
    again = Results(results.path)
    assert again.has("copying", contestant="dlt", round=0)
    assert not again.has("copying", contestant="dlt", round=1)
    again.drop("copying", contestant="dlt")
    again.add("copying", [copied("dlt", 3.0)])
    assert [each["seconds"] for each in Results(results.path).data["copying"]] == [1.0, 3.0]
    assert Results(results.path).data["about"]["cores"]


def test_a_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in (*ALL, *LONG)]
    assert len(set(names)) == len(names)
    assert named("100-300ms, 1000-lifted") == [ALL[0], ALL[1]]
    with pytest.raises(KeyError, match="100-300ms"):
        named("nothing")


def test_contestants_take_turns_at_being_first() -> None:
    case = Case(20, 300, 10, 3, ("ours", "dlt", "plain"), once=("plain",))
    assert case.taking_part(0, ("ours", "dlt", "plain")) == ["ours", "dlt", "plain"]
    assert case.taking_part(1, ("ours", "dlt", "plain")) == ["dlt", "ours"]
    assert case.taking_part(1, ("ours",)) == ["ours"]
    assert case.taking_part(0, ()) == []


def test_the_page_is_what_the_stored_results_give() -> None:
    data = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert by_case(data["copying"])
    page = RESULTS.with_suffix(".md").read_text(encoding="utf-8")
    assert page == render(data), "run .venv-bench/bin/python -m benchmarks.side_by_side --render"
