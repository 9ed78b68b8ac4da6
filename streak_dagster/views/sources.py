"""What a view may read: each table as it is now, or an empty one of its columns where it isn't copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.tables import ALL_TABLES
from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.ddl import column_types, quoted
from streak_dagster.warehouse.history import BEGUN, PAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streak_dagster.warehouse.session import Session

SCHEMA = "streak_views"

_DECLARED = {table.name: column_types(table) for table in ALL_TABLES}


@dataclass(frozen=True)
class Sources:
    """The tables of schemas ``streak`` and ``streak_meta``, each with its columns and their types."""

    tables: Mapping[str, Mapping[str, str]]
    memory: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, session: Session) -> Sources:
        """What the opened database has, its transaction included."""
        found: dict[str, dict[str, dict[str, str]]] = {ddl.SCHEMA: {}, meta.SCHEMA: {}}
        rows = session.execute(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = current_database() AND schema_name IN (?, ?) "
            "AND NOT regexp_matches(table_name, ?) ORDER BY ALL",
            [ddl.SCHEMA, meta.SCHEMA, f"^({PAST}|{BEGUN})"],
        ).fetchall()
        for schema, table, column, kind in rows:
            found[schema].setdefault(table, {})[column] = kind
        return cls(found[ddl.SCHEMA], found[meta.SCHEMA])

    def has(self, name: str) -> bool:
        """Whether a table of schema ``streak`` is there."""
        return name in self.tables

    def columns(self, name: str) -> frozenset[str]:
        """The columns that ``relation`` has."""
        return frozenset({**_DECLARED.get(name, {}), **self.tables.get(name, {})})

    def relation(self, name: str) -> str:
        """What stands for a table in the SQL of a view: its name, or a query in parentheses.

        A declared column that the table lacks, because an older version made it or it is left out, is NULL.
        The catalog isn't said, so that a file works under every name. Raises KeyError for no table of ours.
        """
        if name in self.memory and name not in _DECLARED:
            return f"{meta.SCHEMA}.{quoted(name)}"
        declared = _DECLARED[name]
        there = self.tables.get(name)
        if there is None:
            return f"(SELECT {_nulls(declared.items())} WHERE false)"
        lacking = [each for each in declared.items() if each[0] not in there]
        target = f"{ddl.SCHEMA}.{quoted(name)}"
        return f"(SELECT *, {_nulls(lacking)} FROM {target})" if lacking else target

    def shape(self, names: Iterable[str]) -> str:
        """The columns of some tables, with their types, as text: where it changes, a view is made anew.

        DuckDB keeps the types that a view had when it was made, and refuses it where they are others now.
        """
        tables = {**self.memory, **self.tables}
        return "; ".join(f"{name}: {dict(tables.get(name, {}))}" for name in sorted(names))


def _nulls(columns: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"NULL::{kind} AS {quoted(name)}" for name, kind in columns)
