"""Lists and records that no source describes: asked for again, kept in ``_extra``, or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster.tables import ALL_TABLES
from streak_dagster_tests.support.faults import repeated
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.told import contents, failed_cleanly, sentences
from streak_dagster_tests.support.truth import differences, stored

pytestmark = pytest.mark.slow

SMALL_PAGES: dict[str, Any] = {"STREAK_PAGE_SIZE": "6"}
WITHOUT_KEY = ["null_record", "no_key", "wrong_key_type"]


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("kind", WITHOUT_KEY)
def test_an_answer_with_a_record_without_key_is_asked_for_again(
    kind: str, load: Load, hurried: Callable[..., None], sandbox: Sandbox, tmp_path: Path
) -> None:
    hurried()
    sandbox.faults.add(kind=kind, probability=0.05, seed=3)
    fault = sandbox.faults.add("/boxes$", kind=kind, skip=1, times=1)
    result = load(sandbox, tmp_path / "copy.duckdb", **SMALL_PAGES)
    assert result.success, sentences(result)
    assert fault.struck
    assert differences(tmp_path / "copy.duckdb", sandbox.workspace, Variants()) == []
    assert repeated(sandbox) == []


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize(
    ("table", "path", "kind"),
    [
        ("pipelines", "v1/pipelines$", "no_key"),
        ("pipeline_fields", "/fields$", "wrong_key_type"),
        ("pipeline_boxes", "/boxes", "no_key"),
        ("pipeline_boxes", "/boxes", "wrong_key_type"),
        ("box_tasks", "/tasks$", "null_record"),
        ("box_threads", "/threads$", "no_key"),
        ("teams", "teams$", "wrong_key_type"),
    ],
)
def test_records_that_stay_without_key_are_no_rows(
    table: str,
    path: str,
    kind: str,
    load: Load,
    hurried: Callable[..., None],
    sandbox: Sandbox,
    database: Path,
) -> None:
    hurried(attempts=2)
    before = contents(database)
    sandbox.faults.add(path, kind=kind, times=None)
    told = failed_cleanly(load(sandbox, database, select=[table]), database, before)
    assert "listed null" in told[table] if kind == "null_record" else "without key" in told[table]


def test_words_in_place_of_times_and_lists_are_kept_beside_the_columns(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.faults.add(kind="wrong_types", times=None)
    result = load(sandbox, tmp_path / "copy.duckdb")
    assert result.success, sentences(result)
    for table in ALL_TABLES:
        if table.endpoint is None:
            continue  # taken out of the pipelines
        odd = [row for row in stored(tmp_path / "copy.duckdb", table.name) if "soon" in str(row)]
        times = {column.api_name for column in table.columns if column.api_name.endswith("Timestamp")}
        assert odd or not times, f"{table.name} has no odd row"
        for row in odd:
            extra = row["_extra"] or {}
            assert all(extra[name] == "soon" for name in times & extra.keys())
            assert all(row[column.name] is None for column in table.columns if column.api_name in extra)
    sandbox.faults.clear()
    assert load(sandbox, tmp_path / "copy.duckdb").success
    assert differences(tmp_path / "copy.duckdb", sandbox.workspace, Variants()) == []


@pytest.mark.usefixtures("core_alone")
@pytest.mark.parametrize("envelope", ["array", "wrapped"])
def test_a_list_that_always_has_more_ends(
    envelope: Any, load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.variants = replace(Variants(), v1_boxes_envelope=envelope)
    sandbox.faults.add(kind="endless", times=None)
    result = load(sandbox, tmp_path / "copy.duckdb", **SMALL_PAGES)
    assert result.success, sentences(result)
    assert differences(tmp_path / "copy.duckdb", sandbox.workspace, sandbox.variants) == []
    assert len(sandbox.journal) < 60 * 4 * 3 + 60, "no list was asked for more than three pages too many"


@pytest.mark.usefixtures("core_alone")
def test_an_empty_answer_in_between_loses_no_box(
    load: Load, hurried: Callable[..., None], sandbox: Sandbox, database: Path
) -> None:
    before = {row["key"] for row in stored(database, "pipeline_boxes")}
    fault = sandbox.faults.add("/boxes$", kind="nothing", skip=1, times=1)
    result = load(sandbox, database, select=["pipelines", "pipeline_boxes"], **SMALL_PAGES)
    assert fault.struck
    assert result.success, sentences(result)
    assert {row["key"] for row in stored(database, "pipeline_boxes")} == before


@pytest.mark.usefixtures("core_alone")
def test_a_record_sent_twice_on_a_first_page_doesnt_end_the_list(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A page longer than asked for would mean that the server ignores paging."""
    sandbox.faults.add("/boxes$", kind="repeated_record", times=None)
    assert load(sandbox, tmp_path / "copy.duckdb", **SMALL_PAGES).success
    assert differences(tmp_path / "copy.duckdb", sandbox.workspace, Variants()) == []
