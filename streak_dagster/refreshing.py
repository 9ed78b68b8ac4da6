"""A refresh from Python: a run of Dagster's in this process, which its UI knows like any other.

Dagster's ``execute_in_process`` makes runs that have no origin: their page in the UI names no target, they
can't be re-executed there, and the daemon doesn't retry them. So the run is made here with all that
Dagster's own launchers record, and then executed by Dagster's own executor.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dagster import AssetKey, DagsterRunStatus

from streak_dagster.automation.dead_runs import PROCESS, process_mark
from streak_dagster.automation.jobs import config_of
from streak_dagster.dagster_internals import (
    DEFAULT_DAGSTER_ENTRY_POINT,
    InMemoryJob,
    JobPythonOrigin,
    LoadableTargetOrigin,
    ManagedGrpcPythonEnvCodeLocationOrigin,
    ModuleCodePointer,
    RemoteRepositoryOrigin,
    RepositoryPythonOrigin,
    execute_run_iterator,
    make_new_run_id,
)
from streak_dagster.failures import failures_of, is_of_a_check
from streak_dagster.namespace import OURS
from streak_dagster.run_storage import kept_open
from streak_dagster.selecting import selected
from streak_dagster.tables import ALL_TABLES
from streak_dagster.warehouse.instances import kept_instances

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dagster import (
        AssetCheckEvaluation,
        DagsterEvent,
        DagsterInstance,
        DagsterRun,
        Definitions,
        EventLogEntry,
        JobDefinition,
    )

MODULE = "streak_dagster"
"""The code location's name, too: what ``dagster dev -m streak_dagster`` and workspace.yaml call it."""
_ATTRIBUTE = "defs"
_REPOSITORY = "__repository__"
"""What Dagster calls the one repository of a code location."""

_SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""The log goes into Dagster's instance, and to who looks on; as Dagster prints it, it is for debugging."""


@dataclass(frozen=True)
class Finished:
    """A run that is over, with the ``events`` that it made."""

    run: DagsterRun
    events: tuple[DagsterEvent, ...]

    @property
    def success(self) -> bool:
        return self.run.status is DagsterRunStatus.SUCCESS

    @property
    def stopped(self) -> bool:
        """Whether somebody told it to stop."""
        return self.run.status is DagsterRunStatus.CANCELED

    def evaluations(self) -> list[AssetCheckEvaluation]:
        return [
            event.asset_check_evaluation_data
            for event in self.events
            if event.event_type_value == "ASSET_CHECK_EVALUATION"
        ]

    def failures(self) -> list[tuple[str, str]]:
        """The step and the reason of each failure; a check that failed is a result, and none."""
        return list(failures_of(event for event in self.events if not is_of_a_check(event)))

    def looked(self) -> set[str]:
        """The keys of the steps that ended well."""
        return {event.step_key or "" for event in self.events if event.is_step_success}


def refresh(
    definitions: Definitions,
    instance: DagsterInstance,
    *,
    select: Sequence[str] = (),
    mode: str | None = None,
    onlooker: Callable[[EventLogEntry], None] | None = None,
) -> Finished:
    """Materialize the assets that the patterns ``select`` name, by default all, in one run.

    ``mode`` is one of ``REFRESH_MODES``; by default it is what the settings say. ``onlooker`` gets every
    entry of the run's log as it is written. Raises SettingsError for a pattern that names nothing.
    """
    job = definitions.resolve_implicit_global_asset_job_def()
    keys = job.asset_layer.executable_asset_keys
    names = selected(select, sorted(key.to_user_string() for key in keys)) if select else None
    chosen = {key for key in keys if names is None or key.to_user_string() in names}
    modal = [table for table in ALL_TABLES if table.has_modes and OURS.table(table.name) in chosen]
    config = dict(config_of(mode, modal).to_config_dict()) if mode else {}  # type: ignore[no-untyped-call]
    return _executed(job, instance, config, chosen, onlooker)


def run_job(definitions: Definitions, instance: DagsterInstance, name: str) -> Finished:
    """Run one of the project's jobs as it is."""
    return _executed(definitions.resolve_job_def(name), instance, {}, None, None)


def _executed(
    job: JobDefinition,
    instance: DagsterInstance,
    config: dict[str, object],
    chosen: set[AssetKey] | None,
    onlooker: Callable[[EventLogEntry], None] | None,
) -> Finished:
    run_id = make_new_run_id()
    with kept_open(instance), kept_instances(), _fewer_looks_for_garbage():
        run = instance.create_run_for_job(
            job,
            run_id=run_id,
            run_config={**config, **_SILENT},
            tags={**job.run_tags, PROCESS: process_mark(run_id)},
            asset_selection=frozenset(chosen) if chosen else None,
            remote_job_origin=_remote_origin().get_job_origin(job.name),
            job_code_origin=_code_origin(job.name),
        )
        if onlooker is not None:
            instance.add_event_listener(run.run_id, onlooker)
        events = tuple(execute_run_iterator(InMemoryJob(job), run, instance))
        return Finished(instance.get_run_by_id(run.run_id) or run, events)


@contextmanager
def _fewer_looks_for_garbage() -> Iterator[None]:
    """Python needn't look through what was imported and built, which stays, at each look for circles.

    Modules and definitions are 200,000 objects, and looking through them was 7 % of a refresh's time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _remote_origin() -> RemoteRepositoryOrigin:
    """Where Dagster's UI and daemon find the run's definitions: by the names of location and repository."""
    target = LoadableTargetOrigin(
        executable_path=sys.executable, module_name=MODULE, working_directory=str(Path.cwd())
    )
    return RemoteRepositoryOrigin(ManagedGrpcPythonEnvCodeLocationOrigin(target, MODULE), _REPOSITORY)


def _code_origin(job: str) -> JobPythonOrigin:
    pointer = ModuleCodePointer(MODULE, _ATTRIBUTE, working_directory=str(Path.cwd()))
    origin = RepositoryPythonOrigin(sys.executable, pointer, entry_point=DEFAULT_DAGSTER_ENTRY_POINT)
    return JobPythonOrigin(job, origin)
