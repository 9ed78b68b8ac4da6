"""What refreshes leave behind is bounded: every night by itself, and after each `streak-dagster run`."""

import os

from dagster import (
    Config,
    DagsterInstance,
    DefaultScheduleStatus,
    JobDefinition,
    MetadataValue,
    Nothing,
    OpExecutionContext,
    Out,
    RunConfig,
    ScheduleDefinition,
    in_process_executor,
    job,
    op,
)

from streak_dagster.automation.leftovers import remove_leftovers
from streak_dagster.automation.old_runs import can_tidy, remove_old_runs
from streak_dagster.automation.removal import Removed
from streak_dagster.failures import named_failures
from streak_dagster.namespace import OURS, Namespace
from streak_dagster.resources import WarehouseResource
from streak_dagster.settings import Settings, field_of
from streak_dagster.warehouse.database import Database

_AFTER_A_RUN = 20.0
"""Seconds, because somebody waits for the command to end; what is left is for the next time."""
_A_DAILY_RUN = 600.0


class HousekeepingConfig(Config):
    """What to keep."""

    keep_days: int | None = field_of("STREAK_KEEP_RUNS", note="In days; none keeps all.")


def housekeeping_job(settings: Settings, names: Namespace = OURS) -> JobDefinition:
    """The job: it asks nothing of Streak and opens no database of the copy."""
    does = names.op("remove_what_is_old")

    @op(
        name=does,
        description="Removes runs and ticks older than STREAK_KEEP_RUNS from a Dagster home that "
        "streak-dagster made, and what killed processes left behind.",
        required_resource_keys={names.warehouse},
        out=Out(Nothing, io_manager_key=names.io_manager),  # which isn't asked for anything
    )
    def remove_what_is_old(context: OpExecutionContext, config: HousekeepingConfig) -> None:
        warehouse: WarehouseResource = getattr(context.resources, names.warehouse)
        instance = context.instance
        with named_failures("keeping house", instance, context.run_id, words=warehouse.worded):
            removed = _tidied(instance, warehouse.open(), config.keep_days, seconds=_A_DAILY_RUN)
        if not can_tidy(instance):
            context.log.info(
                "This Dagster home isn't one that streak-dagster made: its runs and ticks were left."
            )
        context.log.info("Removed %s.", removed)
        context.add_output_metadata(
            {
                "runs": removed.runs,
                "ticks": removed.ticks,
                "abandoned spools": removed.spools,
                "files left behind": removed.other,
                "freed (MB)": MetadataValue.float(round(removed.freed / 1e6, 3)),
                "runs left for the next time": removed.left,
            }
        )

    @job(
        name=names.of_account("housekeeping"),
        config=RunConfig(ops={does: HousekeepingConfig(keep_days=settings.keep_days)}),
        tags=names.tags,
        executor_def=in_process_executor,
        description="Removes what is old or left behind, see STREAK_KEEP_RUNS. Asks nothing of Streak.",
    )
    def streak_housekeeping() -> None:
        remove_what_is_old()

    return streak_housekeeping


def housekeeping_schedule(settings: Settings, names: Namespace = OURS) -> ScheduleDefinition:
    """Every night, by itself: at a time at which no refresh is scheduled."""
    return ScheduleDefinition(
        name=names.of_account("housekeeping_schedule"),
        job=housekeeping_job(settings, names),
        cron_schedule="17 3 * * *",
        execution_timezone=settings.timezone,
        default_status=DefaultScheduleStatus.RUNNING,
        description="Removes what is old every night, see STREAK_KEEP_RUNS.",
    )


def tidied_after_a_run(settings: Settings) -> list[str]:
    """Keep house after a run. The lines to print: one if anything was removed. Raises nothing."""
    try:
        with DagsterInstance.get() as instance:
            removed = _tidied(instance, Database(settings.database), settings.keep_days, seconds=_AFTER_A_RUN)
    except Exception as error:  # noqa: BLE001 - the tables are published, whatever is the matter here
        return [f"Housekeeping of {os.environ.get('DAGSTER_HOME')} was put off: {error}"]
    return [f"\nHousekeeping removed {removed}: see STREAK_KEEP_RUNS."] if removed else []


def _tidied(
    instance: DagsterInstance, database: Database, keep_days: int | None, *, seconds: float
) -> Removed:
    return remove_old_runs(instance, keep_days, seconds=seconds) + remove_leftovers(database)
