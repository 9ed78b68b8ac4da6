"""Pipelines and stages whose counters aren't the number of the boxes that landed."""

from __future__ import annotations

from typing import Any

import pytest

from streak_dagster.tables import PIPELINE_BOXES, PIPELINES
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.pipeline_counts import PipelineCounts, compare_pipelines
from streak_dagster_tests.support.spools import execute, publish_rows

READ = 1_700_000_000_000


def pipeline(key: str, box_count: int | None, stages: Any = None, **more: Any) -> dict[str, Any]:
    values = {"key": key, "name": f"Pipeline {key}", "box_count": box_count, "stages": stages}
    return {**values, "_synced_at": READ, **more}


def boxes(pipeline_key: str, number: int, stage: str = "5001", made: int = 1) -> list[dict[str, Any]]:
    same = {"pipeline_key": pipeline_key, "stage_key": stage, "creation_timestamp": made}
    return [{"key": f"{pipeline_key} {stage} {made} {n}", **same} for n in range(number)]


def compare(
    database: Database, pipelines: list[dict[str, Any]], landed: list[dict[str, Any]]
) -> PipelineCounts | None:
    publish_rows(database, PIPELINES, pipelines)
    publish_rows(database, PIPELINE_BOXES, landed)
    return look(database)


def look(database: Database) -> PipelineCounts | None:
    with database.connect(read_only=True) as session:
        return compare_pipelines(session)


def test_pipelines_that_have_other_numbers_are_named(database: Database) -> None:
    pipelines = [pipeline("a", 100), pipeline("b", 2), pipeline("c", 0), pipeline("d", None)]
    found = compare(database, pipelines, [*boxes("a", 39), *boxes("b", 2), *boxes("d", 1)])
    example = {"pipeline": "Pipeline a", "key": "a", "counter": 100, "boxes": 39}
    assert found == PipelineCounts(3, 0, 1, [example])


def test_stages_are_compared_even_where_the_sum_is_right(database: Database) -> None:
    stages = {"5001": {"key": "5001", "boxCount": 1}, "5002": {"key": "5002", "boxCount": "2"}, "o'": {}}
    found = compare(database, [pipeline("a", 3, stages)], [*boxes("a", 2), *boxes("a", 1, "5002")])
    shared = {"pipeline": "Pipeline a", "key": "a"}
    assert found == PipelineCounts(
        1,
        2,
        1,
        [
            {**shared, "stage": "5001", "counter": 1, "boxes": 2},
            {**shared, "stage": "5002", "counter": 2, "boxes": 1},
        ],
    )


@pytest.mark.parametrize(("counter", "differing"), [(1, 1), (2, 0), (3, 0), (4, 0), (5, 1)])
def test_a_box_that_is_newer_than_the_counter_may_be_in_it(
    database: Database, counter: int, differing: int
) -> None:
    found = compare(database, [pipeline("a", counter)], [*boxes("a", 2), *boxes("a", 2, made=READ + 1)])
    assert found is not None
    assert found.differing == differing


def test_a_pipeline_that_isnt_there_is_not_compared(database: Database) -> None:
    assert compare(database, [], boxes("a", 3)) == PipelineCounts(0, 0, 0, [])


@pytest.mark.parametrize("stages", ["[]", '"text"', "null", '{"5001": 3}', '{"5001": {"boxCount": "many"}}'])
def test_stages_of_another_shape_are_not_compared(database: Database, stages: str) -> None:
    compare(database, [pipeline("a", 1)], boxes("a", 1))
    execute(database, f"UPDATE streak.pipelines SET stages = '{stages}'")
    assert look(database) == PipelineCounts(1, 0, 0, [])


def test_without_one_of_the_tables_there_is_nothing_to_compare(database: Database) -> None:
    publish_rows(database, PIPELINES, [pipeline("a", 1)])
    assert look(database) is None
    publish_rows(database, PIPELINE_BOXES, boxes("a", 1))
    execute(database, "ALTER TABLE streak.pipelines DROP COLUMN box_count")
    assert look(database) is None
