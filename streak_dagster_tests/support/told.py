"""What a load said and left: sentences of ours, and tables that are as they were."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
from dagster import ExecuteInProcessResult

from streak_dagster_tests.support.fewer import copied
from streak_dagster_tests.support.loading import failed
from streak_dagster_tests.support.truth import rows_of

Rows = dict[str, list[dict[str, Any]]]
_OF_PYTHON = re.compile(r'Traceback|File "|\bline \d+, in|<\w+ object|0x[0-9a-f]{6}')


def contents(database: Path) -> Rows:
    """Every row of every table that is copied, with the time of its answer."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {table.name: sorted(rows_of(connection, table.name), key=str) for table in copied()}


def published(result: ExecuteInProcessResult) -> set[str]:
    """The tables; views are no part of what is published, but follow it."""
    keys = [event.materialization.asset_key.path for event in result.get_asset_materialization_events()]
    return {name for schema, name in keys if schema == "streak"}


def sentences(result: ExecuteInProcessResult) -> dict[str, str]:
    """Why each asset failed, which must be said in words of ours."""
    found = {}
    for name, data in failed(result).items():
        told = data.user_failure_data
        assert told is not None, f"no error of ours: {data.error}"
        assert told.description
        assert re.match(r"[A-Z0-9]|[a-z]+_[a-z]+", told.description), told.description
        assert told.description.endswith((".", '"', "'")), told.description
        assert not _OF_PYTHON.search(told.description), told.description
        found[name] = told.description
    return found


def failed_cleanly(result: ExecuteInProcessResult, database: Path, before: Rows) -> dict[str, str]:
    """The sentences; every table that wasn't published must hold the very rows that it held."""
    assert not result.success
    told = sentences(result)
    assert told
    after = contents(database)
    assert [name for name in before if name not in published(result) and after[name] != before[name]] == []
    return told
