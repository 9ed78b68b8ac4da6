"""One refresh of one table: from the question whom to ask, to a spool that can be published."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streak_dagster.sync.projection import project
from streak_dagster.sync.spool import Manifest, Spool, open_spool
from streak_dagster.sync.walk import Parent, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from streak_dagster.api.client import StreakClient
    from streak_dagster.api.paging import Record
    from streak_dagster.sync.projection import Row
    from streak_dagster.tables import Table

RESUME_WITHIN = 6 * 3600.0
"""Seconds after its start in which a refresh that was cut short is taken up again."""


@dataclass
class Refresh:
    """What a refresh brought, ready to be published.

    ``calls``, ``retries`` and ``refusals`` (429s) are HTTP calls of this process; ``resumed`` are the
    answers taken over from a refresh that was cut short. ``seconds`` is the time spent asking, and
    ``calls_per_second`` what the budget allowed in it.
    ``gone`` are the boxes that Streak no longer had when their children were asked for.
    """

    table: Table
    spool: Spool
    parents: int = 1
    calls: int = 0
    retries: int = 0
    refusals: int = 0
    resumed: int = 0
    seconds: float = 0.0
    calls_per_second: float = 0.0
    gone: dict[str, str] = field(default_factory=dict)


def declaration_fingerprint(table: Table) -> str:
    """Changes whenever a change of the declaration could change what is stored."""
    parts = [
        repr((column.property, column.type, column.twins, column.unwrap, column.derived))
        for column in table.columns
    ]
    parts.append(
        repr((table.name, table.primary_key, table.endpoint, table.parent_column, table.parent_wins))
    )
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Derived:
    """Records that a parent's row holds, each with its position (None where it has none)."""

    key: str
    records: Sequence[tuple[int | None, Record]]
    synced_at: int
    """When Streak answered with the parent, in milliseconds."""


@dataclass(frozen=True)
class Refresher:
    """Refreshes tables of one account. ``account`` names it without holding its key."""

    client: StreakClient
    account: str
    spool_root: Path
    page_size: int
    report: Callable[[str], None]

    def ask(
        self,
        table: Table,
        parents: Sequence[Parent] = (Parent(),),
        *,
        keep: Callable[[Row], bool] = lambda row: True,  # noqa: ARG005
    ) -> Refresh:
        """Ask Streak for the rows of every parent; rows that ``keep`` refuses are left out.

        Raises the ApiError that ended the walk; the spool stays, to be resumed.
        """
        spool = self._open(table)
        before, began = self.client.usage.snapshot(), time.monotonic()
        refresh = Refresh(
            table,
            spool,
            parents=len(parents),
            resumed=len(spool.answers),
            calls_per_second=self.client.budget.calls_per_second,
        )
        if refresh.resumed:
            self.report(
                f"{table.name}: going on where a refresh was cut short, {refresh.resumed:,} answers kept"
            )
        walk = Walk(table, self.client, spool, page_size=self.page_size, report=self.report, keep=keep)
        try:
            walk.run(parents)
        except BaseException:
            spool.close()
            raise
        spent = self.client.usage.since(before)
        refresh.calls, refresh.retries, refresh.refusals = spent.calls, spent.retries, spent.refusals
        refresh.seconds = time.monotonic() - began
        refresh.gone = walk.gone
        return refresh

    def derive(self, table: Table, parents: Iterable[Derived]) -> Refresh:
        """Take rows out of what another table already holds, without a call."""
        spool = self._open(table, resume_within=0)
        refresh = Refresh(table, spool, parents=0)
        for parent in parents:
            refresh.parents += 1
            rows = [
                project(table, record, synced_at=parent.synced_at, parent=parent.key, position=position)
                for position, record in parent.records
            ]
            spool.append(rows, parent=parent.key, page=0, more=False, fingerprint="")
        return refresh

    def _open(self, table: Table, resume_within: float = RESUME_WITHIN) -> Spool:
        manifest = Manifest(self.account, table.name, declaration_fingerprint(table))
        return open_spool(self.spool_root, manifest, resume_within=resume_within)
