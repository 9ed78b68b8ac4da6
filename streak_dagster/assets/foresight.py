"""A first pass over a table, by parents that are read and not published yet: no call waits for that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.assets.reading import counted
from streak_dagster.assets.session import plan_request, refresher_of
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import PIPELINE_BOXES, Kind
from streak_dagster.warehouse.foreseen import ForeseenRows, Outlook, take_outlook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streak_dagster.api.client import StreakClient
    from streak_dagster.resources import StreakResource, WarehouseResource
    from streak_dagster.sync.first_pass import FirstPass
    from streak_dagster.sync.lanes import Lanes
    from streak_dagster.sync.spool import Spool
    from streak_dagster.tables import Table


class Foresight:
    """What is known of a run's ``tables`` before they are published. ``modes`` is as in ``Readings``.

    Nothing is foreseen where the database has another account's data or can't be looked at now, by rows so
    few that they may be refused, and where personal data is hashed: what that leaves readable is said by
    published fields. Of a ``changed`` refresh the boxes' lists aren't, either: what is asked is decided by
    what is published.
    """

    def __init__(
        self,
        streak: StreakResource,
        warehouse: WarehouseResource,
        tables: Sequence[Table],
        modes: Mapping[str, str],
    ) -> None:
        self._streak, self._database, self._tables, self._modes = streak, warehouse.open(), tables, modes
        self._max_shrink = warehouse.max_shrink
        self._outlook: Outlook | None = None
        self._rows = ForeseenRows()
        self._noted: set[str] = set()
        if not streak.hash_personal_data:
            self._outlook = self._look()

    def note(self, table: Table, spool: Spool, unwanted: Sequence[str]) -> None:
        """Take note of the rows that were read of a table, but for those ``unwanted``."""
        asked = [each for each in self._tables if each.kind is not Kind.DERIVED and table in each.parents]
        if asked and self._outlook is not None and table.name not in self._noted:
            rows = self._rows.note(
                table, spool.rows_path, spool.largest_object, unwanted=unwanted, asked=asked
            )
            # Fewer may be refused, and nothing is asked in vain.
            if rows is not None and rows >= self._outlook.rows.get(table.name, 0) * (1 - self._max_shrink):
                self._noted.add(table.name)

    def may_ask(self, table: Table) -> bool:
        """Whether all is known that a first pass over the table is asked by."""
        is_known = bool(table.parents) and all(each.name in self._noted for each in table.parents)
        return is_known and not (table.is_planned and self._modes[table.name] != "complete")

    def begin(
        self, table: Table, client: StreakClient, lanes: tuple[Lanes, int], report: Callable[[str], None]
    ) -> Callable[[], FirstPass]:
        """Get ready to ask for the table's lists, into a spool that stays open.

        What it returns asks for them, and raises as ``Refresher.fetch`` does.
        """
        assert self._outlook is not None, "nothing is foreseen"
        refresher = refresher_of(self._streak, self._database, client, report, lanes=lanes)
        if self._outlook.erased:
            refresher = replace(refresher, withheld=replace(refresher.withheld, erased=self._outlook.erased))
        spool = refresher.open_spool(table, self._outlook.since.get(table.name))
        try:
            parents = self._parents(table)
        except BaseException:
            spool.close()
            raise
        return lambda: refresher.ask_first(table, parents, spool)

    def close(self) -> None:
        self._rows.close()

    def _look(self) -> Outlook | None:
        """None where the data may be another account's: its steps make sure of that first."""
        streak, database = self._streak, replace(self._database, lock_wait=0.0)
        refresher = refresher_of(streak, database, streak.client, lambda _: None, lanes=None)
        requests = {
            table: plan_request(refresher, table, Path(), self._modes[table.name], streak)
            for table in self._tables
            if table.changed_since is not None
        }
        parents = {each.name: each for table in self._tables for each in table.parents}
        outlook = take_outlook(database, streak.account, requests, list(parents.values()))
        return outlook if outlook and outlook.account in (None, streak.account) else None

    def _parents(self, table: Table) -> list[list[Parent]]:
        """By what each list of the table is asked."""
        if table is PIPELINE_BOXES:
            return [counted(self._rows.pipelines())]
        if table.is_planned:
            return [[Parent(key, expected, mark) for key, mark, expected in self._rows.to_fetch(table)]]
        since = self._outlook.since.get(table.name) if self._outlook else None
        asked = since.asked if since else {}
        return [
            [Parent(key, since=asked.get(key)) for key in self._rows.keys(each)] for each in table.parents
        ]
