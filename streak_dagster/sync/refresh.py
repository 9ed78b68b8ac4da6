"""One refresh of one table: from the question whom to ask, to a spool that can be published."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streak_dagster.sync.confirm import confirm_boxes, confirm_each
from streak_dagster.sync.projection import RULES, project
from streak_dagster.sync.spool import Manifest, Spool, open_spool
from streak_dagster.sync.walk import Parent, Walk
from streak_dagster.tables import Paging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from streak_dagster.api.client import StreakClient
    from streak_dagster.api.paging import Record
    from streak_dagster.errors import ObjectUnavailableError
    from streak_dagster.sync.plan import ReadingPlan
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.publish import Publication

RESUME_WITHIN = 6 * 3600.0
"""Seconds after its start in which a refresh that was cut short is taken up again."""


@dataclass
class Refresh:
    """What a refresh brought, ready to be published.

    ``calls``, ``retries`` and ``rate_limited`` (429s) are HTTP calls of this process; ``resumed`` are the
    answers taken over from a refresh that was cut short. ``seconds`` is the time spent asking, and
    ``calls_per_second`` what the budget allowed in it. ``gone`` are the boxes that Streak no longer had
    when their children were asked for, ``unreadable`` the boxes or pipelines whose rows couldn't be
    read, each with the reason; what is spooled of such a pipeline isn't all of it, but the rows in
    ``confirmed_keys`` are what Streak answered when it was asked for them by key. ``confirmed_gone`` are
    keys that weren't listed and that Streak, when asked, called gone. ``unclear`` are keys of rows that no
    list showed, and asking by key didn't tell whether they are gone. ``unwanted`` are the parents in the
    spool (for a table without parents, the rows) that aren't to be published. ``plan`` says which boxes
    were asked, for a table that is read box by box. ``published_account`` is the account that this one may
    replace in the database. ``publication`` is what publishing it did.
    """

    table: Table
    spool: Spool
    parents: int = 1
    calls: int = 0
    retries: int = 0
    rate_limited: int = 0
    resumed: int = 0
    seconds: float = 0.0
    calls_per_second: float = 0.0
    gone: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    unclear: dict[str, str] = field(default_factory=dict)
    unwanted: list[str] = field(default_factory=list)
    confirmed_keys: list[str] = field(default_factory=list)
    confirmed_gone: set[str] = field(default_factory=set)
    plan: ReadingPlan | None = None
    publication: Publication | None = None
    account: str = ""
    published_account: str | None = None
    declaration: str = ""


def declaration_fingerprint(table: Table) -> str:
    """Changes whenever a change of the declaration, or of how it is applied, could change what is stored."""
    parts = [
        repr((column.api_name, column.type, column.aliases, column.unwrap, column.derived))
        for column in table.columns
    ]
    parts.append(
        repr((table.name, table.primary_key, table.endpoint, table.parent_column, table.parent_wins))
    )
    parts.append(f"rules {RULES}")
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
    published_account: str | None = None

    def fetch_planned(self, table: Table, make_plan: Callable[[str, Path], ReadingPlan]) -> Refresh:
        """Ask for the boxes that a plan says to fetch.

        ``make_plan`` gets the declaration's fingerprint and where the plan's file goes.
        """
        spool = self._open(table)
        try:
            plan = make_plan(declaration_fingerprint(table), spool.folder / "plan.parquet")
        except BaseException:
            spool.close()
            raise
        parents = [Parent(key, counted, fingerprint) for key, fingerprint, counted in plan.fetch]
        boxes = len(parents) + plan.keep + plan.empty
        refresh = self.fetch(table, parents, spool=spool, boxes=boxes)
        refresh.plan, refresh.parents = plan, boxes
        return refresh

    def fetch(
        self,
        table: Table,
        parents: Sequence[Parent] = (Parent(),),
        *,
        spool: Spool | None = None,
        boxes: int | None = None,
    ) -> Refresh:
        """Ask Streak for the rows of every parent, into ``spool`` or one that it opens.

        ``boxes`` is how many there are, where not all are asked.

        Raises the ApiError that ended the walk; the spool stays, to be resumed.
        """
        spool = spool or self._open(table)
        refresh = Refresh(
            table,
            spool,
            parents=len(parents),
            resumed=len(spool.answers),
            calls_per_second=self.client.rate_limiter.calls_per_second,
            **self._provenance(table),
        )
        if refresh.resumed:
            self.report(
                f"{table.name}: going on where a refresh was cut short, {refresh.resumed:,} answers kept"
            )
        walk = Walk(table, self.client, spool, page_size=self.page_size, report=self.report)
        with self._measured(refresh):
            walk.run(parents, boxes=boxes)
        refresh.gone, refresh.unreadable, refresh.unwanted = walk.gone, walk.unreadable, walk.unwanted
        return refresh

    def confirm_boxes(
        self, refresh: Refresh, missing: Mapping[str, Sequence[str]], wanted: AbstractSet[str]
    ) -> None:
        """Ask by key for boxes that the table had and no list showed, before they count as gone.

        ``missing`` are their keys by pipeline, ``wanted`` the pipelines that are copied. A box that is
        still there is kept with its current content, and one of which nothing is known as it was. One that
        the key may not see is no longer copied, but isn't known to be gone: no source says which of both a
        401 means (section 8 of the API notes).
        """
        known: set[str] = set()
        for answer in refresh.spool.answers:
            known.update(answer.confirmed_gone)
            refresh.confirmed_gone.update(set(answer.confirmed_gone).difference(answer.refused))
        with self._measured(refresh):
            for pipeline, keys in missing.items():
                asked = [key for key in keys if key not in known]
                for found in confirm_boxes(self.client, pipeline, asked):
                    rows = [
                        project(refresh.table, record, synced_at=received_at, parent=pipeline)
                        for record, received_at in found.present
                    ]
                    kept = [row for row in rows if row.get("pipeline_key") in wanted]
                    refresh.confirmed_keys += [row["key"] for row in kept]
                    refresh.unclear |= found.unclear
                    refused = [key for key, error in found.gone.items() if error.status in (401, 403)]
                    refresh.confirmed_gone.update(found.gone.keys() - set(refused))
                    refresh.spool.append_confirmation(
                        kept, parent=pipeline, gone=list(found.gone), refused=refused
                    )

    def confirm_pipelines(
        self, refresh: Refresh, missing: Sequence[str]
    ) -> dict[str, ObjectUnavailableError]:
        """Ask by key for pipelines that the table had and the list no longer shows.

        One that is still there is kept, and so is one of which nothing is known. Returns those that are
        gone, each with what Streak answered.
        """
        with self._measured(refresh):
            found = confirm_each(self.client, refresh.table, missing)
            rows = [
                project(refresh.table, record, synced_at=received_at) for record, received_at in found.present
            ]
            refresh.confirmed_keys += [row["key"] for row in rows]
            refresh.unclear = found.unclear
            if rows:
                refresh.spool.append_confirmation(rows, parent="", gone=[])
        return found.gone

    @contextmanager
    def _measured(self, refresh: Refresh) -> Iterator[None]:
        """Add what the block spends to the refresh; keep the spool for the next run where it fails."""
        before, began = self.client.usage.snapshot(), time.monotonic()
        try:
            yield
        except BaseException:
            refresh.spool.close()
            raise
        spent = self.client.usage.since(before)
        refresh.calls += spent.calls
        refresh.retries += spent.retries
        refresh.rate_limited += spent.rate_limited
        refresh.seconds += time.monotonic() - began

    def derive(self, table: Table, parents: Iterable[Derived]) -> Refresh:
        """Take rows out of what another table already holds, without a call."""
        spool = self._open(table, resume_within=0)
        refresh = Refresh(table, spool, parents=0, **self._provenance(table))
        for parent in parents:
            refresh.parents += 1
            rows = [
                project(table, record, synced_at=parent.synced_at, parent=parent.key, position=position)
                for position, record in parent.records
            ]
            spool.append(rows, parent=parent.key, page=0, more=False, digest="")
        return refresh

    def _provenance(self, table: Table) -> dict[str, Any]:
        return {
            "account": self.account,
            "published_account": self.published_account,
            "declaration": declaration_fingerprint(table),
        }

    def _open(self, table: Table, resume_within: float = RESUME_WITHIN) -> Spool:
        paged = table.endpoint is not None and table.endpoint.paging is Paging.PAGES
        page_size = self.page_size if paged else None
        manifest = Manifest(self.account, table.name, declaration_fingerprint(table), page_size)
        return open_spool(self.spool_root, manifest, resume_within=resume_within)
