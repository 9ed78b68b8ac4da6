"""What we take from below Dagster's public names is there, and takes what we give it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import dagster
import pytest
from dagster import DagsterInstance, in_process_executor

from streak_dagster import dagster_internals as internals
from streak_dagster_tests.support.imports import MODULES, PRODUCT

ALL = (
    *internals.RUNS,
    *internals.CHECKS,
    *internals.STOPPING,
    *internals.STORAGE,
    *internals.IO_MANAGERS,
    *internals.TYPES,
)


def test_nobody_else_takes_anything_from_there() -> None:
    others = {
        module: name
        for module, path in MODULES.items()
        if module.startswith(PRODUCT) and module != f"{PRODUCT}.dagster_internals"
        for name in _imported(Path(path))
        if name.startswith(("dagster._", "dagster_shared", "dagster_duckdb._"))
    }
    assert others == {}


def _imported(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    return found + [
        name.name for each in ast.walk(tree) if isinstance(each, ast.Import) for name in each.names
    ]


def test_each_is_said_what_for() -> None:
    assert len(ALL) == len(internals.__all__)
    assert {id(getattr(internals, name)) for name in internals.__all__} == {id(each) for each in ALL}


@pytest.mark.parametrize(
    ("taken", "parameters"),
    [
        (internals.execute_run_iterator, ["job", "dagster_run", "instance"]),
        (internals.RepositoryPythonOrigin, ["executable_path", "code_pointer", "entry_point"]),
        (internals.JobPythonOrigin, ["job_name", "repository_origin"]),
        (internals.SerializableErrorInfo, ["message", "stack", "cls_name"]),
        (internals.SqliteEventLogStorage.conn_string_for_shard, ["shard_name"]),
        (internals.SqliteEventLogStorage.path_for_shard, ["run_id"]),
        (internals.SqliteEventLogStorage.has_table, ["table_name"]),
        (DagsterInstance.create_run_for_job, ["job_def", "run_id", "remote_job_origin", "job_code_origin"]),
        (internals.DbIOManager._get_table_slice, ["context", "output_context"]),
    ],
    ids=lambda each: getattr(each, "__qualname__", ""),
)
def test_what_we_call_takes_what_we_give(taken: object, parameters: list[str]) -> None:
    assert callable(taken)
    known = inspect.signature(taken.__new__ if _is_named_tuple(taken) else taken).parameters
    assert [each for each in parameters if each not in known] == []


def _is_named_tuple(taken: object) -> bool:
    return isinstance(taken, type) and issubclass(taken, tuple)


def test_the_attributes_that_are_replaced_in_a_run_are_there() -> None:
    """``stopping`` and ``run_storage`` put something in their place, and back."""
    assert callable(internals.errors.raise_interrupts_as)  # type: ignore[attr-defined]
    assert inspect.ismodule(internals.compute_logs.subprocess)  # type: ignore[attr-defined]
    for name in ("_connect", "_initdb"):
        assert callable(getattr(internals.SqliteEventLogStorage, name))
    source = inspect.getsource(internals.SqliteEventLogStorage)
    assert "_db_lock" in source
    assert "_initialized_dbs" in source
    assert "_conn_string" in inspect.getsource(internals.SqliteRunStorage)


def test_origins_are_made_as_we_make_them() -> None:
    target = internals.LoadableTargetOrigin(executable_path="p", module_name="m", working_directory="w")
    where = internals.ManagedGrpcPythonEnvCodeLocationOrigin(target, "m")
    assert internals.RemoteRepositoryOrigin(where, "r").get_job_origin("j").job_name == "j"
    pointer = internals.ModuleCodePointer("m", "defs", working_directory="w")
    assert internals.JobPythonOrigin("j", internals.RepositoryPythonOrigin("p", pointer)).job_name == "j"


def test_what_asset_jobs_are_is_what_we_call_them() -> None:
    made = dagster.define_asset_job("any", executor_def=in_process_executor)
    assert isinstance(made, internals.UnresolvedAssetJobDefinition)
