"""A database to plan in: what planning reads of the real one, and what Streak lists now in its place."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from streak_dagster.sync.spool_folders import copy_unheld
from streak_dagster.tables import ALL_TABLES, PIPELINE_BOXES, PIPELINES, TEAMS, Kind
from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import literal, quoted
from streak_dagster.warehouse.history import Keeping
from streak_dagster.warehouse.plain import remember_form
from streak_dagster.warehouse.publish import publish

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

_REMEMBERED = (
    "format",
    "account",
    "refreshes",
    "readings",
    "saved_until",
    "withheld",
    "erasures",
    "left_out_pipelines",
)
"""What planning reads of ``streak_meta``."""
_FILE = "plan.duckdb"


class Scratch:
    """A copy in ``folder`` of what planning these ``tables`` reads of ``real``, which is closed again.

    Of most tables that is only that they are there. Raises what opening the database raises, and
    DatabaseUnusableError for one that a newer version wrote.
    """

    def __init__(
        self, folder: Path, real: Database, tables: Sequence[Table], report: Callable[[str], None]
    ) -> None:
        self.database = Database(str(folder / _FILE))
        self._folder = folder
        whole = {TEAMS.name, PIPELINES.name}
        if any(each is PIPELINE_BOXES or each.is_planned for each in tables):
            whole.add(PIPELINE_BOXES.name)
        self._rows: dict[str, dict[str, int]] = {}
        taken: dict[tuple[str, str], Path] = {}
        if real.is_file and real.path.parent.is_dir():  # a run would make the folder
            real.check(report)
        if real.exists():
            with real.connect(read_only=True, report=report) as session:
                meta.check_format(session)
                taken = self._taken_out(session, whole)
                self._rows = {each.name: _rows_by_parent(session, each) for each in tables if _counts(each)}
        with self.database.transaction() as session:
            meta.prepare(session)
            session.create_schema()
            for (schema, name), file in taken.items():
                source, target = f"read_parquet({literal(str(file))})", session.qualified(name, schema)
                if schema == meta.SCHEMA:
                    session.execute(f"DELETE FROM {target}")
                    session.execute(f"INSERT INTO {target} BY NAME FROM {source}")
                else:
                    session.execute(f"CREATE TABLE {target} AS FROM {source}")
        self._take_over_files(real, tables)

    def _taken_out(self, session: Session, whole: set[str]) -> dict[tuple[str, str], Path]:
        """Files of what is taken over. Through files, because a database at MotherDuck knows none of ours."""
        wanted = {(meta.SCHEMA, name): "" for name in _REMEMBERED} | {
            (ddl.SCHEMA, each.name): "" if each.name in whole else "LIMIT 0" for each in ALL_TABLES
        }
        taken = {}
        for (schema, name), limit in wanted.items():
            if session.has_table(name, schema):
                file = self._folder / f"{schema}.{name}.parquet"
                session.execute(
                    f"COPY (FROM {session.qualified(name, schema)} {limit}) TO {literal(str(file))} "
                    "(FORMAT parquet)"
                )
                taken[schema, name] = file
        return taken

    def _take_over_files(self, real: Database, tables: Sequence[Table]) -> None:
        """What a refresh that was cut short left, and the key of the hashes, by a link to where it is."""
        copy_unheld(real.spool_root, self.database.spool_root, [each.name for each in tables])
        if real.hash_key_path.exists():
            with contextlib.suppress(FileExistsError):
                self.database.hash_key_path.symlink_to(real.hash_key_path)

    def rows_of(self, table: Table, parent: str) -> int | None:
        """The rows that the real table holds of a parent; None where it holds none, or it isn't counted."""
        return self._rows.get(table.name, {}).get(parent)

    def boxes_by_pipeline(self) -> dict[str, int]:
        """How many boxes of each pipeline are published."""
        with self.database.connect(read_only=True) as session:
            if "pipeline_key" not in session.columns(PIPELINE_BOXES.name):
                return {}
            return _rows_by_parent(session, PIPELINE_BOXES)

    def publish(self, fetched: Fetched, *, replaces: bool, max_shrink: float) -> None:
        """Put what Streak lists into its table here, as a run would. Raises PublishRefusedError as that."""
        spool, confirmed, source = fetched.spool, fetched.confirmed, fetched.source
        with self.database.transaction() as session:
            publish(
                session,
                fetched.table,
                ddl.select_spool(fetched.table, spool.rows_path, spool.largest_object),
                drop=fetched.unwanted,
                keep=list(fetched.unreadable),
                keep_rows=list(confirmed.unclear),
                spare=confirmed.keys,
                gone=confirmed.gone,
                max_shrink=1.0 if replaces else max_shrink,
                left_out=source.left_out,
                hashed_by=source.hashed_by,
                keeping=Keeping(versions=False),
                anew=replaces,
            )

    def note(self, fetched: Fetched) -> None:
        """Leave what the tables after this one expect: that it is there, whose it is, and in which form."""
        table, source = fetched.table, fetched.source
        with self.database.transaction() as session:
            if not session.has_table(table.name):
                session.execute(ddl.create_table(session.catalog, table))
            meta.remember_account(session, source.account, in_place_of=source.published_account)
            remember_form(session, table, source.hashed_by, source.left_out)


def _counts(table: Table) -> bool:
    """Whether only the rows that are there say how long a table's lists may be."""
    return table.kind is Kind.TEAM_LIST


def _rows_by_parent(session: Session, table: Table) -> dict[str, int]:
    if table.parent_column not in session.columns(table.name):
        return {}
    parent = quoted(table.parent_column or "")
    rows = session.qualified(table.name)
    found = session.execute(f"SELECT {parent}, count(*) FROM {rows} WHERE {parent} IS NOT NULL GROUP BY ALL")
    return dict(found.fetchall())
