"""Projects of others: what an account's definitions are called, and that they leave a project's own alone."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from dagster import (
    AssetDep,
    AssetKey,
    AssetSpec,
    DagsterInstance,
    Definitions,
    EnvVar,
    InitLoggerContext,
    InputContext,
    IOManager,
    OutputContext,
    ResourceDefinition,
    asset,
    in_process_executor,
    io_manager,
    logger,
    multiprocess_executor,
)

from streak_dagster import StreakAccount, build_streak_definitions
from streak_dagster.errors import SettingsError
from streak_dagster.namespace import ACCOUNT
from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.embedding.conftest import AccountOf
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.loading import failures, log_level
from streak_dagster_tests.support.truth import differences

ACCOUNT_OF_ACME = StreakAccount(name="acme", api_key=EnvVar("ACME_KEY"), database="acme.duckdb")
PREFIX = ["acme", "streak"]
WRITTEN: list[tuple[str, object]] = []


class TheirIOManager(IOManager):
    def handle_output(self, context: OutputContext, obj: object) -> None:
        WRITTEN.append((context.asset_key.to_user_string(), obj))

    def load_input(self, context: InputContext) -> object:
        raise NotImplementedError


@logger
def their_logger(_: InitLoggerContext) -> logging.Logger:
    quiet = logging.getLogger("theirs")
    quiet.setLevel(logging.CRITICAL)
    return quiet


@asset
def theirs() -> int:
    return 7


THEIRS = Definitions(
    assets=[theirs],
    executor=multiprocess_executor,
    loggers={"console": their_logger},
    resources={
        "io_manager": TheirIOManager(),
        "streak": ResourceDefinition.hardcoded_resource("theirs"),
        "warehouse": ResourceDefinition.hardcoded_resource("theirs"),
    },
)


def test_merges_with_a_project_that_has_all_of_that_and_copies_the_truth(
    account_of: AccountOf, acme: Sandbox, in_memory: DagsterInstance
) -> None:
    WRITTEN.clear()
    account = account_of(acme, "acme")
    merged = Definitions.merge(build_streak_definitions(account, key_prefix=PREFIX), THEIRS)
    assert merged.executor is multiprocess_executor
    assert merged.resources
    assert merged.resources["warehouse"] is (THEIRS.resources or {})["warehouse"]
    job = merged.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(instance=in_memory, run_config=log_level("CRITICAL"))
    assert result.success
    assert WRITTEN == [("theirs", 7)]
    database = account.settings.database
    assert differences(Path(database), acme.workspace, acme.variants) == []
    told = {
        each.materialization.asset_key.path[-1]: each.materialization.metadata["dagster/table_name"].value
        for each in result.get_asset_materialization_events()
        if "dagster/table_name" in each.materialization.metadata
    }
    assert told["pipeline_boxes"] == "acme.streak.pipeline_boxes"
    assert "theirs" not in contents(Path(database))


def test_a_projects_io_manager_is_not_even_set_up_for_an_account(
    account_of: AccountOf, acme: Sandbox, in_memory: DagsterInstance
) -> None:
    """It may need what isn't there where only Streak is copied and checked."""

    @io_manager
    def broken(_: object) -> IOManager:
        raise RuntimeError("it was set up")

    made = build_streak_definitions(account_of(acme, "acme"), tables=["teams", "users", "pipelines"])
    merged = Definitions.merge(made, Definitions(assets=[theirs], resources={"io_manager": broken}))
    job = merged.resolve_job_def("acme_complete")
    result = job.execute_in_process(
        instance=in_memory,
        run_config={**(job.run_config or {}), **log_level("CRITICAL")},
        asset_selection=[AssetKey(["streak", "teams"])],
    )
    assert result.success
    assert result.get_asset_check_evaluations()
    for node in made.resolve_implicit_global_asset_job_def().all_node_defs:
        assert {output.io_manager_key for output in node.output_defs} == {"acme_io_manager"}
    (keeps_house,) = made.resolve_job_def("acme_housekeeping").all_node_defs
    assert [output.io_manager_key for output in keeps_house.output_defs] == ["acme_io_manager"]


def test_a_table_that_is_needed_first_is_named_by_its_key(
    account_of: AccountOf, acme: Sandbox, in_memory: DagsterInstance
) -> None:
    made = build_streak_definitions(account_of(acme, "acme"), key_prefix=PREFIX)
    result = made.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=in_memory,
        asset_selection=[AssetKey([*PREFIX, "box_tasks"])],
        run_config=log_level("CRITICAL"),
        raise_on_error=False,
    )
    (told,) = failures(result).values()
    assert "acme/streak/pipeline_boxes is needed first" in told
    assert "-m streak_dagster" not in told
    assert acme.journal.calls() == []


def test_everything_is_called_by_the_accounts_name_and_nothing_is_global() -> None:
    made = build_streak_definitions(ACCOUNT_OF_ACME, key_prefix=PREFIX)
    assert (made.executor, made.loggers) == (None, None)
    assert set(made.resources or {}) == {"acme", "acme_warehouse", "acme_io_manager"}
    names = {each.name for each in (*(made.jobs or ()), *(made.schedules or ()), *(made.sensors or ()))}
    assert names == {
        *("acme_complete", "acme_changed", "acme_checks", "acme_complete_schedule"),
        *("acme_housekeeping_schedule", "acme_change_sensor"),
    }
    specs = {spec.key: spec for spec in made.resolve_all_asset_specs()}
    assert AssetKey(["acme", "streak", "pipeline_boxes"]) in specs
    assert AssetKey(["acme", "streak_views", "deals"]) in specs
    assert {key.path[0] for key in specs} == {"acme"}
    assert {spec.tags[ACCOUNT] for spec in specs.values()} == {"acme"}
    graph = made.resolve_asset_graph()
    assert graph.get(AssetKey([*PREFIX, "box_tasks"])).parent_keys == {AssetKey([*PREFIX, "pipeline_boxes"])}


def test_its_jobs_run_in_one_process_and_say_whose_they_are() -> None:
    merged = Definitions.merge(build_streak_definitions(ACCOUNT_OF_ACME, key_prefix=PREFIX), THEIRS)
    for name in ("acme_complete", "acme_changed", "acme_checks", "acme_housekeeping"):
        job = merged.resolve_job_def(name)
        assert job.executor_def is in_process_executor
        assert job.run_tags[ACCOUNT] == "acme"
    assert merged.resolve_implicit_global_asset_job_def().executor_def is multiprocess_executor


def test_every_step_takes_a_place_in_the_accounts_pool() -> None:
    made = build_streak_definitions(ACCOUNT_OF_ACME, key_prefix=PREFIX)
    nodes = made.resolve_implicit_global_asset_job_def().all_node_defs
    assert len(nodes) > 40
    assert {str(node.pool) for node in nodes if hasattr(node, "pool")} == {"acme"}


def test_keys_groups_and_the_rest_may_be_a_projects_own_and_all_that_refers_to_them_follows() -> None:
    def told(spec: AssetSpec) -> AssetSpec:
        return spec.replace_attributes(
            key=AssetKey(
                ["crm", f"raw_{spec.key.path[-1]}" if spec.key.path[0] == "streak" else spec.key.path[-1]]
            ),
            description=f"ours: {spec.key.to_user_string()}",
            deps=[*spec.deps, AssetDep("upstream")] if spec.key.path[-1] == "teams" else spec.deps,
        )

    made = build_streak_definitions(
        ACCOUNT_OF_ACME, specs=told, group_name="crm", owners=["team:x"], tags={"a": "b"}
    )
    specs = {spec.key.path[-1]: spec for spec in made.resolve_all_asset_specs()}
    boxes = specs["raw_pipeline_boxes"]
    assert boxes.key == AssetKey(["crm", "raw_pipeline_boxes"])
    assert AssetKey(["crm", "raw_pipelines"]) in {dep.asset_key for dep in boxes.deps}
    assert boxes.description == "ours: streak/pipeline_boxes"
    assert (boxes.group_name, list(boxes.owners), boxes.tags["a"]) == ("crm", ["team:x"], "b")
    assert AssetKey("upstream") in {dep.asset_key for dep in specs["raw_teams"].deps}
    comments = specs["raw_box_comments"].metadata["dagster/column_lineage"].deps_by_column
    assert {dep.asset_key for dep in comments["box_key"]} == {boxes.key}
    assert AssetKey(["crm", "raw_pipeline_boxes"]) in {dep.asset_key for dep in specs["deals"].deps}
    graph = made.resolve_asset_graph()
    checked = {key.asset_key for key in graph.asset_check_keys}
    assert boxes.key in checked
    assert all(key.path[0] == "crm" for key in checked)
    job = made.resolve_job_def("acme_changed")
    assert set((job.run_config or {})["ops"]) >= {"crm__raw_box_tasks", "crm__raw_contacts"}


@pytest.mark.slow
def test_keys_of_a_projects_own_copy_the_truth(
    account_of: AccountOf, acme: Sandbox, in_memory: DagsterInstance
) -> None:
    account = account_of(acme, "acme")
    made = build_streak_definitions(
        account,
        specs=lambda spec: spec.replace_attributes(key=AssetKey(["x", "_".join(spec.key.path)])),
    )
    for name in ("acme_complete", "acme_changed"):
        job = made.resolve_job_def(name)
        result = job.execute_in_process(
            instance=in_memory, run_config={**(job.run_config or {}), **log_level("CRITICAL")}
        )
        assert result.success
    assert differences(Path(account.settings.database), acme.workspace, acme.variants) == []


def test_two_assets_of_one_key_are_refused() -> None:
    with pytest.raises(SettingsError, match="the same key, crm/all"):
        build_streak_definitions(
            ACCOUNT_OF_ACME, specs=lambda spec: spec.replace_attributes(key=AssetKey(["crm", "all"]))
        )


def test_a_mapper_that_returns_nothing_is_told_what_it_forgot() -> None:
    def forgets(spec: AssetSpec) -> Any:
        spec.replace_attributes(group_name="crm")

    with pytest.raises(SettingsError, match="specs returned None for streak/teams"):
        build_streak_definitions(ACCOUNT_OF_ACME, specs=forgets)


def test_tables_of_two_databases_are_not_taken_for_one() -> None:
    """Dagster links the assets of one table, by its whole name."""
    made = build_streak_definitions(ACCOUNT_OF_ACME, key_prefix=PREFIX)
    named = {
        spec.key.path[-1]: spec.metadata.get("dagster/table_name") for spec in made.resolve_all_asset_specs()
    }
    assert named["teams"] == "acme.streak.teams"
    assert named["deals"] == "acme.streak_views.deals"


def test_only_the_tables_that_are_named_and_no_more_than_is_wanted() -> None:
    made = build_streak_definitions(
        ACCOUNT_OF_ACME,
        key_prefix="crm",
        tables=["teams", "pipelines", "pipeline_boxes"],
        views=False,
        checks=False,
        schedule=False,
        sensor=False,
    )
    keys = {spec.key.to_user_string() for spec in made.resolve_all_asset_specs()}
    assert keys == {"crm/teams", "crm/pipelines", "crm/pipeline_boxes"}
    assert not made.asset_checks
    assert (list(made.schedules or ()), list(made.sensors or ())) == ([], [])
    assert {each.name for each in made.jobs or ()} == {"acme_complete", "acme_changed"}


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ([], "tables names none. Name those to copy"),
        (["pipeline_boxs"], "tables names 'pipeline_boxs', which is no table.* Is pipeline_boxes"),
        (
            ["box_tasks"],
            r"tables leaves out pipelines, pipeline_boxes.*tables=\['pipelines', 'pipeline_boxes'",
        ),
    ],
)
def test_tables_that_cannot_be_are_named(tables: list[str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        build_streak_definitions(ACCOUNT_OF_ACME, tables=tables)


def test_a_webhook_is_told_of_the_accounts_runs_alone() -> None:
    account = StreakAccount(
        name="acme", api_key=EnvVar("K"), database="a.duckdb", alert_webhook=EnvVar("HOOK")
    )
    assert "acme_failure_alert" in {each.name for each in build_streak_definitions(account).sensors or ()}


def test_who_builds_a_project_of_lists_takes_them() -> None:
    made = build_streak_definitions(ACCOUNT_OF_ACME, key_prefix=PREFIX)
    theirs_too = Definitions(
        assets=[theirs, *(made.assets or ())],
        asset_checks=made.asset_checks,
        jobs=made.jobs,
        schedules=made.schedules,
        sensors=made.sensors,
        resources={**(THEIRS.resources or {}), **(made.resources or {})},
        executor=multiprocess_executor,
    )
    Definitions.validate_loadable(theirs_too)
    assert theirs_too.resolve_job_def("acme_complete").executor_def is in_process_executor
