"""A list that an account, a key or a parent may lack: no refresh fails for it, and what is unread is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dagster import AssetCheckEvaluation, AssetCheckSeverity, ExecuteInProcessResult

from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster.sync.unread import MAX_FAILED_IN_A_ROW
from streak_dagster.sync.walk import CAREFULLY
from streak_dagster_tests.support.loading import Load, calls, failures
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences, stored

PARENTS = ["teams", "pipelines"]
REFUSALS = {
    "404": (404, b'{"error": "Not found"}'),
    "400": (400, b'{"error": "Invalid API path specified"}'),
    "401": (401, b'{"error": "You may not see this"}'),
    "403": (403, b""),
    "405": (405, b""),
    "410": (410, b""),
    "no list": (200, b'{"success": false}'),
}


@pytest.fixture
def load(load: Load) -> Load:
    """With the checks of what was read."""
    return replace(load, readings=True)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(generated_workspace(12, seed=9)) as running:
        yield running


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "copy.duckdb"


def check(
    result: ExecuteInProcessResult, name: str = "every_pipeline_and_team_was_read"
) -> AssetCheckEvaluation:
    (found,) = (each for each in result.get_asset_check_evaluations() if each.check_name == name)
    return found


def keys(database: Path, table: str = "webhooks") -> set[str]:
    return {row["key"] for row in stored(database, table)}


def truth(sandbox: Sandbox) -> set[str]:
    return {each["key"] for each in sandbox.workspace.webhooks()}


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("select", [[*PARENTS, "webhooks"], ["webhooks"]], ids=["a run", "it alone"])
def test_where_no_list_is_there_the_refresh_succeeds_and_warns(
    load: Load,
    hurried: Callable[..., None],
    sandbox: Sandbox,
    database: Path,
    refusal: str,
    select: list[str],
) -> None:
    hurried(attempts=2)
    assert load(sandbox, database, select=PARENTS).success
    status, body = REFUSALS[refusal]
    sandbox.faults.add("/webhooks$", status=status, body=body, times=None)
    result = load(sandbox, database, select=select)
    assert result.success, failures(result)
    assert keys(database) == set()
    found = check(result)
    assert (found.passed, found.severity, found.blocking) == (False, AssetCheckSeverity.WARN, False)
    told = {label: entry.value for label, entry in found.metadata.items()}
    parents = len(sandbox.workspace.pipelines()) + len(sandbox.workspace.teams())
    assert told["pipelines and teams"] == told["pipelines and teams that couldn't be read"] == parents
    assert sandbox.workspace.pipelines()[0]["name"] in str(told["which and why"])
    assert told["to go without the table"] == "STREAK_EXCLUDE=webhooks"


def test_webhooks_are_those_of_pipelines_and_of_teams(load: Load, sandbox: Sandbox, database: Path) -> None:
    result = load(sandbox, database, select=[*PARENTS, "webhooks"])
    assert result.success, failures(result)
    assert keys(database) == truth(sandbox)
    by_parent = {
        (row["pipeline_key"] is None, row["team_key"] is None) for row in stored(database, "webhooks")
    }
    assert by_parent == {(False, True), (True, False)}
    assert check(result).passed
    parents = len(sandbox.workspace.pipelines()) + len(sandbox.workspace.teams())
    assert calls(result)["webhooks"] == parents


@pytest.mark.parametrize("refused", ["pipelines", "teams"])
def test_of_what_is_refused_the_rows_stay_and_the_others_are_new(
    load: Load, sandbox: Sandbox, database: Path, refused: str
) -> None:
    assert load(sandbox, database, select=[*PARENTS, "webhooks"]).success
    other = "teams" if refused == "pipelines" else "pipelines"
    sandbox.faults.add(f"v2/{refused}/.*/webhooks$", status=403, times=None)
    sandbox.faults.add(f"v2/{other}/.*/webhooks$", status=200, body=b"[]", times=None)
    result = load(sandbox, database, select=["webhooks"])
    assert result.success, failures(result)
    of_pipelines = {each["key"] for each in sandbox.workspace.webhooks() if each["pipelineKey"]}
    kept = of_pipelines if refused == "pipelines" else truth(sandbox) - of_pipelines
    assert keys(database) == kept != set()
    assert not check(result).passed


def test_the_last_webhook_may_go(load: Load, sandbox: Sandbox, database: Path) -> None:
    assert load(sandbox, database, select=[*PARENTS, "webhooks"]).success
    sandbox.faults.add("/webhooks$", status=200, body=b"[]", times=None)
    assert load(sandbox, database, select=["webhooks"]).success
    assert keys(database) == set()


def test_a_refresh_that_was_cut_short_asks_each_list_once(
    load: Load, hurried: Callable[..., None], sandbox: Sandbox, database: Path
) -> None:
    hurried(attempts=2)
    assert load(sandbox, database, select=PARENTS).success
    sandbox.faults.add("v2/teams/.*/webhooks$", kind="reset", times=None)
    sandbox.faults.add("v2/users/me/teams$", kind="reset", times=None)
    sandbox.journal.clear()
    assert not load(sandbox, database, select=["webhooks"]).success
    sandbox.faults.clear()
    result = load(sandbox, database, select=["webhooks"])
    assert result.success, failures(result)
    assert keys(database) == truth(sandbox)
    asked = Counter(each.path for each in sandbox.journal.arrivals if "/pipelines/" in each.path)
    assert set(asked.values()) == {1}


def test_where_nothing_at_all_is_answered_it_is_the_address(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    assert load(sandbox, database, select=[*PARENTS, "webhooks"]).success
    before = keys(database)
    sandbox.faults.add("", status=404, times=None)
    told = failures(load(sandbox, database, select=["webhooks"]))
    assert "Check STREAK_API_URL" in told["webhooks"]
    assert keys(database) == before


def test_of_a_missing_list_ten_are_asked_for_and_not_all(load: Load, database: Path) -> None:
    workspace = generated_workspace(80, seed=2, pipelines=60)
    with sandbox_of(workspace) as sandbox:
        assert load(sandbox, database, select=PARENTS).success
        sandbox.faults.add("v2/pipelines/.*/webhooks$", status=404, times=None)
        result = load(sandbox, database, select=["webhooks"])
        assert result.success, failures(result)
        assert check(result).metadata["pipelines and teams that couldn't be read"].value == 61
        assert calls(result)["webhooks"] <= MAX_FAILED_IN_A_ROW + CAREFULLY + len(workspace.teams())
        assert keys(database) == {each["key"] for each in workspace.webhooks() if each["teamKey"]}


@pytest.mark.slow
@pytest.mark.parametrize("refusal", ["404", "400", "401"])
def test_everything_else_is_refreshed_where_neither_webhooks_nor_newsfeed_are_there(
    load: Load, sandbox: Sandbox, database: Path, refusal: str
) -> None:
    status, body = REFUSALS[refusal]
    sandbox.faults.add("/(webhooks|newsfeed)$", status=status, body=body, times=None)
    result = replace(load, checked=True)(sandbox, database)
    assert result.success, failures(result)
    found = differences(database, sandbox.workspace, sandbox.variants)
    assert {each.partition(":")[0] for each in found} == {"webhooks", "newsfeed"}
    told = {
        (each.asset_key.path[-1], each.check_name): each.severity
        for each in result.get_asset_check_evaluations()
        if not each.passed
    }
    assert told == {
        ("webhooks", "every_pipeline_and_team_was_read"): AssetCheckSeverity.WARN,
        ("newsfeed", "every_pipeline_was_read"): AssetCheckSeverity.WARN,
    }
