"""What a table is refreshed with: one look at what is published, then Streak."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.assets.plain_data import tell_of_plain_data
from streak_dagster.assets.sample import refuse_sample
from streak_dagster.settings import REFRESH_MODES
from streak_dagster.sync.account import confirm_same_account
from streak_dagster.sync.hashing import read_definitions
from streak_dagster.sync.refresh import Refresher
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import Kind
from streak_dagster.warehouse.meta import SAMPLE
from streak_dagster.warehouse.published import PlanRequest, Snapshot, take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from streak_dagster.api.client import StreakClient
    from streak_dagster.resources import StreakResource, WarehouseResource
    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.sync.first_pass import FirstPass
    from streak_dagster.sync.lanes import Lanes
    from streak_dagster.sync.plan import ReadingPlan
    from streak_dagster.sync.spool import Spool
    from streak_dagster.sync.withheld import Withheld
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.database import Database


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
    client: StreakClient | None = None,
    lanes: tuple[Lanes, int] | None = None,
    first: FirstPass | None = None,
) -> Iterator[RefreshSession]:
    """A session for one refresh of ``database``, which is the ``warehouse``'s or stands for it.

    ``refreshed`` are the tables of the whole run, ``client`` is what it asks with, and ``lanes`` say what
    goes before its calls, and its place among that. What a ``first`` pass asked isn't asked again. Before the
    first call, the database is checked: whether it can be written, by this version, and with this account's
    data.
    """
    client = client or streak.client
    if mode is not None:
        REFRESH_MODES.read("refresh", mode)
    database.check(warn)
    client.resume()
    refresher = refresher_of(streak, database, client, report, lanes=lanes, first=first)
    with tempfile.TemporaryDirectory(prefix="streak-plan-") as folder:
        published = take_snapshot(
            database,
            table,
            streak.account,
            any_account=warehouse.allow_account_change,
            plan=plan_request(refresher, table, Path(folder), mode, streak) if mode else None,
            report=report,
            hashed_by=refresher.withheld.hashed_by,
        )
        if published.erased:
            erased = replace(refresher.withheld, erased=published.erased)
            refresher = replace(refresher, withheld=erased)
        # Before the spool is opened, which removes those that other accounts left.
        _refuse_another_account(client, streak, warehouse, published)
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


def refresher_of(
    streak: StreakResource,
    database: Database,
    client: StreakClient,
    report: Callable[[str], None],
    *,
    lanes: tuple[Lanes, int] | None,
    first: FirstPass | None = None,
) -> Refresher:
    """What asks for the account of ``streak``, as far as it is known before the database is looked at."""
    return Refresher(
        client=client,
        account=streak.account,
        spool_root=database.spool_root,
        page_size=streak.page_size,
        report=report,
        withheld=streak.withheld(database),
        lanes=lanes,
        first=first,
    )


def plan_request(
    refresher: Refresher,
    table: Table,
    folder: Path,
    mode: str,
    streak: StreakResource,
) -> PlanRequest:
    """How a table that has modes is to be refreshed, with a plan in ``folder``, if one is made."""
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
    client: StreakClient, streak: StreakResource, warehouse: WarehouseResource, published: Snapshot
) -> None:
    """Raises AccountMismatchError where the database holds the data of an account that isn't the key's."""
    if streak.account == SAMPLE:
        refuse_sample(warehouse.database, published.account)
    elif published.account not in (None, SAMPLE, streak.account) and not warehouse.allow_account_change:
        confirm_same_account(client, published.teams)
