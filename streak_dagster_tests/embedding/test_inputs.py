"""Tables and ready answers as another project's assets take them; what those return is the project's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from dagster import (
    AssetIn,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    ConfigurableIOManager,
    DagsterInstance,
    Definitions,
    ExecuteInProcessResult,
    InputContext,
    OutputContext,
    asset,
)

from streak_dagster import build_streak_definitions
from streak_dagster.sandbox import Sandbox, Workspace, generated_workspace
from streak_dagster_tests.embedding.conftest import account_in
from streak_dagster_tests.support.loading import failures, log_level
from streak_dagster_tests.support.sandboxes import sandbox_of

TABLES = ["pipelines", "pipeline_boxes"]
PREFIX = ["acme", "streak"]
BOXES = AssetKey([*PREFIX, "pipeline_boxes"])
DEALS = AssetKey(["acme", "streak_views", "deals"])
REMEMBERED: dict[AssetKey, object] = {}
"""What the other project's io manager was given, by key."""

SpecMapper = Callable[[AssetSpec], AssetSpec]


class Remembering(ConfigurableIOManager):
    """The io manager of a project that keeps its own assets elsewhere."""

    project: str

    def handle_output(self, context: OutputContext, obj: object) -> None:
        REMEMBERED[context.asset_key] = obj

    def load_input(self, context: InputContext) -> object:
        raise AssertionError(f"{context.asset_key} isn't this project's")


class Project:
    """A project that has an account's definitions beside its own."""

    def __init__(self, sandbox: Sandbox, folder: Path, instance: DagsterInstance) -> None:
        self._instance = instance
        self._account = account_in(folder, sandbox, "acme")
        self.database = Path(self._account.settings.database)

    def made(self, own: Sequence[AssetsDefinition], specs: SpecMapper | None = None) -> Definitions:
        ours = build_streak_definitions(
            self._account, key_prefix=PREFIX, specs=specs, tables=TABLES, checks=False
        )
        theirs = Definitions(assets=own, resources={"io_manager": Remembering(project="theirs")})
        return Definitions.merge(theirs, ours)

    def materialize(
        self,
        *own: AssetsDefinition,
        select: Sequence[AssetKey] | None = None,
        specs: SpecMapper | None = None,
    ) -> ExecuteInProcessResult:
        """Materialize all, or the keys."""
        job = self.made(own, specs).resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self._instance,
            raise_on_error=False,
            asset_selection=None if select is None else list(select),
            run_config=log_level("CRITICAL"),
        )

    def gives(self, own: AssetsDefinition, specs: SpecMapper | None = None) -> Any:
        """What the project's own asset returned, which is all that is materialized."""
        result = self.materialize(own, select=[own.key], specs=specs)
        assert result.success, failures(result)
        return REMEMBERED[own.key]


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    REMEMBERED.clear()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(generated_workspace(20, seed=1)) as running:
        yield running


@pytest.fixture(scope="module")
def copied(
    sandbox: Sandbox, in_memory: DagsterInstance, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """The account is copied, once for all that only read it."""
    project = Project(sandbox, tmp_path_factory.mktemp("copied"), in_memory)
    result = project.materialize()
    assert result.success, failures(result)
    before = held(project.database)
    yield project
    assert held(project.database) == before, "what an asset of theirs returned landed in our file"


def held(database: Path) -> list[tuple[str, str]]:
    """The tables and views of our file."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL"
        ).fetchall()


def boxes_of(workspace: Workspace) -> list[dict[str, Any]]:
    return [box for each in workspace.pipelines() for box in workspace.boxes(each["key"])]


def names_of(workspace: Workspace) -> dict[str, str]:
    """The boxes' names by key, as the account has them."""
    return {box["key"]: box["name"] for box in boxes_of(workspace)}


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def test_a_project_copies_and_reads_in_one_run_and_what_it_returns_goes_to_its_own_io_manager(
    sandbox: Sandbox, in_memory: DagsterInstance, tmp_path: Path
) -> None:
    @asset(key=["acme", "streak", "names"], ins={"boxes": AssetIn(key=BOXES)})
    def names(boxes: pd.DataFrame) -> pd.DataFrame:
        return boxes[["key", "name"]]

    project = Project(sandbox, tmp_path, in_memory)
    result = project.materialize(names)
    assert result.success, failures(result)
    assert set(REMEMBERED) == {names.key}, "our tables went to another project's io manager"
    returned = REMEMBERED[names.key]
    assert isinstance(returned, pd.DataFrame)
    assert dict(returned.itertuples(index=False)) == names_of(sandbox.workspace)
    tables = {table for schema, table in held(project.database) if schema == "streak"}
    assert tables >= set(TABLES)
    assert "names" not in tables


def test_a_table_is_a_pandas_frame_of_all_rows_with_times_that_know_their_zone(
    copied: Project, sandbox: Sandbox
) -> None:
    @asset(key="mine", ins={"boxes": AssetIn(key=BOXES)})
    def mine(boxes: pd.DataFrame) -> pd.DataFrame:
        return boxes

    frame = copied.gives(mine)
    assert isinstance(frame, pd.DataFrame)
    assert dict(zip(frame["key"], frame["name"], strict=True)) == names_of(sandbox.workspace)
    assert str(frame["creation_timestamp"].dtype) == "datetime64[us, UTC]"
    created = dict(zip(frame["key"], map(milliseconds, frame["creation_timestamp"]), strict=True))
    assert created == {box["key"]: box["creationTimestamp"] for box in boxes_of(sandbox.workspace)}


def test_only_the_columns_that_are_asked_for_are_read(copied: Project, sandbox: Sandbox) -> None:
    columns = ["name", "key"]

    @asset(key="mine", ins={"boxes": AssetIn(key=BOXES, metadata={"columns": columns})})
    def mine(boxes: pd.DataFrame) -> pd.DataFrame:
        return boxes

    frame = copied.gives(mine)
    assert list(frame.columns) == columns
    assert dict(zip(frame["key"], frame["name"], strict=True)) == names_of(sandbox.workspace)


@pytest.mark.parametrize("columns", [None, ["key", "name", "fields", "creation_timestamp"]])
def test_a_table_is_a_polars_frame_with_json_as_text(
    copied: Project, sandbox: Sandbox, columns: list[str] | None
) -> None:
    polars = pytest.importorskip("polars")

    def read(boxes: Any) -> Any:
        return boxes

    read.__annotations__["boxes"] = polars.DataFrame
    metadata = None if columns is None else {"columns": columns}
    frame = copied.gives(asset(key="mine", ins={"boxes": AssetIn(key=BOXES, metadata=metadata)})(read))
    assert isinstance(frame, polars.DataFrame)
    assert columns is None or frame.columns == columns
    assert dict(frame.select("key", "name").iter_rows()) == names_of(sandbox.workspace)
    assert frame.schema["fields"] == polars.String
    sent = {box["key"]: box["fields"] for box in boxes_of(sandbox.workspace)}
    assert {key: json.loads(text) for key, text in frame.select("key", "fields").iter_rows()} == sent
    assert frame.schema["creation_timestamp"] == polars.Datetime("us", "UTC")
    created = {key: milliseconds(at) for key, at in frame.select("key", "creation_timestamp").iter_rows()}
    assert created == {box["key"]: box["creationTimestamp"] for box in boxes_of(sandbox.workspace)}


@pytest.mark.parametrize("columns", [None, ["key", "name", "fields", "creation_timestamp"]])
def test_a_table_is_a_relation_with_duckdbs_own_types(
    copied: Project, sandbox: Sandbox, columns: list[str] | None
) -> None:
    metadata = None if columns is None else {"columns": columns}

    @asset(key="mine", ins={"boxes": AssetIn(key=BOXES, metadata=metadata)})
    def mine(boxes: duckdb.DuckDBPyRelation) -> dict[str, Any]:
        with duckdb.connect(str(copied.database)):  # raises where the rows keep our file open
            pass
        created = boxes.project("key, epoch_ms(creation_timestamp)").fetchall()
        return {
            "types": dict(zip(boxes.columns, map(str, boxes.types), strict=True)),
            "names": dict(boxes.project("key, name").fetchall()),
            "fields": dict(boxes.project("key, fields").fetchall()),
            "created": dict(created),
        }

    found = copied.gives(mine)
    assert columns is None or list(found["types"]) == columns
    assert found["types"]["fields"] == "JSON"
    assert found["types"]["creation_timestamp"] == "TIMESTAMP WITH TIME ZONE"
    boxes = boxes_of(sandbox.workspace)
    assert found["names"] == names_of(sandbox.workspace)
    assert {key: json.loads(text) for key, text in found["fields"].items()} == {
        box["key"]: box["fields"] for box in boxes
    }
    assert found["created"] == {box["key"]: box["creationTimestamp"] for box in boxes}


@pytest.mark.parametrize("kind", ["pandas", "polars", "relation"])
def test_a_ready_answer_is_read_as_a_table_is(copied: Project, sandbox: Sandbox, kind: str) -> None:
    def read(deals: Any) -> dict[str, tuple[str, str]]:
        if isinstance(deals, duckdb.DuckDBPyRelation):
            rows = deals.project("key, name, pipeline").fetchall()
        elif isinstance(deals, pd.DataFrame):
            rows = list(deals[["key", "name", "pipeline"]].itertuples(index=False))
        else:
            rows = list(deals.select("key", "name", "pipeline").iter_rows())
        return {key: (name, pipeline) for key, name, pipeline in rows}

    given: dict[str, type] = {"pandas": pd.DataFrame, "relation": duckdb.DuckDBPyRelation}
    if kind == "polars":
        given["polars"] = pytest.importorskip("polars").DataFrame
    read.__annotations__["deals"] = given[kind]
    found = copied.gives(asset(key="mine", ins={"deals": AssetIn(key=DEALS)})(read))
    workspace = sandbox.workspace
    assert found == {
        box["key"]: (box["name"], pipeline["name"])
        for pipeline in workspace.pipelines()
        for box in workspace.boxes(pipeline["key"])
    }


def moved(spec: AssetSpec) -> AssetSpec:
    """Other keys for the boxes and the deals, of which the first is that of another table of ours."""
    keys = {BOXES: AssetKey(["sales", "teams"]), DEALS: AssetKey("opportunities")}
    return spec.replace_attributes(key=keys.get(spec.key, spec.key))


def test_an_asset_with_a_key_of_the_projects_own_is_read_from_its_table(
    copied: Project, sandbox: Sandbox
) -> None:
    @asset(
        key="mine",
        ins={"boxes": AssetIn(key=AssetKey(["sales", "teams"])), "deals": AssetIn(key="opportunities")},
    )
    def mine(boxes: pd.DataFrame, deals: duckdb.DuckDBPyRelation) -> list[dict[str, str]]:
        return [
            dict(zip(boxes["key"], boxes["name"], strict=True)),
            dict(deals.project("key, name").fetchall()),
        ]

    assert copied.gives(mine, moved) == [names_of(sandbox.workspace)] * 2


def test_an_asset_with_a_key_of_the_projects_own_is_written_where_its_table_is(
    sandbox: Sandbox, in_memory: DagsterInstance, tmp_path: Path
) -> None:
    project = Project(sandbox, tmp_path, in_memory)
    result = project.materialize(specs=moved)
    assert result.success, failures(result)
    materialized = {each.asset_key for each in result.get_asset_materialization_events()}
    assert {AssetKey(["sales", "teams"]), AssetKey("opportunities")} <= materialized
    assert not {BOXES, DEALS} & materialized
    found = held(project.database)
    assert {("streak", "pipeline_boxes"), ("streak_views", "deals")} <= set(found)
    assert not {schema for schema, _ in found} & {"sales", "acme", "public"}


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("kind", [pd.DataFrame, duckdb.DuckDBPyRelation, "polars"])
@pytest.mark.parametrize(("key", "named"), [(BOXES, "pipeline_boxes"), (DEALS, "deals")])
def test_a_table_that_isnt_there_is_named(
    sandbox: Sandbox,
    in_memory: DagsterInstance,
    tmp_path: Path,
    key: AssetKey,
    named: str,
    kind: Any,
    there: bool,
) -> None:
    """Whether there is no file or only no table."""

    def read(rows: Any) -> Any:
        return rows

    read.__annotations__["rows"] = pytest.importorskip("polars").DataFrame if kind == "polars" else kind
    mine = asset(key="mine", ins={"rows": AssetIn(key=key)})(read)
    project = Project(sandbox, tmp_path, in_memory)
    if there:
        duckdb.connect(str(project.database)).close()
    result = project.materialize(mine, select=[mine.key])
    assert not result.success
    (sentence,) = failures(result).values()
    assert named in sentence.partition(" is needed first")[0].split("/")
    assert str(project.database) in sentence
    assert "doesn't have it yet" in sentence
    assert not REMEMBERED
    assert project.database.exists() == there


def test_a_frame_that_nobody_can_read_is_said_with_what_can_be(copied: Project) -> None:
    def read(boxes: Any) -> Any:
        return boxes

    read.__annotations__["boxes"] = dict
    mine = asset(key="mine", ins={"boxes": AssetIn(key=BOXES)})(read)
    result = copied.materialize(mine, select=[mine.key])
    assert not result.success
    (sentence,) = failures(result).values()
    assert "DataFrame" in sentence
    assert "DuckDBPyRelation" in sentence
