"""A table of each kind needs no more than its declaration and its asset: everything else follows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dagster import (
    AssetKey,
    AssetSelection,
    DagsterInstance,
    Definitions,
    ExecuteInProcessResult,
    define_asset_job,
    in_process_executor,
)

from streak_dagster.api.retries import RetryLimits
from streak_dagster.assets import ALL_ASSETS
from streak_dagster.assets.fetching import fetch_list, fetch_planned, fetch_since
from streak_dagster.automation.jobs import changed_config
from streak_dagster.automation.staleness import staleness_of
from streak_dagster.checks.table_checks import checks_of
from streak_dagster.definitions import build_definitions
from streak_dagster.resources import StreakResource
from streak_dagster.sandbox import Sandbox, Workspace, generated_workspace
from streak_dagster.settings import load_settings
from streak_dagster.sync.probe import Position, Probe
from streak_dagster.sync.refresh import declaration_fingerprint
from streak_dagster.tables import (
    ALL_TABLES,
    CONTACTS,
    PIPELINE_BOXES,
    PIPELINES,
    TEAMS,
    ChangedSince,
    Endpoint,
    Paging,
    Table,
    docs,
)
from streak_dagster.warehouse.changes import Changes, FoundChanges, find_changes
from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.loading import environment, failures, log_level
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.toys import (
    TOY_ASSETS,
    TOY_CONTACTS,
    TOY_FIELDS,
    TOY_FILES,
    TOY_LINKS,
    TOY_SNIPPETS,
    TOYS,
)
from streak_dagster_tests.support.waiting import MAX_WAIT

PARENTS = (TEAMS, PIPELINES, PIPELINE_BOXES)
COPIED = (*PARENTS, *TOYS)
TABLES = (*ALL_TABLES, *TOYS)
Refresh = Callable[[str], ExecuteInProcessResult]


@pytest.fixture
def workspace() -> Workspace:
    return generated_workspace(40, seed=11)


@pytest.fixture
def sandbox(workspace: Workspace) -> Iterator[Sandbox]:
    """A strict one, which refuses what Streak doesn't document."""
    with sandbox_of(workspace) as sandbox:
        yield sandbox


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "copy.duckdb"


@pytest.fixture
def refresh(
    sandbox: Sandbox, database: Path, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> Refresh:
    """Refresh the toys and their parents, with all checks, in one of the two modes."""
    for name, value in environment(sandbox, database).items():
        monkeypatch.setenv(name, value)

    def refresh(mode: str) -> ExecuteInProcessResult:
        settings = load_settings(environment(sandbox, database, STREAK_REFRESH=mode))
        names = {table.name for table in PARENTS}
        assets = [*(each for each in ALL_ASSETS if each.table.name in names), *TOY_ASSETS]
        job = define_asset_job("toys", AssetSelection.key_prefixes("streak"), config=log_level("CRITICAL"))
        definitions = Definitions(
            assets=[each.of() for each in assets],
            asset_checks=checks_of(COPIED),
            jobs=[job],
            resources=build_definitions(settings).resources,
            executor=in_process_executor,
        )
        return definitions.resolve_job_def("toys").execute_in_process(instance=instance, raise_on_error=False)

    return refresh


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("USE copy.streak")
        return connection.execute(query).fetchall()


def truth(workspace: Workspace) -> dict[str, set[tuple[str, ...]]]:
    """The keys of each toy, as the workspace has them."""
    boxes = [box for pipeline in workspace.pipelines() for box in workspace.boxes(pipeline["key"])]
    return {
        "toy_snippets": {(each["key"],) for each in workspace.snippets()},
        "toy_fields": {
            (pipeline["key"], field["key"])
            for pipeline in workspace.pipelines()
            for field in workspace.fields(pipeline["key"])
        },
        "toy_files": {(file["key"],) for box in boxes for file in workspace.files(box["key"])},
        "toy_links": {(box["key"], link["key"]) for box in boxes for link in box["contacts"] or ()},
        "toy_contacts": {
            (contact["key"],) for team in workspace.teams() for contact in workspace.contacts(team["key"])
        },
    }


def stored(database: Path) -> dict[str, set[tuple[object, ...]]]:
    return {
        table.name: set(rows(database, f"SELECT {', '.join(table.primary_key)} FROM {table.name}"))
        for table in TOYS
    }


def asked(sandbox: Sandbox) -> Counter[str]:
    """Calls by what they were for, since the last time."""
    kinds = Counter(re.sub(r"/[^/]{12,}/", "/{}/", each.path) for each in sandbox.journal.arrivals)
    sandbox.journal.clear()
    return kinds


@pytest.mark.slow
def test_a_toy_of_each_kind_is_planned_read_published_and_checked(
    refresh: Refresh, sandbox: Sandbox, workspace: Workspace, database: Path
) -> None:
    result = refresh("complete")
    assert result.success, failures(result)
    assert stored(database) == truth(workspace)
    assert all(len(keys) > 1 for keys in truth(workspace).values()), "or the toys show nothing"
    calls = asked(sandbox)
    boxes = sum(len(workspace.box_keys(each["key"])) for each in workspace.pipelines())
    contacts = len(truth(workspace)["toy_contacts"])
    assert calls["/api/v1/boxes/{}/files"] == boxes
    assert calls["/api/v2/teams/{}/contacts"] in (-(-contacts // 7), contacts // 7 + 1)

    box_key = next(box for pipeline in workspace.pipelines() for box in workspace.box_keys(pipeline["key"]))
    workspace.add_file(box_key, "new.pdf")
    again = refresh("changed")
    assert again.success, failures(again)
    assert stored(database) == truth(workspace)
    assert asked(sandbox)["/api/v1/boxes/{}/files"] == 1, "only the box whose counter moved"


@pytest.mark.slow
def test_the_checks_of_a_toy_are_those_of_its_kind(refresh: Refresh) -> None:
    found = {
        f"{each.asset_key.path[-1]}.{each.check_name}": each
        for each in refresh("complete").get_asset_check_evaluations()
    }
    of_toys = {name for name in found if name.startswith("toy_")}
    common = ("primary_key", "schema_drift", "few_rows_dropped")
    assert of_toys == {f"{table.name}.{check}" for table in TOYS for check in common} | {
        "toy_fields.foreign_keys",
        "toy_fields.every_pipeline_was_read",
        "toy_files.foreign_keys",
        "toy_files.counters_agree",
        "toy_files.every_box_was_read",
        "toy_links.foreign_keys",
        "toy_contacts.foreign_keys",
        "toy_contacts.every_team_was_read",
    }
    not_passed = {name for name in of_toys if not found[name].passed}
    assert not_passed == {f"{table.name}.schema_drift" for table in (TOY_SNIPPETS, TOY_FIELDS, TOY_FILES)} | {
        "toy_links.schema_drift",
        "toy_contacts.schema_drift",
    }, "a toy declares a few of Streak's properties only"


@pytest.mark.parametrize(
    ("name", "changes", "stale"),
    [
        ("toy_snippets", Changes(updated=1), {"toy_snippets"}),
        ("teams", Changes(updated=1, columns=frozenset({"name"})), {"teams", "toy_contacts"}),
        ("teams", Changes(updated=1, columns=frozenset({"last_saved_timestamp"})), {"teams"}),
        ("teams", Changes(inserted=1), {"teams", "toy_contacts"}),
        ("pipelines", Changes(updated=1, columns=frozenset({"name"})), {"pipelines", "toy_fields"}),
        (
            "pipelines",
            Changes(updated=1, columns=frozenset({"box_count"})),
            {"pipelines", "pipeline_boxes", "toy_files", "toy_links"},
        ),
        ("pipeline_boxes", Changes(updated=1), {"pipeline_boxes", "toy_links"}),
        ("pipeline_boxes", Changes(deleted=1), {"pipeline_boxes", "toy_files", "toy_links"}),
    ],
)
def test_the_sensor_refreshes_what_follows_from_a_change(
    name: str, changes: Changes, stale: set[str], tmp_path: Path
) -> None:
    probe = Probe(tmp_path, account="a", page_size=100, tables=COPIED)
    found = staleness_of(FoundChanges(rows={name: changes}), probe, COPIED)
    assert {table.name for table in found.tables} == stale


@pytest.mark.slow
def test_the_sensor_sees_that_the_rows_of_a_toy_can_have_moved(
    refresh: Refresh, sandbox: Sandbox, workspace: Workspace, database: Path, tmp_path: Path
) -> None:
    refresh("complete")
    box_key = next(box for pipeline in workspace.pipelines() for box in workspace.box_keys(pipeline["key"]))
    workspace.add_file(box_key, "new.pdf")
    workspace.add_snippet("New", "Hello")
    streak = StreakResource(api_key=sandbox.key, api_url=sandbox.url, calls_per_second=900)
    declarations = {table.name: declaration_fingerprint(table) for table in COPIED}
    with (
        streak.connected(RetryLimits(), read_seconds=MAX_WAIT, answer_seconds=MAX_WAIT) as client,
        Probe(tmp_path / "look", account=streak.account, page_size=100, tables=COPIED) as probe,
    ):
        probe.look(client, Position())
        found = find_changes(Database(str(database)), probe.seen.values(), declarations, COPIED)
    stale = {table.name for table in staleness_of(found, probe, COPIED).tables}
    assert {"toy_snippets", "toy_files", "pipeline_boxes"} <= stale
    assert "toy_contacts" not in stale


def test_a_list_by_cursor_is_not_looked_at(sandbox: Sandbox, tmp_path: Path) -> None:
    """One call shows a part of it only, which would look as if all the others were gone."""
    long = replace(TOY_SNIPPETS, endpoint=Endpoint("v1/snippets", Paging.CURSOR, page_size=7))
    streak = StreakResource(api_key=sandbox.key, api_url=sandbox.url, calls_per_second=900)
    with (
        streak.connected(RetryLimits(), read_seconds=MAX_WAIT, answer_seconds=MAX_WAIT) as client,
        Probe(tmp_path / "look", account=streak.account, page_size=100, tables=[long, TEAMS]) as probe,
    ):
        probe.look(client, Position())
        assert set(probe.seen) == {"teams"}


def test_only_what_can_be_asked_in_part_has_a_mode_in_the_jobs() -> None:
    assert set(changed_config((*TOYS, CONTACTS)).ops or {}) == {"streak__toy_files", "streak__contacts"}


@pytest.mark.parametrize(
    ("table", "origin", "cost"),
    [
        (TOY_SNIPPETS, "`GET v1/snippets`", "one"),
        (TOY_FIELDS, "`GET v1/pipelines/{pipelineKey}/fields`", "one for each row of `pipelines`"),
        (TOY_FILES, "`GET v1/boxes/{boxKey}/files`", "one for each row of `pipeline_boxes`"),
        (TOY_LINKS, "the rows of `pipeline_boxes`", "none"),
        (
            TOY_CONTACTS,
            "`GET v2/teams/{teamKey}/contacts`",
            "one for each 7 rows, at least one for each row of `teams`",
        ),
    ],
)
def test_the_page_says_where_a_toy_comes_from_and_what_it_costs(table: Table, origin: str, cost: str) -> None:
    section = docs._section(table)
    assert f"- From: {origin}\n- Calls: {cost}\n" in section


def test_the_graph_of_the_assets_follows() -> None:
    parents = {each.table.name: {key.path[-1] for key in each.of().dependency_keys} for each in TOY_ASSETS}
    assert parents == {
        "toy_snippets": set(),
        "toy_fields": {"pipelines"},
        "toy_files": {"pipeline_boxes"},
        "toy_links": {"pipeline_boxes"},
        "toy_contacts": {"teams"},
    }
    lineage = TOY_ASSETS[3].of().metadata_by_key[AssetKey(["streak", "toy_links"])]["dagster/column_lineage"]
    deps = lineage.deps_by_column["contact_key"]
    assert [(dep.asset_key.path[-1], dep.column_name) for dep in deps] == [("pipeline_boxes", "contacts")]


def test_a_parent_that_was_never_copied_is_named(
    refresh: Refresh, sandbox: Sandbox, database: Path, instance: DagsterInstance
) -> None:
    settings = load_settings(environment(sandbox, database))
    definitions = Definitions(
        assets=[TOY_ASSETS[3].of()],
        jobs=[define_asset_job("one", config=log_level("CRITICAL"))],
        resources=build_definitions(settings).resources,
    )
    result = definitions.resolve_job_def("one").execute_in_process(instance=instance, raise_on_error=False)
    (told,) = failures(result).values()
    assert "streak/pipeline_boxes is needed first" in told
    assert asked(sandbox) == Counter()


def test_a_run_whose_config_says_otherwise_publishes_by_it(
    sandbox: Sandbox, database: Path, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The assets and the io manager have one warehouse, whatever a run's config makes of it."""
    for name, value in environment(sandbox, database).items():
        monkeypatch.setenv(name, value)
    definitions = build_definitions(load_settings(environment(sandbox, database)))
    other = database.with_name("other.duckdb")
    job = definitions.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=instance,
        asset_selection=[AssetKey(["streak", "teams"])],
        run_config={
            **log_level("CRITICAL"),
            "resources": {"streak_warehouse": {"config": {"database": str(other)}}},
        },
    )
    assert result.success
    assert other.exists()
    assert not database.exists()


def test_what_a_declaration_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"toy_links \(derived\) needs members, and nothing else"):
        replace(TOY_LINKS, members=None)
    since = replace(TOY_CONTACTS.endpoint or Endpoint(""), changed_since=ChangedSince("after", "given_name"))
    with pytest.raises(ValueError, match="toy_contacts can't be asked for what changed"):
        replace(TOY_CONTACTS, endpoint=since)
    with pytest.raises(ValueError, match=r"toy_files \(list per parent\) needs an endpoint, and nothing"):
        replace(TOY_FILES, endpoint=None)
    with pytest.raises(ValueError, match=r"toy_files \(list per parent\) needs a parent and a column"):
        replace(TOY_FILES, parent=None)
    with pytest.raises(ValueError, match=r"toy_snippets \(account list\) needs no parent"):
        replace(TOY_SNIPPETS, parent=TEAMS)
    with pytest.raises(ValueError, match="toy_files names paper_count, which pipeline_boxes doesn't have"):
        replace(TOY_FILES, counters=("paper_count",))
    with pytest.raises(ValueError, match="toy_links is read by rows of toy_snippets, which declares none"):
        replace(TOY_FILES, name="toy_links", parent=TOY_SNIPPETS, counters=())


def test_an_asset_that_asks_as_one_of_another_kind_does_is_refused() -> None:
    """A planned table that is read like a list would come out empty: its parents aren't looked up for it."""
    nothing: Any = None
    with pytest.raises(ValueError, match="toy_files is planned: its asset calls fetch_planned"):
        fetch_list(TOY_FILES, nothing)
    with pytest.raises(ValueError, match="toy_contacts isn't planned: its asset calls fetch_list"):
        fetch_planned(TOY_CONTACTS, nothing)
    with pytest.raises(ValueError, match="contacts has modes: its asset calls fetch_since"):
        fetch_list(CONTACTS, nothing)
    with pytest.raises(ValueError, match="toy_contacts can't be asked for what changed"):
        fetch_since(TOY_CONTACTS, nothing)
