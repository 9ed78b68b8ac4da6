"""A tiny case is really measured: real processes, a real server, and the truth."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import requests

from benchmarks.side_by_side.cases import Case
from benchmarks.side_by_side.contestants import ours
from benchmarks.side_by_side.copying import measure
from benchmarks.side_by_side.measure import judged
from benchmarks.side_by_side.report import render
from benchmarks.side_by_side.results import Results
from benchmarks.side_by_side.server import KEY, Server, serving
from benchmarks.side_by_side.truth import Truth

TINY = Case(boxes=12, latency_ms=0, rate=0, rounds=1)
NEEDS = {"ours": "streak_dagster", "plain": "dagster_duckdb_pandas"}


@pytest.mark.slow
@pytest.mark.parametrize("contestant", NEEDS)
def test_a_tiny_case_measures_the_truth(contestant: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(NEEDS[contestant]) is None:
        pytest.skip("only .venv-bench has it")
    results = Results(tmp_path / "benchmarks.json")
    assert measure(results, TINY, [contestant])
    (complete,) = results.data["copying"]
    assert (complete["step"], complete["differences"]) == ("complete", [])
    assert complete["calls"] > 5 * TINY.boxes  # five lists of each box, and those of the account
    assert complete["refused"] == complete["repeated"] == 0
    assert complete["seconds"] > complete["span_seconds"] > 0
    assert complete["cpu_seconds"] > 0.1
    assert complete["memory_mb"] > 20
    assert "12 boxes, budget lifted" in render(results.data)


def test_a_changed_refresh_is_measured_where_the_case_says_so(tmp_path: Path) -> None:
    steps = ours.steps(TINY, Server("http://127.0.0.1:1/api"), tmp_path)
    assert [each.name for each in steps if each.edits] == ["changed after 1 %"]
    assert [each.name for each in steps if not each.changed] == ["complete"]
    assert len({each.database for each in steps}) == 2  # a first changed copy begins with nothing


def test_what_is_edited_in_the_server_is_edited_in_the_truth() -> None:
    truth = Truth(250)
    before = truth.rows()
    with serving(replace(TINY, boxes=250)) as server:
        assert truth.edit(server) == 3
        base, session = server.url, requests.Session()
        session.auth = (KEY, "")
        served = []
        for pipeline in session.get(f"{base}/v1/pipelines").json():
            served += session.get(f"{base}/v1/pipelines/{pipeline['key']}/boxes").json()
        renamed = [box for box in served if box["name"] == "Renamed"]
        comments = [
            (comment["key"], comment["message"])
            for box in renamed
            for comment in session.get(f"{base}/v2/boxes/{box['key']}/comments").json()["results"]
        ]
    after = truth.rows()
    assert sorted((box["key"], box["name"]) for box in served) == after["pipeline_boxes"]
    assert after["pipeline_boxes"] != before["pipeline_boxes"]
    added = set(after["box_comments"]) - set(before["box_comments"])
    assert added == {each for each in comments if each[1] == "Added"}
    assert len(added) == 3


def test_a_copy_that_lacks_a_row_or_a_table_is_not_true(tmp_path: Path) -> None:
    truth, database = Truth(3), tmp_path / "copy.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE SCHEMA streak")
        connection.execute("CREATE TABLE streak.pipelines (key VARCHAR, name VARCHAR)")
        connection.executemany("INSERT INTO streak.pipelines VALUES (?, ?)", truth.rows()["pipelines"][1:])
        connection.execute("CREATE TABLE streak.teams AS SELECT ? AS key", truth.rows()["teams"][0])
    told = truth.differences(database, "streak")
    wanted = len(truth.rows()["pipelines"])
    assert f"pipelines: {wanted - 1} rows for {wanted}, 1 differ" in told
    assert "snippets doesn't exist; it has 3 rows" in told
    assert not any(each.startswith("teams") for each in told)


def test_calls_are_judged_by_when_they_arrived() -> None:
    def call(at: float, path: str, status: int = 200) -> dict[str, object]:
        return {"at": at, "method": "GET", "path": path, "query": "", "status": status}

    arrivals = [call(5.0, "/a"), call(5.5, "/b", 429), call(5.9, "/b"), call(6.0, "/a"), call(7.0, "/c")]
    assert judged(arrivals) == {
        "calls": 4, "repeated": 1, "refused": 1, "worst_second": 3, "span_seconds": 2.0,
    }  # fmt: skip
    assert judged([])["worst_second"] == 0
