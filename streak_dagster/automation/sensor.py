"""The sensor: looks at Streak with a handful of calls, and refreshes what can have changed."""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dagster import (
    DefaultSensorStatus,
    RunRequest,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)

from streak_dagster.api.client import StoppedError
from streak_dagster.api.retries import RetryLimits
from streak_dagster.automation.dead_runs import call_dead_runs_failed
from streak_dagster.automation.jobs import changed_config
from streak_dagster.automation.running import running_refresh
from streak_dagster.automation.sensor_cursor import (
    SensorCursor,
    clock,
    forget_refused,
    refused_at,
    remember_refused,
)
from streak_dagster.automation.staleness import Staleness, staleness_of
from streak_dagster.errors import ApiError, KeyRefusedError, WarehouseError
from streak_dagster.exclusion import chosen_tables
from streak_dagster.sync.probe import MAX_CALLS, Probe
from streak_dagster.sync.refresh import declaration_fingerprint
from streak_dagster.warehouse.changes import find_changes
from streak_dagster.warehouse.erasures import known_erasures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster import DagsterInstance

    from streak_dagster.api.client import StreakClient
    from streak_dagster.dagster_internals import UnresolvedAssetJobDefinition
    from streak_dagster.namespace import Namespace
    from streak_dagster.resources import StreakResource, WarehouseResource
    from streak_dagster.settings import Settings

LOOK_LIMITS = RetryLimits(attempts=2, seconds=10.0, longest_wait=2.0)
"""A look that fails is repeated soon enough, and Dagster gives it a minute."""
READ_SECONDS = 15.0
ANSWER_SECONDS = 20.0
"""For the whole of an answer, which may trickle."""
MAX_LOOK = 40.0
LOCK_WAIT = 5.0
ASK_A_REFUSED_KEY_AGAIN = 3600.0
"""Seconds: a key that was refused by mistake works again by itself."""


def change_sensor(
    settings: Settings,
    streak: StreakResource,
    warehouse: WarehouseResource,
    job: UnresolvedAssetJobDefinition,
    names: Namespace,
) -> SensorDefinition:
    """Asks ``job`` for a changed refresh of the assets that can have changed since they were published."""

    @sensor(
        name=names.of_account("change_sensor"),
        job=job,
        minimum_interval_seconds=settings.probe_seconds,
        default_status=DefaultSensorStatus.RUNNING if settings.sensor else DefaultSensorStatus.STOPPED,
        description=f"Looks at Streak with at most {MAX_CALLS} calls every STREAK_PROBE_INTERVAL, and "
        "refreshes what can have changed. Runs by itself where STREAK_SENSOR is on.",
    )
    def streak_change_sensor(context: SensorEvaluationContext) -> SensorResult | SkipReason:
        cursor = SensorCursor.of(context.cursor)
        account = streak.outside_a_run()
        reason = _why_not(context.instance, account, cursor, names)
        if reason is not None:
            return SkipReason(reason)
        return _look(context.instance, account, warehouse, cursor, names)

    return streak_change_sensor


def _why_not(
    instance: DagsterInstance, streak: StreakResource, cursor: SensorCursor, names: Namespace
) -> str | None:
    """Why Streak isn't looked at now; nothing is called to find out."""
    if not streak.has_key:
        return streak.refusal or "STREAK_API_KEY isn't set; the built-in sample doesn't change."
    call_dead_runs_failed(instance, streak.budget_name, names)
    busy = running_refresh(instance, streak.budget_name, names)
    if busy is not None:
        return f"Not looking, because {busy}."
    refused = refused_at(instance, streak.account)
    if refused is not None and 0 <= time.time() - refused < ASK_A_REFUSED_KEY_AGAIN:
        return (
            f"Streak refused the API key at {clock(refused)}, so it isn't asked again until "
            f"{clock(refused + ASK_A_REFUSED_KEY_AGAIN)}. Set {streak.key_name} to a valid one and restart."
        )
    if cursor.waits():
        return f"Streak couldn't be looked at {cursor.failures} times in a row: {_until(cursor.look_after)}"
    return None


def _look(
    instance: DagsterInstance,
    streak: StreakResource,
    warehouse: WarehouseResource,
    cursor: SensorCursor,
    names: Namespace,
) -> SensorResult:
    """One look, and what follows from it. A refused key is raised once, and remembered."""
    try:
        staleness, cursor = _look_for_staleness(streak, warehouse, cursor)
    except KeyRefusedError as error:
        known = refused_at(instance, streak.account) is not None
        remember_refused(instance, streak.account)
        if not known:
            raise
        return _skip(str(error), cursor)
    except (ApiError, StoppedError) as error:
        cursor = cursor.failed()
        told = f"Streak took longer than {MAX_LOOK:.0f} s." if isinstance(error, StoppedError) else error
        return _skip(f"{told} {_until(cursor.look_after)}", cursor)
    except WarehouseError as error:
        return _skip(str(error), cursor)
    forget_refused(instance, streak.account)
    if not staleness.tables:
        return _skip(staleness.reason, cursor)
    if not cursor.may_request(staleness.digest):
        told = (
            f"{staleness.reason} A refresh was asked for and didn't bring it in. {_until(cursor.ask_after)}"
        )
        return _skip(told, cursor)
    cursor = cursor.requested(staleness.digest)
    request = RunRequest(
        run_key=f"{staleness.digest} {cursor.asks}",
        asset_selection=[names.table(table.name) for table in staleness.tables],
        run_config=changed_config(staleness.tables, names),
        tags={"streak/because": staleness.reason[:250]},
    )
    return SensorResult(run_requests=[request], cursor=cursor.as_cursor())


def _until(moment: float) -> str:
    return f"Waiting until {clock(moment)}."


def _look_for_staleness(
    streak: StreakResource, warehouse: WarehouseResource, cursor: SensorCursor
) -> tuple[Staleness, SensorCursor]:
    database = replace(warehouse.open(), lock_wait=LOCK_WAIT)
    tables = chosen_tables(streak.exclude)
    withheld = streak.withheld(database)
    if database.exists():
        with database.connect(read_only=True) as session:
            if erased := known_erasures(session):
                withheld = replace(withheld, erased=erased)
    declarations = {table.name: declaration_fingerprint(table, withheld) for table in tables}
    with (
        tempfile.TemporaryDirectory(prefix="streak-look-") as folder,
        Probe(
            Path(folder),
            account=streak.account,
            page_size=streak.page_size,
            tables=tables,
            wanted=streak.pipelines,
            withheld=withheld,
        ) as probe,
    ):
        with (
            streak.connected(LOOK_LIMITS, read_seconds=READ_SECONDS, answer_seconds=ANSWER_SECONDS) as client,
            _bounded(client),
        ):
            position = probe.look(client, cursor.position)
        found = find_changes(database, probe.seen.values(), declarations)
    return staleness_of(found, probe, tables), cursor.looked(position)


@contextmanager
def _bounded(client: StreakClient) -> Iterator[None]:
    """Stop the client where a look takes too long, for whatever reason: Streak's 429 may ask for minutes."""
    timer = threading.Timer(MAX_LOOK, client.abort)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _skip(told: str, cursor: SensorCursor) -> SensorResult:
    return SensorResult(skip_reason=SkipReason(told), cursor=cursor.as_cursor())
