"""What an asset refreshes its table with: one look at what is published, then Streak.

An asset of a kind that needs no more calls ``fetch_list``, ``fetch_planned`` or ``derive``.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dagster import AssetExecutionContext, Config

from streak_dagster.assets.plain_data import tell_of_plain_data
from streak_dagster.assets.sample import refuse_sample
from streak_dagster.failures import named_failures
from streak_dagster.settings import REFRESH_MODES, field_of
from streak_dagster.sync.account import confirm_same_account
from streak_dagster.sync.hashing import read_definitions
from streak_dagster.sync.refresh import Refresher
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import Kind
from streak_dagster.warehouse.meta import SAMPLE
from streak_dagster.warehouse.published import PlanRequest, Snapshot, take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from streak_dagster.resources import StreakResource, WarehouseResource
    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.sync.plan import ReadingPlan
    from streak_dagster.sync.spool import Spool
    from streak_dagster.sync.withheld import Withheld
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.database import Database

RETRY_AFTER = 10.0
"""Seconds, about, before an asset is run again; doubled for the next time."""


class RefreshConfig(Config):
    """How much of what can be asked for in part is read in one run."""

    refresh: str | None = field_of("STREAK_REFRESH", default=None, note="Unset: as for other runs.")


@dataclass(frozen=True)
class RefreshSession:
    """What a refresh of ``table`` asks with, and what was ``published`` as it began.

    ``opened`` is the spool for the answers; None for a table that asks nothing.
    """

    table: Table
    refresher: Refresher
    published: Snapshot
    opened: Spool | None

    @property
    def spool(self) -> Spool:
        """Where the answers go."""
        assert self.opened is not None, f"{self.table.name} asks nothing"
        return self.opened

    def fetch(self, parents: Sequence[Parent] = (Parent(),)) -> Fetched:
        """Ask for the rows of every parent; of a list of the account, there is one without a key."""
        also = [[Parent(key) for key in keys] for keys in self.published.also]
        return self.refresher.fetch(self.table, parents, spool=self.spool, also=also)


def fetch_list(
    table: Table, context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    """The whole list of the account, or that of each row of the parent as it is published.

    Raises ValueError for a planned table, whose parents are too many to ask all of them each time, and for
    one that can be asked for what changed.
    """
    if table.is_planned:
        raise ValueError(f"{table.name} is planned: its asset calls fetch_planned, not fetch_list")
    if table.changed_since is not None:
        raise ValueError(f"{table.name} has modes: its asset calls fetch_since, not fetch_list")
    with refresh_session(table, context, streak, warehouse) as session:
        if table.parent is None:
            return session.fetch()
        return session.fetch([Parent(key) for key in session.published.parents])


def fetch_planned(
    table: Table,
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Fetched:
    """The lists of the parent's rows that a plan says to fetch: all, or those that can have changed.

    Raises ValueError for a table that isn't planned: nothing shows which of its parents changed.
    """
    if not table.is_planned:
        raise ValueError(f"{table.name} isn't planned: its asset calls fetch_list, not fetch_planned")
    mode = config.refresh or streak.refresh
    with refresh_session(table, context, streak, warehouse, mode=mode) as session:
        plan = session.published.plan
        assert plan is not None, "a mode asks for a plan"
        return session.refresher.fetch_planned(table, plan, session.spool)


def fetch_since(
    table: Table,
    context: AssetExecutionContext,
    config: RefreshConfig,
    streak: StreakResource,
    warehouse: WarehouseResource,
) -> Fetched:
    """The list of each row of the parent: all of it, or what was saved since a moment.

    Raises ValueError for a table whose lists can't be asked so.
    """
    if table.changed_since is None:
        raise ValueError(f"{table.name} can't be asked for what changed: its asset calls fetch_list")
    mode = config.refresh or streak.refresh
    with refresh_session(table, context, streak, warehouse, mode=mode) as session:
        since = session.published.since
        assert since is not None, "a mode asks for a moment"
        return session.refresher.fetch_since(table, session.published.parents, since, session.spool)


def derive(
    table: Table, context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Fetched:
    """The rows that the parent's rows hold; they are taken out as they are published, without a call."""
    with refresh_session(table, context, streak, warehouse) as session:
        return session.refresher.derive(table)


@contextmanager
def refresh_session(
    table: Table,
    context: AssetExecutionContext,
    streak: StreakResource,
    warehouse: WarehouseResource,
    *,
    mode: str | None = None,
) -> Iterator[RefreshSession]:
    """A session for one refresh, in a step of Dagster's.

    ``mode``, of a table that has them, is one of ``REFRESH_MODES``.
    """
    doing = f"refreshing {context.asset_key.to_user_string()}"
    with named_failures(doing, context.instance, context.run.run_id, tried=context.retry_number):
        _wait_before_retry(context)
        with begun(
            table,
            streak,
            warehouse,
            warehouse.open(),
            mode=mode,
            refreshed={key.path[-1] for key in context.job_def.asset_layer.executable_asset_keys},
            report=context.log.info,
            warn=context.log.warning,
        ) as session:
            yield session


@contextmanager
def begun(
    table: Table,
    streak: StreakResource,
    warehouse: WarehouseResource,
    database: Database,
    *,
    mode: str | None,
    refreshed: Collection[str],
    report: Callable[[str], None],
    warn: Callable[[str], None],
) -> Iterator[RefreshSession]:
    """A session for one refresh of ``database``, which is the ``warehouse``'s or stands for it.

    ``refreshed`` are the tables of the whole run. Before the first call, the database is checked: whether it
    can be written, by this version, and with this account's data.
    """
    client = streak.client
    if mode is not None:
        REFRESH_MODES.read("refresh", mode)
    database.check(warn)
    client.resume()
    refresher = Refresher(
        client=client,
        account=streak.account,
        spool_root=database.spool_root,
        page_size=streak.page_size,
        report=report,
        withheld=streak.withheld(database),
    )
    with tempfile.TemporaryDirectory(prefix="streak-plan-") as folder:
        published = take_snapshot(
            database,
            table,
            streak.account,
            any_account=warehouse.allow_account_change,
            plan=_plan_request(refresher, table, Path(folder), mode, streak) if mode else None,
            report=report,
            hashed_by=refresher.withheld.hashed_by,
        )
        if published.erased:
            erased = replace(refresher.withheld, erased=published.erased)
            refresher = replace(refresher, withheld=erased)
        # Before the spool is opened, which removes those that other accounts left.
        _refuse_another_account(streak, warehouse, published)
        tell_of_plain_data(table, published, refreshed, warn)
        spool = None if table.kind is Kind.DERIVED else refresher.open_spool(table, published.since)
        if published.plan and spool:
            published = replace(published, plan=_moved(published.plan, spool))
    refresher = replace(
        refresher,
        published_account=published.account,
        withheld=_knowing_fields(refresher.withheld, published),
    )
    try:
        yield RefreshSession(table, refresher, published, spool)
    except BaseException:
        if spool:
            spool.close()  # a retry in this process takes it up, too
        raise


def _plan_request(
    refresher: Refresher,
    table: Table,
    folder: Path,
    mode: str,
    streak: StreakResource,
) -> PlanRequest:
    return PlanRequest(
        declaration=refresher.declaration(table),
        path=folder / "plan.parquet",
        changed=mode == "changed",
        complete_after=streak.complete_every_hours * 3600,
        report=refresher.report,
    )


def _knowing_fields(withheld: Withheld, published: Snapshot) -> Withheld:
    """What is withheld, with what custom fields take: so that the key of an option isn't taken for words."""
    if not published.defined:
        return withheld
    fields = {key: read_definitions(json.loads(text)) for key, text in published.defined.items()}
    return replace(withheld, fields=fields)


def _moved(plan: ReadingPlan, spool: Spool) -> ReadingPlan:
    """The plan with its file in the folder of the spool that it is published with."""
    try:
        return replace(plan, path=Path(shutil.move(plan.path, spool.folder / plan.path.name)))
    except BaseException:
        spool.close()
        raise


def _refuse_another_account(
    streak: StreakResource, warehouse: WarehouseResource, published: Snapshot
) -> None:
    """Raises AccountMismatchError where the database holds the data of an account that isn't the key's."""
    if streak.account == SAMPLE:
        refuse_sample(warehouse.database, published.account)
    elif published.account not in (None, SAMPLE, streak.account) and not warehouse.allow_account_change:
        confirm_same_account(streak.client, published.teams)


def _wait_before_retry(context: AssetExecutionContext) -> None:
    """Give what failed some time. Here, because Dagster's own waiting can't be interrupted."""
    if context.retry_number:
        seconds = RETRY_AFTER * 2 ** (context.retry_number - 1) * random.uniform(0.5, 1.5)  # noqa: S311
        context.log.info("%s: going on in %.0f s", context.asset_key.to_user_string(), seconds)
        time.sleep(seconds)
