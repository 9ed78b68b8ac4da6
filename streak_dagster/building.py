"""The definitions of one account, which merge with any project's: nothing that they set is anybody else's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dagster import (
    AssetDep,
    AssetKey,
    AssetSpec,
    Definitions,
    FreshnessPolicy,
    TableColumnDep,
    TableColumnLineage,
)

from streak_dagster.assets import assets_of
from streak_dagster.assets.base import Execute
from streak_dagster.assets.views import view_assets_of, view_specs
from streak_dagster.automation.alerts import failure_alert
from streak_dagster.automation.due import LATE, STALE
from streak_dagster.automation.housekeeping import housekeeping_schedule
from streak_dagster.automation.jobs import jobs_of
from streak_dagster.automation.schedule import refresh_schedule
from streak_dagster.automation.sensor import change_sensor
from streak_dagster.checks.table_checks import checks_of
from streak_dagster.errors import SettingsError
from streak_dagster.exclusion import chosen_tables, without_all_but
from streak_dagster.io_manager import StreakDuckDBIOManager
from streak_dagster.namespace import Namespace
from streak_dagster.resources import WarehouseResource, streak_resource, warehouse_resource
from streak_dagster.warehouse.database import Database

if TYPE_CHECKING:
    from dagster import AssetExecutionContext

    from streak_dagster.account import StreakAccount
    from streak_dagster.settings import Settings
    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.tables import Table

_LINEAGE = "dagster/column_lineage"
_TABLE = "dagster/table_name"


def build_streak_definitions(
    account: StreakAccount,
    *,
    key_prefix: str | Sequence[str] = ("streak",),
    group_name: str | None = None,
    owners: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
    specs: Callable[[AssetSpec], AssetSpec] | None = None,
    execute: Callable[[AssetExecutionContext, Callable[[], Fetched]], Fetched] | None = None,
    tables: Sequence[str] | None = None,
    views: bool = True,
    checks: bool = True,
    schedule: bool = True,
    sensor: bool = True,
) -> Definitions:
    """The definitions of one Streak account: assets, asset checks, jobs, schedules, sensors and resources.

    They merge with those of any project and of other accounts: ``Definitions.merge(mine, theirs)``. No
    executor, no logger and nothing under the key ``io_manager`` is among them; the account's jobs bring an
    executor of their own. What is made is called by the account's name: with ``acme``, the jobs
    ``acme_complete``, ``acme_changed``, ``acme_checks`` and ``acme_housekeeping``, the schedules
    ``acme_complete_schedule`` and ``acme_housekeeping_schedule``, the sensors ``acme_change_sensor`` and,
    with a webhook, ``acme_failure_alert``, the resources ``acme``, ``acme_warehouse`` and
    ``acme_io_manager``. Its runs have the tag ``streak/account``, its steps take a place in the pool
    ``acme``.

    Args:
        account: The account, with its key and database.
        key_prefix: What the assets' keys begin with: ``["acme", "streak"]`` makes ``acme/streak/teams`` of a
            table and ``acme/streak_views/deals`` of a ready answer. Two accounts need two.
        group_name: One group for all assets, in place of one a kind of table.
        owners: Who owns the assets, as Dagster writes owners: an address, or ``team:name``.
        tags: Tags that all assets get beside their own.
        specs: Called with the spec of each asset, returns the one that it is to have: another key,
            description, group, automation condition, owners, tags or further dependencies. The dependencies
            between the account's assets, and their column lineage, follow other keys by themselves.
        execute: Called in the step of each table with Dagster's context and a function that asks Streak;
            returns what that returns. For what is to be done before or after.
        tables: The tables to copy, by name, such as ``pipeline_boxes``; by default all. What the account's
            ``exclude`` leaves out stays out.
        views: Whether there are assets of the typed views and the ready answers.
        checks: Whether there are asset checks, and the job that makes them alone.
        schedule: Whether there are a schedule that refreshes and one that keeps house. Whether the first runs
            by itself is said by the account's ``schedule``.
        sensor: Whether there is the sensor that refreshes what changed. Whether it runs by itself is said by
            the account's ``sensor``.

    Returns:
        Definitions in which keys are named, not read: Dagster resolves an ``EnvVar`` in the run.

    Raises:
        SettingsError: for a table that doesn't exist or is made from one that is left out, and where
            ``specs`` gives two assets one key.
    """
    settings = account.settings
    if tables is not None:
        if not tables:
            raise SettingsError("tables names none. Name those to copy, or leave it out for all of them.")
        tables = tables.split(",") if isinstance(tables, str) else tables
        settings = replace(settings, exclude=without_all_but(tables, settings.exclude))
    prefix = (key_prefix,) if isinstance(key_prefix, str) else tuple(key_prefix)
    if not prefix or not all(prefix):
        raise SettingsError(
            f"key_prefix is {key_prefix!r}. Give it names, such as {[account.name, 'streak']}."
        )
    names = Namespace(account.name, prefix)
    copied = chosen_tables(settings.exclude)

    def told(spec: AssetSpec) -> AssetSpec:
        spec = spec.replace_attributes(
            group_name=group_name or spec.group_name,
            owners=[*(owners or ())],
            tags={**spec.tags, **names.tags, **(tags or {})},
        )
        theirs: object = specs(spec) if specs else spec
        if not isinstance(theirs, AssetSpec):
            key = spec.key.to_user_string()
            raise SettingsError(f"specs returned {theirs!r} for {key}. Return the spec that it is to have.")
        return theirs

    catalog = "" if account.is_of_environment else f"{Database(settings.database).catalog}."
    before = {
        key: spec.replace_attributes(metadata={**spec.metadata, **_where(spec, catalog)})
        for key, spec in _specs(settings, copied, names, with_views=views).items()
    }
    after = {key: told(spec) for key, spec in before.items()}
    names = replace(names, renamed=_renamed(after))
    dressed = {key: _following(before[key], spec, names.renamed) for key, spec in after.items()}
    return _definitions(
        account,
        settings,
        copied,
        names,
        dressed,
        execute=execute,
        checks=checks,
        schedule=schedule,
        sensor=sensor,
    )


def _definitions(
    account: StreakAccount,
    settings: Settings,
    tables: Sequence[Table],
    names: Namespace,
    specs: Mapping[AssetKey, AssetSpec],
    *,
    execute: Execute | None,
    checks: bool,
    schedule: bool,
    sensor: bool,
) -> Definitions:
    streak = streak_resource(settings, account.secrets)
    warehouse = warehouse_resource(settings, names_fields=not account.is_of_environment)
    # Only so is it one resource to Dagster, whoever asks for it, also where a run's config says otherwise.
    in_a_run = WarehouseResource.configure_at_launch(**warehouse.model_dump())
    plain = replace(names, renamed={})
    assets = [each.of(names, specs[plain.table(each.table.name)], execute) for each in assets_of(tables)]
    of_views = [spec for key, spec in specs.items() if tuple(key.path[:-1]) == names.view_prefix]
    if of_views:
        assets += view_assets_of(tables, names, of_views)
    made = checks_of(tables, names) if checks else []
    jobs = jobs_of(tables, assets, made, names)
    schedules = [refresh_schedule(settings, streak, jobs, names), housekeeping_schedule(settings, names)]
    sensors = [change_sensor(settings, streak, warehouse, jobs.changed, names)] if sensor else []
    if account.has_alert:
        sensors.append(failure_alert(settings, account.secrets, names))
    return Definitions(
        assets=assets,
        asset_checks=made,
        jobs=[each for each in jobs if checks or each is not jobs.checks],
        schedules=schedules if schedule else [],
        sensors=sensors,
        resources={
            names.streak: streak,
            names.warehouse: in_a_run,
            names.io_manager: StreakDuckDBIOManager(warehouse=in_a_run),
        },
    )


def _specs(
    settings: Settings, tables: Sequence[Table], names: Namespace, *, with_views: bool
) -> dict[AssetKey, AssetSpec]:
    """What the assets say of themselves before a project has its say, by their keys."""
    fresh = _freshness(settings)
    made = [each.spec(names) for each in assets_of(tables)]
    made += view_specs(tables, names) if with_views else []
    return {spec.key: spec.replace_attributes(freshness_policy=fresh) for spec in made}


def _where(spec: AssetSpec, catalog: str) -> dict[str, str]:
    """The name of its table with that of its database: Dagster links assets that have one table."""
    table = spec.metadata.get(_TABLE)
    return {_TABLE: f"{catalog}{table}"} if table else {}


def _freshness(settings: Settings) -> FreshnessPolicy:
    """Late when a refresh was missed, and stale when the next one was, too."""
    interval = timedelta(minutes=settings.refresh_minutes)
    return FreshnessPolicy.time_window(warn_window=interval * LATE, fail_window=interval * STALE)


def _renamed(specs: Mapping[AssetKey, AssetSpec]) -> dict[AssetKey, AssetKey]:
    """The keys that a project gave in place of ours."""
    taken: dict[AssetKey, AssetKey] = {}
    for before, spec in specs.items():
        if spec.key in taken:
            both = f"{taken[spec.key].to_user_string()} and {before.to_user_string()}"
            raise SettingsError(f"specs gives {both} the same key, {spec.key.to_user_string()}.")
        taken[spec.key] = before
    return {before: key for key, before in taken.items() if key != before}


def _following(before: AssetSpec, told: AssetSpec, renamed: Mapping[AssetKey, AssetKey]) -> AssetSpec:
    """What a project made of a spec, with all of our metadata, and with what it refers to by today's keys."""
    metadata = {**before.metadata, **told.metadata}
    lineage = before.metadata.get(_LINEAGE)
    if lineage is not None and metadata[_LINEAGE] == lineage:
        columns = {
            column: [
                TableColumnDep(renamed.get(dep.asset_key, dep.asset_key), dep.column_name) for dep in deps
            ]
            for column, deps in lineage.deps_by_column.items()
        }
        metadata[_LINEAGE] = TableColumnLineage(columns)
    return told.replace_attributes(
        deps=[
            AssetDep(renamed.get(dep.asset_key, dep.asset_key), partition_mapping=dep.partition_mapping)
            for dep in told.deps
        ],
        metadata=metadata,
    )
