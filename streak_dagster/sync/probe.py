"""A look at Streak with a handful of calls, to see whether anything changed.

A probe asks for what one call shows whole (teams, snippets, pipelines) and, with the calls that are left,
for pages of boxes: the newest ones of every pipeline first, then the others in turn, over as many probes as
it takes. What a box carries of its children shows whether those can have changed. Nothing here decides that;
see ``warehouse.changes``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from streak_dagster.errors import ABOUT_ONE_OBJECT, ApiError
from streak_dagster.sync.hashing import read_definitions
from streak_dagster.sync.listing import Listing
from streak_dagster.sync.lists import numbered_page_size, paginator_for
from streak_dagster.sync.projection import project
from streak_dagster.sync.refresh import declaration_fingerprint
from streak_dagster.sync.selection import means
from streak_dagster.sync.spool import Manifest, Spool
from streak_dagster.sync.spool_folders import open_spool
from streak_dagster.sync.withheld import NOTHING, Withheld
from streak_dagster.tables import ALL_TABLES, PIPELINE_BOXES, PIPELINES, Kind, Paging

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from streak_dagster.api.client import StreakClient
    from streak_dagster.api.envelopes import Page
    from streak_dagster.tables import Table

MAX_CALLS = 8
"""Calls of one probe, retries aside: under a second of the account's budget."""
MAX_NEWEST = 4
"""Pipelines whose newest boxes one probe looks at."""


@dataclass(frozen=True)
class Position:
    """Where the next probe goes on: the pipeline whose newest boxes come next, and the older page."""

    newest: str = ""
    older: str = ""
    page: int = 1


@dataclass
class ProbedTable:
    """What a probe saw of one table: projected rows in a spool.

    ``whole`` are the parents whose list was read to its end; for a table without parents, an empty name.
    """

    table: Table
    spool: Spool
    whole: set[str] = field(default_factory=set)


class Probe:
    """One look at the lists of these ``tables``, where a handful of calls shows anything of them.

    ``wanted`` names the pipelines that are copied, by name or key; empty for all.
    ``folder`` is where its rows go, until the ``with`` block ends; what is ``withheld`` doesn't.
    """

    _client: StreakClient

    def __init__(
        self,
        folder: Path,
        *,
        account: str,
        page_size: int,
        tables: Sequence[Table] = ALL_TABLES,
        wanted: Sequence[str] = (),
        withheld: Withheld = NOTHING,
    ) -> None:
        self._folder = folder
        self._account = account
        self._page_size = page_size
        self._tables = tables
        self._wanted = wanted
        self._withheld = withheld
        self.calls = 0
        self.pages = 0
        """Pages of boxes that were looked at."""
        self.seen: dict[str, ProbedTable] = {}
        self.unread: dict[str, str] = {}
        """Lists that couldn't be looked at, and why; the others were."""
        self._answered = False
        self._ends: dict[str, int] = {}
        """By pipeline, the number of its pages, where a page showed it."""
        self._counts: dict[str, int] = {}
        """By pipeline, its boxes as Streak counts them."""

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_: object) -> None:
        for seen in self.seen.values():
            seen.spool.discard()

    def look(self, client: StreakClient, position: Position) -> Position:
        """Ask, and say where the next probe goes on.

        A list that can't be looked at is left out and named. Raises the ApiError of a call without which
        nothing is seen: of the pipelines, or of the second one where none was answered.
        """
        self._client = client
        for table in self._tables:
            if table.kind is Kind.ACCOUNT_LIST and table is not PIPELINES and _shows_whole(table):
                self._fetch_if_it_answers(table)
        if PIPELINES not in self._tables:
            return position
        pipelines = [record for record in self._fetch(PIPELINES).records if self._is_wanted(record)]
        keys = sorted(_key(record) for record in pipelines)
        defined = {_key(record): read_definitions(record.get("fields")) for record in pipelines}
        self._withheld = replace(self._withheld, fields=defined) if self._withheld is not NOTHING else NOTHING
        self._counts = {_key(record): count for record in pipelines if (count := _count(record)) is not None}
        if PIPELINE_BOXES not in self._tables:
            return position
        self._rows(PIPELINE_BOXES)
        turn = _from(keys, position.newest)
        for key in turn[:MAX_NEWEST]:
            self._fetch_boxes(key, 0)
        newest = turn[MAX_NEWEST] if len(turn) > MAX_NEWEST else position.newest
        for key, page in self._older(keys, position):
            if self.calls >= MAX_CALLS:
                return Position(newest, key, page)
            self._fetch_boxes(key, page)
        return Position(newest)

    def _older(self, keys: Sequence[str], position: Position) -> Iterator[tuple[str, int]]:
        """Pages other than the newest, each once, from where the last probe stopped."""
        for key in _from(keys, position.older):
            page = position.page if key == position.older else 1
            while page < self._ends.get(key, page + 1):
                yield key, page
                page += 1

    def _fetch_boxes(self, pipeline: str, number: int) -> None:
        try:
            page = self._fetch(PIPELINE_BOXES, pipeline, number)
        except ABOUT_ONE_OBJECT as error:  # it may also be gone since the pipelines were listed
            self._ends[pipeline] = 0
            self._leave_out(f"boxes of pipeline {pipeline}", error)
        else:
            self.pages += 1
            self._note_end(pipeline, number, page)

    def _fetch_if_it_answers(self, table: Table) -> None:
        try:
            self._fetch(table)
        except ABOUT_ONE_OBJECT as error:
            self._leave_out(table.name, error)

    def _leave_out(self, subject: str, error: ApiError) -> None:
        if self.unread and not self._answered:
            raise error
        self.unread[subject] = str(error)

    def _fetch(self, table: Table, parent: str = "", number: int = 0) -> Page:
        """One page, kept as rows."""
        listing, token = Listing(table, self._client), str(number)
        params = paginator_for(listing.endpoint, self._page_size).params(token)
        if table is PIPELINE_BOXES:
            params["sortBy"] = "lastUpdatedTimestamp"
        self.calls += 1
        answer = listing.page(parent, params)
        self._answered = True
        page, seen = answer.content, self._rows(table)
        rows = [
            project(
                table,
                record,
                synced_at=answer.received_at,
                parent=parent or None,
                withheld=self._withheld,
            )
            for record in page.records
            if table is not PIPELINES or self._is_wanted(record)
        ]
        seen.spool.append(
            self._withheld.kept(table, rows)[0],
            parent=parent,
            token=token,
            more=page.more,
            digest="",
        )
        size = numbered_page_size(listing.endpoint, self._page_size)
        is_full = size is not None and len(page.records) >= size
        if table is not PIPELINE_BOXES and not (page.more or (page.more is None and is_full)):
            seen.whole.add(parent)
        return page

    def _note_end(self, pipeline: str, number: int, page: Page) -> None:
        """Remember where the list ends; one page that Streak calls the last is all of it.

        Without Streak's word a short page may have been filtered, so the list ends at an empty one. A first
        page that holds as many as Streak counts is taken for all of it: what that misses is left to the
        schedule, and nothing counts as gone.
        """
        count = len(page.records)
        if page.more is False:
            self._ends[pipeline] = number + 1
            if number == 0:
                self.seen[PIPELINE_BOXES.name].whole.add(pipeline)
        elif count == 0 or (page.more is None and self._is_all(pipeline, number, count)):
            self._ends[pipeline] = number + 1

    def _is_all(self, pipeline: str, number: int, count: int) -> bool:
        return count > self._page_size or (number == 0 and self._counts.get(pipeline) == count)

    def _rows(self, table: Table) -> ProbedTable:
        if table.name not in self.seen:
            manifest = Manifest(self._account, table.name, declaration_fingerprint(table, self._withheld))
            self.seen[table.name] = ProbedTable(table, open_spool(self._folder, manifest, resume_within=0))
        return self.seen[table.name]

    def _is_wanted(self, record: dict[str, Any]) -> bool:
        return not self._wanted or any(means(each, _key(record), record.get("name")) for each in self._wanted)


def _shows_whole(table: Table) -> bool:
    """Whether one call may show the whole list; one by cursor is too long for that."""
    return table.endpoint is not None and table.endpoint.paging is not Paging.CURSOR


def _key(record: dict[str, Any]) -> str:
    return str(record.get("key") or record.get("pipelineKey"))


def _count(record: dict[str, Any]) -> int | None:
    count = record.get("boxCount")
    return count if isinstance(count, int) else None


def _from(keys: Sequence[str], first: str) -> list[str]:
    """The keys in turn, beginning with ``first`` or, where it is gone, with its place."""
    place = next((index for index, key in enumerate(keys) if key >= first), 0)
    return [*keys[place:], *keys[:place]]
