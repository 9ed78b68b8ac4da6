"""A list of the whole account that is refused: the plan, the key and the address are told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.truth import stored

NOT_INCLUDED = b'{"error": "Your plan does not include this"}'
CHECK_THE_ADDRESS = "Check STREAK_API_URL"


def refuse(sandbox: Sandbox, path: str, status: int) -> None:
    sandbox.faults.add(path, status=status, body=NOT_INCLUDED, times=None)


@pytest.mark.parametrize("select", [None, ["snippets"]], ids=["everything", "it alone"])
@pytest.mark.parametrize("status", [402, 403, 404, 410, 422])
def test_what_the_plan_does_not_include_is_said_with_the_way_to_go_without(
    load: Load, sandbox: Sandbox, tmp_path: Path, status: int, select: list[str] | None
) -> None:
    refuse(sandbox, "snippets$", status)
    told = failures(load(sandbox, tmp_path / "copy.duckdb", select=select))
    assert list(told) == ["snippets"]
    assert 'Streak said "Your plan does not include this".' in told["snippets"]
    assert f"HTTP {status}" in told["snippets"]
    assert "doesn't have snippets. To go without, set STREAK_EXCLUDE=snippets." in told["snippets"]
    assert CHECK_THE_ADDRESS not in told["snippets"]
    excluded: dict[str, Any] = {"STREAK_EXCLUDE": "snippets"}
    assert load(sandbox, tmp_path / "copy.duckdb", **excluded).success
    assert stored(tmp_path / "copy.duckdb", "box_comments")


def test_values_are_decoded_where_a_list_that_only_gives_names_is_refused(
    load: Load, sandbox: Sandbox, tmp_path: Path
) -> None:
    refuse(sandbox, "contacts$", 403)
    select = ["teams", "contacts", "pipelines", "pipeline_fields", "pipeline_boxes", "box_field_values"]
    assert list(failures(load(sandbox, tmp_path / "copy.duckdb", select=select))) == ["contacts"]
    assert stored(tmp_path / "copy.duckdb", "box_field_values")


def test_the_list_of_pipelines_cannot_be_gone_without(load: Load, sandbox: Sandbox, tmp_path: Path) -> None:
    refuse(sandbox, "v1/pipelines$", 403)
    told = failures(load(sandbox, tmp_path / "copy.duckdb"))["pipelines"]
    assert "doesn't have pipelines." in told
    assert "STREAK_EXCLUDE" not in told


@pytest.mark.parametrize("select", [None, ["snippets"]], ids=["everything", "one"])
@pytest.mark.parametrize("status", [404, 422])
def test_where_nothing_was_answered_the_address_is_to_be_checked(
    load: Load, sandbox: Sandbox, tmp_path: Path, status: int, select: list[str] | None
) -> None:
    refuse(sandbox, "", status)
    told = failures(load(sandbox, tmp_path / "copy.duckdb", select=select))
    assert told
    assert all(CHECK_THE_ADDRESS in each and "STREAK_EXCLUDE" not in each for each in told.values()), told


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_called_a_refused_key(
    load: Load, sandbox: Sandbox, tmp_path: Path, status: int
) -> None:
    sandbox.faults.add("", status=status, body=b"", times=None)
    told = failures(load(sandbox, tmp_path / "copy.duckdb"))
    assert told
    assert all("accept" in each and "the API key" in each for each in told.values()), told
