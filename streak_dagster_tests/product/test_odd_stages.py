"""Stages in a shape that nobody described make rows where they can, and no error of Python's."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
from dagster import DagsterInstance, Failure

from streak_dagster.failures import named_failures
from streak_dagster.tables import PIPELINE_STAGES
from streak_dagster.warehouse.derive import define_macros, select_derived
from streak_dagster.warehouse.session import Session


@pytest.mark.parametrize(
    ("stages", "order", "expected"),
    [
        ({"5001": {"name": "Lead"}}, ["5001"], [(0, "5001")]),
        ({"5001": {"key": "5001"}, "5002": None}, ["5002", "5001"], [(1, "5001")]),
        ([{"key": "5001"}, {"key": "5002"}], ["5002", "5001"], [(1, "5001"), (0, "5002")]),
        ({"5001": {"name": "Lead"}}, [["5001"], {"a": 1}, None], [(None, "5001")]),
        (None, None, []),
        ("none", 7, []),
    ],
)
def test_odd_stages(stages: Any, order: Any, expected: list[tuple[int | None, str]]) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE pipelines AS SELECT 'p' AS \"key\", now() AS _synced_at, ?::JSON AS stages, "
            "?::JSON AS stage_order",
            [json.dumps(stages), json.dumps(order)],
        )
        define_macros(Session(connection))
        derived = select_derived(PIPELINE_STAGES, "pipelines")
        found = connection.execute(f'SELECT position, "key" FROM ({derived})').fetchall()
    assert found == expected


def test_what_nobody_thought_of_is_a_sentence_and_not_tried_again() -> None:
    with (
        DagsterInstance.ephemeral() as instance,
        pytest.raises(Failure) as failed,
        named_failures("refreshing streak/teams", instance, "a run"),
    ):
        raise KeyError("nothing")
    assert "while refreshing streak/teams: KeyError: 'nothing'" in str(failed.value.description)
    assert not failed.value.allow_retries
    assert isinstance(failed.value.__cause__, KeyError)
