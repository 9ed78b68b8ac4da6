"""Begins a refresh of each table as a run does, and counts what it would go on to ask."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.assets.reading import counted, read_boxes, read_pipelines
from streak_dagster.assets.session import begun
from streak_dagster.errors import SettingsError, TableMissingError
from streak_dagster.exclusion import chosen_tables
from streak_dagster.planned.rows import Plan, PlannedTable
from streak_dagster.planned.scratch import Scratch
from streak_dagster.resources import StreakResource, WarehouseResource, streak_resource, warehouse_resource
from streak_dagster.selecting import names_of, selected
from streak_dagster.sync.confirm import BATCH
from streak_dagster.sync.forecast import calls_of_walk, cursor_calls, says_more
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import PIPELINE_BOXES, PIPELINES, TEAMS, Kind
from streak_dagster.warehouse.ddl import SCHEMA
from streak_dagster.warehouse.published import published_pipelines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streak_dagster.assets.session import RefreshSession
    from streak_dagster.settings import Settings
    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.tables import Table


def plan_of(
    settings: Settings,
    *,
    select: Sequence[str] = (),
    refresh: str | None = None,
    report: Callable[[str], None] = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
) -> Plan:
    """What a run with the same options would ask of Streak, a row a table.

    ``select`` are patterns as ``selecting.selected`` takes them, ``refresh`` is ``complete`` or ``changed``
    where it isn't the setting's. The calls that this costs go through the account's budget. ``report`` gets a
    line for each step, ``warn`` what a person should know, such as who holds the database. Raises what the
    run would fail with before it publishes: a refused key, another account's database, a table that is needed
    and isn't there.
    """
    if settings.missing_key:
        raise SettingsError(settings.missing_key)
    tables = _chosen(settings, select)
    named, warehouse = streak_resource(settings), warehouse_resource(settings)
    streak, mode = named.outside_a_run(), refresh or settings.refresh
    with tempfile.TemporaryDirectory(prefix="streak-plan-") as folder, streak.connected_as_in_a_run():
        scratch = Scratch(Path(folder), warehouse.open(), tables, warn)
        planner = _Planner(streak, warehouse, scratch, tables, mode, report, warn)
        try:
            planned = [planner.plan(each) for each in tables]
        except TableMissingError as error:  # in the scratch that planning reads: so not in the database
            raise TableMissingError(
                str(error).replace(scratch.database.location, warehouse.database)
            ) from None
        return Plan(tuple(planned), streak.client.usage.calls, mode, streak.calls_per_second)


def _chosen(settings: Settings, select: Sequence[str]) -> list[Table]:
    """The tables among what is selected; views cost no call."""
    tables = {f"{SCHEMA}/{each.name}": each for each in chosen_tables(settings.exclude)}
    return [tables[name] for name in selected(select, names_of(settings.exclude)) if name in tables]


@dataclass
class _Planner:
    """Plans the ``tables`` in their order; each finds what those before it would have published."""

    streak: StreakResource
    warehouse: WarehouseResource
    scratch: Scratch
    tables: Sequence[Table]
    mode: str
    report: Callable[[str], None]
    warn: Callable[[str], None]
    boxes: int | None = None
    """How many boxes there are, where they were counted and not listed."""
    asked: bool = field(default=False, init=False)
    """Whether a table before would have asked: then the run knows that the key works."""

    def plan(self, table: Table) -> PlannedTable:
        before = self.streak.client.usage.snapshot()
        with begun(
            table,
            self.streak,
            self.warehouse,
            self.scratch.database,
            mode=self.mode if table.has_modes else None,
            refreshed={each.name for each in self.tables},
            report=self.report,
            warn=self.warn,
        ) as session:
            opening = self.streak.client.usage.since(before).calls
            fetched = self._listed(session)
            # What a run makes, too: to make sure of the account, and all calls of a list that is read here.
            made = self.streak.client.usage.since(before).calls
            if fetched is not None:
                planned = PlannedTable(table.name, made)
            else:
                planned = self._counted(session, opening)
                fetched = session.refresher.derive(table)
            self.scratch.note(fetched)
            if session.opened is not None:
                session.opened.discard()
        self.asked |= planned.calls > 0
        return planned

    def _listed(self, session: RefreshSession) -> Fetched | None:
        """What Streak lists now, for a table by whose rows others are asked; None for any other."""
        table, database = session.table, self.scratch.database
        if table is TEAMS:
            fetched = session.fetch()
        elif table is PIPELINES:
            fetched = read_pipelines(session, self.streak, self.warehouse)
        elif table is PIPELINE_BOXES and self._boxes_must_be_listed():
            fetched = read_boxes(session, self.streak, database, published_pipelines(self.scratch.database))
        else:
            return None
        self.scratch.publish(
            fetched, replaces=session.published.is_replaced, max_shrink=self.warehouse.max_shrink
        )
        return fetched

    def _boxes_must_be_listed(self) -> bool:
        """Only the boxes themselves show which of them changed; how many there are, their pipelines do."""
        if self.mode == "changed" and any(each.is_planned for each in self.tables):
            return True
        return any(each.expected is None for each in counted(published_pipelines(self.scratch.database)))

    def _counted(self, session: RefreshSession, opening: int) -> PlannedTable:
        """The row of a table that isn't listed here; ``opening`` are the calls of its refresh so far."""
        table = session.table
        if table.kind is Kind.DERIVED:
            return PlannedTable(table.name, 0)
        if table.is_planned:
            return self._of_boxes(session, opening)
        if table is PIPELINE_BOXES:
            return self._boxes_by_count(session, opening)
        if table.kind is Kind.TEAM_LIST:
            return self._by_cursor(session, opening)
        size, known = session.refresher.page_size, session.spool.pages()
        keys = (session.published.parents if table.parent else ("",), *session.published.also)
        calls = opening
        for each, parents in zip(table.lists, keys, strict=True):
            assert each.endpoint is not None
            calls += calls_of_walk(each.endpoint, [Parent(key) for key in parents], size, known)
        if table.optional and any(keys) and not (self.asked or opening):
            calls += 1  # a run makes sure of the key first: see ``Listing.prepare``
        return PlannedTable(table.name, calls)

    def _of_boxes(self, session: RefreshSession, opening: int) -> PlannedTable:
        table, plan = session.table, session.published.plan
        assert plan is not None
        assert table.endpoint is not None
        parents = [Parent(key, expected, fingerprint) for key, fingerprint, expected in plan.fetch]
        size, known = session.refresher.page_size, session.spool.pages()
        refresh = "changed" if plan.changed else "complete"
        if self.boxes is None:
            total = len(parents) + plan.keep + plan.empty
            calls = opening + calls_of_walk(table.endpoint, parents, size, known)
            return PlannedTable(table.name, calls, refresh, total, len(parents), plan.keep, plan.empty)
        # Each box is one call; lists of several pages are known by the boxes as they are published.
        further = calls_of_walk(table.endpoint, parents, size, {}) - len(parents)
        calls = opening + max(0, self.boxes - len(known)) + further
        return PlannedTable(table.name, calls, refresh, self.boxes, self.boxes, 0, 0)

    def _boxes_by_count(self, session: RefreshSession, opening: int) -> PlannedTable:
        """The pages of each pipeline, as many as its boxes fill; which of them are gone isn't known."""
        table, size, known = session.table, session.refresher.page_size, session.spool.pages()
        parents = counted(published_pipelines(self.scratch.database))
        self.boxes = sum(each.expected or 0 for each in parents)
        told = True
        if parents:
            largest = max(parents, key=lambda each: each.expected or 0)
            told = says_more(table, session.refresher.client, largest.key, size)
        assert table.endpoint is not None
        calls = opening + calls_of_walk(table.endpoint, parents, size, known, says_more=told)
        published = {} if session.published.is_replaced else self.scratch.boxes_by_pipeline()
        gone = [published.get(each.key, 0) - (each.expected or 0) for each in parents]
        # A batch of keys is one call, and each that it leaves out is asked for by itself.
        by_key = sum(1 if each == 1 else -(-each // BATCH) + each for each in gone if each > 0)
        return PlannedTable(table.name, calls + by_key, certain=not by_key)

    def _by_cursor(self, session: RefreshSession, opening: int) -> PlannedTable:
        table, since = session.table, session.published.since
        asked = since.asked if since else {}
        calls, certain = opening, True
        for key in session.published.parents:
            found, sure = cursor_calls(
                table,
                session.refresher.client,
                Parent(key, since=asked.get(key)),
                page_size=session.refresher.page_size,
                known=session.spool.pages(),
                rows=self.scratch.rows_of(table, key),
            )
            calls, certain = calls + found, certain and sure
        refresh = None if since is None else "changed" if asked else "complete"
        return PlannedTable(table.name, calls, refresh, certain=certain)
