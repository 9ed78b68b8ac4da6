"""One refresh of one table: from the parents that are asked for, to a spool that can be published."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from streak_dagster.sync.confirm import confirm_boxes, confirm_each
from streak_dagster.sync.fetched import Confirmed, Fetched, Source, Spent
from streak_dagster.sync.first_pass import FirstPass
from streak_dagster.sync.lists import numbered_page_size
from streak_dagster.sync.projection import RULES, project
from streak_dagster.sync.spool import Manifest, Spool
from streak_dagster.sync.spool_folders import open_spool
from streak_dagster.sync.walk import Parent, Walk
from streak_dagster.sync.withheld import NOTHING, Withheld
from streak_dagster.tables import Paging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from streak_dagster.api.client import StreakClient
    from streak_dagster.errors import ObjectUnavailableError
    from streak_dagster.sync.lanes import Lanes
    from streak_dagster.sync.plan import ReadingPlan, SincePlan
    from streak_dagster.tables import Endpoint, Table

RESUME_WITHIN = 6 * 3600.0
"""Seconds after its start in which a refresh that was cut short is taken up again."""


def declaration_fingerprint(table: Table, withheld: Withheld = NOTHING) -> str:
    """Changes whenever a change of the declaration, or of how it is applied, could change what is stored.

    So does what the settings have ``withheld`` of the table, and nothing else that is withheld.
    """
    parts = [
        repr((column.api_name, column.type, column.aliases, column.unwrap, column.derived))
        for column in table.columns
    ]
    parts.append(
        f"({table.name!r}, {table.primary_key!r}, {_rendered(table.endpoint)}, {table.parent_column!r}, "
        f"{table.parent_wins!r})"
    )
    parts += [f"({_rendered(each.endpoint)}, {each.parent_column!r})" for each in table.also]
    if table.members is not None:
        members = table.members
        later = () if members.within is None else (members.within,)
        parts.append(repr((members.column, members.order, members.member_as, *later)))
    parts.append(f"rules {RULES}")
    parts += filter(None, [withheld.told(table)])
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()


_PAGING = {
    Paging.SINGLE: "<Paging.NONE: 'none'>",
    Paging.NUMBERED: "<Paging.PAGES: 'pages'>",
    Paging.CURSOR: "<Paging.CURSOR: 'cursor'>",
}
"""What a way of paging is called in a fingerprint. Databases hold fingerprints: no name may ever change."""


def _rendered(endpoint: Endpoint | None) -> str:
    """The endpoint as the first fingerprints had it, with what came later only where it is set."""
    if endpoint is None:
        return "None"
    paging, own = _PAGING[endpoint.paging], endpoint.page_size
    later = "" if own is None else f", page_size={own}"
    if endpoint.params:
        later += f", params={endpoint.params!r}"
    return f"Endpoint(path={endpoint.path!r}, paging={paging}, small={endpoint.small}{later})"


@dataclass(frozen=True)
class Refresher:
    """Refreshes tables of one account. ``account`` names it without holding its key.

    What is ``withheld`` of the answers reaches no disk. ``lanes`` say what goes before these calls, and their
    place among that. What a ``first`` pass asked isn't asked again.
    """

    client: StreakClient
    account: str
    spool_root: Path
    page_size: int
    report: Callable[[str], None]
    published_account: str | None = None
    withheld: Withheld = NOTHING
    lanes: tuple[Lanes, int] | None = None
    first: FirstPass | None = None

    def declaration(self, table: Table) -> str:
        """The fingerprint that rows of a table are stored by."""
        return declaration_fingerprint(table, self.withheld)

    def open_spool(self, table: Table, since: SincePlan | None = None) -> Spool:
        """Where the answers go: into what an earlier refresh left that asked for the same, or a new spool."""
        page_size = numbered_page_size(table.endpoint, self.page_size)
        asked = json.dumps(since.asked) if since and since.asked else None
        manifest = Manifest(
            self.account,
            table.name,
            self.declaration(table),
            page_size,
            since=asked,
            erased=", ".join(self.withheld.erased.ids) or None,
        )
        if self.first is not None:
            if self.first.spool.manifest == manifest:
                self.first.spool.take_stock()
                return self.first.spool
            self.first.spool.discard()  # somebody was erased meanwhile
        return open_spool(self.spool_root, manifest, resume_within=RESUME_WITHIN)

    def fetch_planned(self, table: Table, plan: ReadingPlan, spool: Spool) -> Fetched:
        """Ask for the parents that a plan says to fetch."""
        parents = [Parent(key, counted, fingerprint) for key, fingerprint, counted in plan.fetch]
        total = len(parents) + plan.keep + plan.empty
        fetched = self.fetch(table, parents, spool=spool, total=total)
        return replace(fetched, plan=plan, parents=total)

    def fetch_since(self, table: Table, parents: Sequence[str], since: SincePlan, spool: Spool) -> Fetched:
        """Ask for what each parent's list got since a moment, or for all of it."""
        asked = since.asked
        fetched = self.fetch(table, [Parent(key, since=asked.get(key)) for key in parents], spool=spool)
        before, shown = since.saved_until, fetched.saved_until
        saved_until = {}
        for key in parents:
            moments = [before[key]] if key in before and (key in asked or key in fetched.unreadable) else []
            if key in shown and key not in fetched.unreadable:  # else its rows stay as they were before
                moments.append(shown[key])
            if moments and key not in fetched.gone:
                saved_until[key] = max(moments)
        return replace(fetched, since=since, saved_until=saved_until)

    def fetch(
        self,
        table: Table,
        parents: Sequence[Parent] = (Parent(),),
        *,
        spool: Spool | None = None,
        total: int | None = None,
        also: Sequence[Sequence[Parent]] = (),
    ) -> Fetched:
        """Ask Streak for the rows of every parent, into ``spool`` or one that it opens.

        ``total`` is how many parents there are, where not all are asked. ``also`` are the parents of each
        further list of the table.

        Raises the ApiError that ended the walk; the spool stays, to be resumed.
        """
        spool = spool or self.open_spool(table)
        walks, spent = self._walk(table, (parents, *also), spool, total)
        return Fetched(
            table,
            spool,
            source=self._source(table),
            started_at=spool.started_at,
            parents=len(parents) + sum(map(len, also)),
            resumed=spool.resumed,
            calls_per_second=self.client.rate_limiter.calls_per_second,
            spent=spent,
            gone={key: said for walk in walks for key, said in walk.gone.items()},
            unreadable={key: why for walk in walks for key, why in walk.unreadable.items()},
            # A spool holds the answers of all lists: what one walk doesn't know may be another's.
            unwanted=tuple(sorted(set.intersection(*(set(walk.unwanted) for walk in walks)))),
            saved_until={
                key: until for walk in walks for key, until in walk.first_saved.items() if until is not None
            },
        )

    def ask_first(self, table: Table, parents: Sequence[Sequence[Parent]], spool: Spool) -> FirstPass:
        """Ask for each list of the table by the parents that are foreseen; as ``fetch`` raises."""
        walks, spent = self._walk(table, parents, spool, total=None)
        return FirstPass(spool, tuple(walk.unread for walk in walks), spent)

    def _walk(
        self, table: Table, parents: Sequence[Sequence[Parent]], spool: Spool, total: int | None
    ) -> tuple[list[Walk], Spent]:
        """Walk through each list of the table; also what that took, the first pass included."""
        first = self.first if self.first is not None and self.first.spool is spool else None
        if spool.resumed and first is None:
            self.report(
                f"{table.name}: going on where a refresh was cut short, {spool.resumed:,} answers kept"
            )
        walks = [
            Walk(
                each,
                self.client,
                spool,
                page_size=self.page_size,
                report=self.report,
                withheld=self.withheld,
                unread=first.unread[place] if first else None,
            )
            for place, each in enumerate(table.lists)
        ]
        with _Meter(self.client, spool) as meter:
            for walk, asked in zip(walks, parents, strict=True):
                walk.run(asked, self.lanes[0].lane(self.lanes[1]) if self.lanes else None, total=total)
        return walks, (first.spent if first else Spent()) + meter.spent

    def confirm_boxes(
        self, fetched: Fetched, missing: Mapping[str, Sequence[str]], wanted: AbstractSet[str]
    ) -> Fetched:
        """Ask by key for boxes that the table had and no list showed, before they count as gone.

        ``missing`` are their keys by pipeline, ``wanted`` the pipelines that are copied. A box that is
        still there is kept with its current content, and one of which nothing is known as it was. One that
        the key may not see is no longer copied, but isn't known to be gone: no source says which of both a
        401 means (section 8 of the API notes).
        """
        spool = fetched.spool
        known: set[str] = set()
        gone: set[str] = set()
        present: list[str] = []
        unclear: dict[str, str] = {}
        for answer in spool.answers:
            known.update(answer.confirmed_gone)
            gone.update(set(answer.confirmed_gone).difference(answer.refused))

        with _Meter(self.client, spool) as meter:
            for pipeline, keys in missing.items():
                asked = [key for key in keys if key not in known]
                for found in confirm_boxes(self.client, pipeline, asked):
                    rows = [
                        project(
                            fetched.table,
                            record,
                            synced_at=received_at,
                            parent=pipeline,
                            withheld=self.withheld,
                        )
                        for record, received_at in found.present
                    ]
                    without, met = self.withheld.kept(fetched.table, rows)
                    kept = [row for row in without if row.get("pipeline_key") in wanted]
                    present += [row["key"] for row in kept]
                    unclear |= found.unclear
                    refused = [key for key, error in found.gone.items() if error.status in (401, 403)]
                    gone.update(found.gone.keys() - set(refused))
                    spool.append_confirmation(
                        kept,
                        parent=pipeline,
                        gone=list(found.gone),
                        refused=refused,
                        at=time.time_ns() // 1_000_000,
                        met=met,
                    )
        confirmed = Confirmed(tuple(present), frozenset(gone), unclear)
        return replace(fetched, spent=fetched.spent + meter.spent, confirmed=confirmed)

    def confirm_rows(
        self, fetched: Fetched, missing: Sequence[str]
    ) -> tuple[Fetched, dict[str, ObjectUnavailableError]]:
        """Ask by key for rows, such as pipelines, that the table had and its list no longer shows.

        One that is still there is kept, and so is one of which nothing is known. Returns also those that are
        gone, each with what Streak answered.
        """
        spool = fetched.spool
        with _Meter(self.client, spool) as meter:
            found = confirm_each(self.client, fetched.table, missing)
            projected = [
                project(fetched.table, record, synced_at=received_at, withheld=self.withheld)
                for record, received_at in found.present
            ]
            rows, met = self.withheld.kept(fetched.table, projected)
            if rows:
                spool.append_confirmation(rows, parent="", gone=[], met=met)
        confirmed = Confirmed(tuple(row["key"] for row in rows), unclear=found.unclear)
        return replace(fetched, spent=fetched.spent + meter.spent, confirmed=confirmed), found.gone

    def derive(self, table: Table) -> Fetched:
        """Nothing to ask: the rows are taken out of the parent's, as they are published."""
        return Fetched(
            table, None, source=self._source(table), started_at=time.time_ns() // 1_000_000, parents=0
        )

    def _source(self, table: Table) -> Source:
        return Source(
            self.account,
            self.published_account,
            self.declaration(table),
            left_out=self.withheld.of(table),
            hashed_by=self.withheld.hashed_by,
            erased=self.withheld.erased.ids,
        )


class _Meter:
    """What its block spends of the client; where that fails, the spool is kept for the next run."""

    def __init__(self, client: StreakClient, spool: Spool) -> None:
        self._client, self._spool = client, spool
        self.spent = Spent()

    def __enter__(self) -> _Meter:
        self._before, self._began = self._client.usage.snapshot(), time.monotonic()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._spool.close()
            return
        usage = self._client.usage.since(self._before)
        seconds = time.monotonic() - self._began
        self.spent = Spent(usage.calls, usage.retries, usage.rate_limited, seconds)
