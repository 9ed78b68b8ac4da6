"""What others are asked by of a table that isn't published yet, as far as its answers show it.

The answers are read in an instance of DuckDB that has no file: the database may be written meanwhile, or not
be there yet. What counts in the end is what is published; see ``sync.first_pass``.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb

from streak_dagster.errors import WarehouseError
from streak_dagster.sync.erased import Erasures
from streak_dagster.sync.plan import SincePlan
from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.ddl import quoted, quoted_list
from streak_dagster.warehouse.erasures import known_erasures
from streak_dagster.warehouse.planning import fingerprint_columns, fingerprinted_boxes
from streak_dagster.warehouse.published import BOXES_OF_PIPELINES, plan_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.database import Database
    from streak_dagster.warehouse.published import PipelineSize, PlanRequest
    from streak_dagster.warehouse.session import Session


@dataclass(frozen=True)
class Outlook:
    """What stays the same while a run publishes: whose data it is, and who was ``erased``.

    ``account`` is None for a new database. ``since`` says by table from when on its lists can be asked, and
    ``rows`` how many rows a table had that others are asked by.
    """

    account: str | None = None
    erased: Erasures = field(default_factory=Erasures)
    since: Mapping[str, SincePlan] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)


def take_outlook(
    database: Database, account: str, requests: Mapping[Table, PlanRequest], parents: Sequence[Table]
) -> Outlook | None:
    """Look once for all tables of a run by ``account``; ``requests`` has those to be asked from a moment.

    None where the database can't be looked at: the step that reads says why.
    """
    if not database.exists():
        return Outlook(since={each.name: SincePlan(changed=False) for each in requests})
    with suppress(WarehouseError, duckdb.Error), database.connect(read_only=True) as session:
        meta.check_format(session)
        meta.refuse_copy(session)
        return Outlook(
            meta.known_account(session),
            known_erasures(session),
            {each.name: plan_from(session, each, account, of) for each, of in requests.items()},
            {each.name: _count(session, each) for each in parents if session.has_table(each.name)},
        )
    return None


def _count(session: Session, table: Table) -> int:
    return int(session.one_row(f"SELECT count(*) FROM {session.qualified(table.name)}")[0])


class ForeseenRows:
    """The rows of tables that others are asked by, each once, with the columns that say how."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        # Every further thread takes buffers of its own to read JSON.
        self._connection.execute("SET threads = 1; SET enable_progress_bar = false; SET TimeZone = 'UTC'")

    def note(
        self,
        table: Table,
        rows: Path,
        largest_object: int,
        *,
        unwanted: Sequence[str],
        asked: Sequence[Table],
    ) -> int | None:
        """Take the rows out of a spool's file, but for those ``unwanted``, for the tables ``asked`` by them.

        ``largest_object`` is the longest line in bytes. Returns how many rows they are; None where they can't
        be read.
        """
        names = ["key", *(name for name in BOXES_OF_PIPELINES if name in table.by_name)]
        for each in asked:
            names += fingerprint_columns(each) if each.is_planned else ()
        with suppress(duckdb.Error):
            made = self._connection.cursor().execute(
                f'CREATE TABLE {quoted(table.name)} AS SELECT DISTINCT ON ("key") '
                f"{quoted_list(dict.fromkeys(names))} FROM ({ddl.select_spool(table, rows, largest_object)}) "
                'WHERE "key" IS NOT NULL AND "key" NOT IN (SELECT unnest(?::VARCHAR[]))',
                [list(unwanted)],
            )
            ((count,),) = made.fetchall()
            return int(count)
        return None

    def keys(self, table: Table) -> list[str]:
        """The keys of a table whose rows are noted."""
        query = f'SELECT "key" FROM {quoted(table.name)} ORDER BY ALL'
        return [key for (key,) in self._connection.cursor().execute(query).fetchall()]

    def pipelines(self) -> list[PipelineSize]:
        """The pipelines, as ``published_pipelines`` has them."""
        names = quoted_list(["key", *BOXES_OF_PIPELINES])
        return self._connection.cursor().execute(f'SELECT {names} FROM pipelines ORDER BY "key"').fetchall()

    def to_fetch(self, table: Table) -> list[tuple[str, str, int | None]]:
        """Every box, as a complete refresh of a planned ``table`` fetches it; see ``ReadingPlan``."""
        boxes = fingerprinted_boxes(table, quoted(table.parents[0].name))
        query = f"SELECT box_key, fingerprint, counted FROM ({boxes}) ORDER BY box_key"
        return self._connection.cursor().execute(query).fetchall()

    def close(self) -> None:
        self._connection.close()
