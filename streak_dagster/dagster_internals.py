"""All that we take from below Dagster's public names, in one place, each with what for.

Dagster may move or change any of it in a minor release. ``product/test_dagster_internals.py`` holds what we
need of each, and runs with the oldest and the newest Dagster that we take: there it is known first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dagster._core import errors
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.errors import DagsterExecutionInterruptedError, DagsterUserCodeProcessError
from dagster._core.execution import compute_logs
from dagster._core.execution.api import execute_run_iterator
from dagster._core.execution.context.system import StepExecutionContext
from dagster._core.origin import DEFAULT_DAGSTER_ENTRY_POINT, JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.storage.db_io_manager import DbIOManager, DbTypeHandler, TableSlice
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.sql import create_engine
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.utils import make_new_run_id
from dagster_shared.error import SerializableErrorInfo

if TYPE_CHECKING:
    from dagster import AssetsDefinition

    DefinitionT = TypeVar("DefinitionT", bound=AssetsDefinition)


def loaded_by(definition: DefinitionT, io_manager: str) -> DefinitionT:
    """The definition itself; its op no longer asks for the io manager under the common key.

    There is no setting for it where an output is that of a check. Those go through no io manager, but Dagster
    sets up the one that they name: that of the project, which may need what a check doesn't.
    """
    for output in definition.op.output_defs:
        output._io_manager_key = io_manager  # noqa: SLF001
    return definition


RUNS = (
    ModuleCodePointer,
    InMemoryJob,
    execute_run_iterator,
    DEFAULT_DAGSTER_ENTRY_POINT,
    JobPythonOrigin,
    RepositoryPythonOrigin,
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteRepositoryOrigin,
    LoadableTargetOrigin,
    make_new_run_id,
)
"""A run of ours that the UI knows as its own (``refreshing``), which ``execute_in_process`` doesn't make."""
STOPPING = (
    errors,
    DagsterExecutionInterruptedError,
    DagsterUserCodeProcessError,
    compute_logs,
    SerializableErrorInfo,
)
"""An interrupt that is told in one line, and a terminal's Ctrl-C that ends no log (``stopping``)."""
STORAGE = (SqliteEventLogStorage, SqliteRunStorage, create_engine)
"""Dagster's files that stay open in a run, and are kept small (``run_storage``, ``automation.old_runs``)."""
IO_MANAGERS = (DbIOManager, DbTypeHandler, TableSlice, StepExecutionContext)
"""What ``dagster_duckdb``'s io manager is built on, and so is one that derives from it (``io_manager``)."""
CHECKS = (loaded_by,)
"""A check that leaves a project's io manager alone (``checks``)."""
TYPES = (UnresolvedAssetJobDefinition,)
"""What ``define_asset_job`` returns has no public name."""

__all__ = [
    "DEFAULT_DAGSTER_ENTRY_POINT",
    "DagsterExecutionInterruptedError",
    "DagsterUserCodeProcessError",
    "DbIOManager",
    "DbTypeHandler",
    "InMemoryJob",
    "JobPythonOrigin",
    "LoadableTargetOrigin",
    "ManagedGrpcPythonEnvCodeLocationOrigin",
    "ModuleCodePointer",
    "RemoteRepositoryOrigin",
    "RepositoryPythonOrigin",
    "SerializableErrorInfo",
    "SqliteEventLogStorage",
    "SqliteRunStorage",
    "StepExecutionContext",
    "TableSlice",
    "UnresolvedAssetJobDefinition",
    "compute_logs",
    "create_engine",
    "errors",
    "execute_run_iterator",
    "loaded_by",
    "make_new_run_id",
]
