"""One person is taken out of every table that is ours: the present rows, the past ones, the bookkeeping.

Rows that may name the person are found in DuckDB; those few are read, scrubbed by the code that also reads
Streak's answers (``sync.erased``), and written back in one statement a table. No version is made of it: past
rows are changed where they stand. Derived rows are taken out of the scrubbed rows of their parents again, so
that the next refresh finds them as they are.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streak_dagster.sync.erased import MARK, Erasures, Scrubber
from streak_dagster.tables import ALL_TABLES, PIPELINE_BOXES, Kind, Table
from streak_dagster.warehouse import erasures, meta
from streak_dagster.warehouse.ddl import SCHEMA, literal, quoted
from streak_dagster.warehouse.derived_again import derive_again, touched
from streak_dagster.warehouse.erased_readings import readings_kept
from streak_dagster.warehouse.history import BEGUN, PAST
from streak_dagster.warehouse.opening import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streak_dagster.warehouse.session import Session

_BATCH = 500
"""Rows that are in Python at once."""
_KINDS = ("VARCHAR", "JSON", "VARCHAR[]")
_DECLARED = {each.name: each for each in ALL_TABLES}
_OWN_MEMORY = {(meta.SCHEMA, erasures.NAME), (meta.SCHEMA, erasures.MET)}
_REMEMBERED = {"views": {"sql": "", "columns": "{}"}, "history_views": {"digest": ""}}
"""The memories of what was made, each with what lets all that it names be made anew."""


@dataclass(frozen=True)
class Removed:
    """What was, or would be, removed of a table: whole ``rows``, and ``values`` in others."""

    table: str
    rows: int
    values: int


@dataclass
class _Found:
    """What is to be done with a table: the ``rowid`` of rows that go, and columns that change."""

    gone: list[int] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    values: int = 0


@dataclass(frozen=True)
class _Target:
    """A table with its columns that hold text: types, and whether they may be NULL."""

    schema: str
    name: str
    kinds: Mapping[str, str]
    nullable: frozenset[str]

    @property
    def declared(self) -> Table | None:
        """The declaration of its rows, present or past."""
        name = self.name
        if self.schema == meta.SCHEMA:
            name = next((name.removeprefix(each) for each in (PAST, BEGUN) if name.startswith(each)), "")
        return _DECLARED.get(name) if self.schema in (SCHEMA, meta.SCHEMA) else None

    def matches(self, pattern: str) -> str:
        """The condition of rows that may name the person."""
        return " OR ".join(
            f"regexp_matches({quoted(name)}::VARCHAR, {literal(pattern)}, 'is')" for name in self.kinds
        )


def erase(session: Session, people: Erasures, pattern: str, *, write: bool = True) -> list[Removed]:
    """Take the ``people`` out of every table, inside the caller's transaction; say what of which table.

    ``pattern`` matches every text in which one of them is named. Without ``write``, nothing is changed.
    """
    with ExitStack() as around:
        for target in _targets(session, ours=True) if write else ():
            if (target.schema, target.name) == (SCHEMA, PIPELINE_BOXES.name):
                around.enter_context(readings_kept(session, target.matches(pattern)))
        removed = _erase_all(session, people, pattern, write=write)
    if write:
        for table in ALL_TABLES:
            if table.kind is Kind.DERIVED:
                derive_again(session, table)
    return removed


def _erase_all(session: Session, people: Erasures, pattern: str, *, write: bool) -> list[Removed]:
    return [
        Removed(f"{target.schema}.{target.name}", len(found.gone), found.values)
        for target in _targets(session, ours=True)
        if (found := _erase_in(session, target, people, pattern, write=write))
    ]


def elsewhere(session: Session, people: Erasures, pattern: str) -> list[str]:
    """What names one of them and isn't ours to change: tables of users, and text of the catalog."""
    found = [
        f"{target.schema}.{target.name}"
        for target in _targets(session, ours=False)
        if _erase_in(session, target, people, pattern, write=False)
    ]
    texts = session.execute(
        "SELECT 'view ' || schema_name || '.' || view_name, concat_ws(' ', sql, comment) FROM duckdb_views() "
        "WHERE NOT internal UNION ALL SELECT 'comments of ' || schema_name || '.' || table_name, "
        "string_agg(comment, ' ') FROM duckdb_columns() WHERE comment IS NOT NULL GROUP BY ALL "
        "UNION ALL SELECT 'comment of ' || schema_name || '.' || table_name, comment FROM duckdb_tables()"
    ).fetchall()
    scrubber = Scrubber(people)
    return found + sorted(name for name, text in texts if text and scrubber.text(text) != text)


def _targets(session: Session, *, ours: bool) -> Iterator[_Target]:
    columns = session.execute(
        "SELECT schema_name, table_name, column_name, data_type, is_nullable FROM duckdb_columns() SEMI JOIN "
        "duckdb_tables() USING (database_name, schema_name, table_name) WHERE database_name = "
        "current_database() ORDER BY schema_name, table_name, column_index"
    ).fetchall()
    tables: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
    for schema, table, name, kind, nullable in columns:
        if (schema.lower() in SCHEMAS) is ours and (schema, table) not in _OWN_MEMORY and kind in _KINDS:
            tables.setdefault((schema, table), []).append((name, kind, bool(nullable)))
    for (schema, table), found in tables.items():
        kinds = {name: kind for name, kind, _ in found}
        yield _Target(schema, table, kinds, frozenset(name for name, _, nullable in found if nullable))


def _erase_in(
    session: Session, target: _Target, people: Erasures, pattern: str, *, write: bool
) -> _Found | None:
    """What names them in a table, changed where it is to be written; None where nothing does."""
    scrubber, found = Scrubber(people), _Found()
    name = session.qualified(target.name, target.schema)
    kinds = ", ".join(
        f"{quoted(each)} {'VARCHAR[]' if kind == 'VARCHAR[]' else 'VARCHAR'}"
        for each, kind in target.kinds.items()
    )
    if write:
        session.execute(f"CREATE OR REPLACE TEMPORARY TABLE scrubbed (place BIGINT, {kinds})")
    for batch in _candidates(session, target, name, pattern):
        rows = [
            kept
            for place, row in batch
            if (kept := _scrubbed(scrubber, target, place, row, found)) is not None
        ]
        if write and rows:
            lists = ", ".join(
                f"unnest(?::{kind})"
                for kind in [
                    "BIGINT[]",
                    *(("VARCHAR[]" if k != "VARCHAR[]" else "VARCHAR[][]") for k in target.kinds.values()),
                ]
            )
            session.execute(
                f"INSERT INTO scrubbed SELECT {lists}", [list(each) for each in zip(*rows, strict=True)]
            )
    if write and (found.gone or found.changed):
        _write(session, target, name, found)
    if write:
        session.execute("DROP TABLE scrubbed")
    return found if found.gone or found.values else None


def _candidates(
    session: Session, target: _Target, name: str, pattern: str
) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    """Rows that may name the person, in batches, as they were before this transaction."""
    names = list(target.kinds)
    columns = ", ".join(
        quoted(each) if kind == "VARCHAR[]" else f"{quoted(each)}::VARCHAR"
        for each, kind in target.kinds.items()
    )
    # A cursor of its own: another query of the session would end this one.
    with session.connection.cursor() as reader:
        reader.execute(f"SELECT rowid, {columns} FROM {name} WHERE {target.matches(pattern)}")
        while rows := reader.fetchmany(_BATCH):
            yield [(row[0], dict(zip(names, row[1:], strict=True))) for row in rows]


def _scrubbed(
    scrubber: Scrubber, target: _Target, place: int, row: dict[str, Any], found: _Found
) -> tuple[Any, ...] | None:
    """The row's place and columns as they are to be; None where the row goes, or stays as it is."""
    table = target.declared
    primary_key = table.primary_key if table else ()
    values = {
        name: json.loads(value) if target.kinds[name] == "JSON" and value is not None else value
        for name, value in row.items()
    }
    if table is not None and scrubber.is_person(table.name, primary_key, values):
        found.gone.append(place)
        return None
    changed = dict(row)
    if target.schema == meta.SCHEMA and target.name in _REMEMBERED:
        return _made_anew(scrubber, place, changed, found, _REMEMBERED[target.name])
    for name, value in values.items():
        if value is None or name in primary_key:
            continue
        kept = scrubber.column(value)
        if kept is None and name not in target.nullable:
            kept = MARK
        if kept == value:
            continue
        found.values += 1
        found.changed.add(name)
        is_json = target.kinds[name] == "JSON" and kept is not None
        changed[name] = json.dumps(kept, sort_keys=True, separators=(",", ":")) if is_json else kept
    return (place, *changed.values()) if changed != row else None


def _made_anew(
    scrubber: Scrubber, place: int, row: dict[str, Any], found: _Found, forgotten: Mapping[str, str]
) -> tuple[Any, ...] | None:
    """The memory of a view or macro, so that it is made anew; by its comment it is known to be ours."""
    if all(value is None or scrubber.text(str(value)) == value for value in row.values()):
        return None
    row |= forgotten
    found.values += 1
    found.changed |= forgotten.keys()
    return (place, *row.values())


def _write(session: Session, target: _Target, name: str, found: _Found) -> None:
    """Rows that go, go first: what is changed in a list gets another ``rowid``."""
    if found.gone:
        session.execute(f"DELETE FROM {name} WHERE rowid IN (SELECT unnest(?::BIGINT[]))", [found.gone])
    if not found.changed:
        return
    table = target.declared
    if target.schema == SCHEMA and table is not None and "key" in table.primary_key:
        session.execute(
            f"CREATE OR REPLACE TEMPORARY TABLE {quoted(touched(table))} AS "
            'SELECT "key" AS parent FROM scrubbed'
        )
    # As DuckDB itself writes JSON that it reads from a spool.
    values = ", ".join(
        f"{quoted(each)} = "
        + (f"json(s.{quoted(each)})" if target.kinds[each] == "JSON" else f"s.{quoted(each)}")
        for each in sorted(found.changed)
    )
    session.execute(f"UPDATE {name} AS t SET {values} FROM scrubbed AS s WHERE t.rowid = s.place")
