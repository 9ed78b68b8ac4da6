"""The product asks Streak only for what is documented, in every way in which it asks."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from streak_dagster.sandbox import generated_workspace
from streak_dagster_tests.support.loading import Load, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.waiting import MAX_WAIT


@pytest.mark.slow
def test_a_load_and_those_after_it(load: Load, tmp_path: Path) -> None:
    """A complete one, one that asks by key for boxes that no list shows any more, and a changed one."""
    with sandbox_of(generated_workspace(60, seed=5)) as sandbox:
        largest = max(sandbox.workspace.pipelines(), key=lambda each: int(each["boxCount"]))["key"]
        for refresh in ("complete", "complete", "changed"):
            result = load(sandbox, tmp_path / "copy.duckdb", STREAK_REFRESH=refresh, STREAK_PAGE_SIZE="10")
            assert result.success, failures(result)
            *gone, kept = list(sandbox.workspace.box_keys(largest))[3:7]
            for key in gone:
                sandbox.workspace.delete_box(key)
            sandbox.workspace.add_comment(kept, "Anything new?")
        arrivals = sandbox.journal.arrivals
    assert {each.kind for each in arrivals} <= {"ok", "missing"}
    assert {each.method for each in arrivals} == {"GET", "POST"}, "also a batch was asked for"


def test_who_sends_anything_else_is_found() -> None:
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_of())
        answer = requests.get(
            sandbox.url + "/v1/pipelines",
            params={"sortBy": "lastUpdatedTime"},
            auth=(sandbox.key, ""),
            timeout=MAX_WAIT,
        )
        assert answer.status_code == 400
        with pytest.raises(AssertionError, match="not documented"):
            stack.close()
