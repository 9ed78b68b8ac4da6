"""What a view may read: each table as it is now, or an empty one of its columns where it isn't copied.

``<table>_versions`` are all versions of its rows, or the present ones as the first where there is no history.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streak_dagster.tables import ALL_TABLES
from streak_dagster.views.answer import versioned
from streak_dagster.warehouse import ddl, history, meta
from streak_dagster.warehouse.ddl import column_types, quoted
from streak_dagster.warehouse.history import BEGUN, PAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streak_dagster.warehouse.session import Session

SCHEMA = "streak_views"

_DECLARED = {table.name: column_types(table) for table in ALL_TABLES}
_FIRST = {"_valid_from": quoted(ddl.SYNCED_AT), "_change": "'insert'"}
"""What the first version of a row says, where it isn't NULL."""


@dataclass(frozen=True)
class Sources:
    """The tables of ``streak`` and ``streak_meta`` and the views of ``streak_history``, by schema.

    Each with its columns and their types.
    """

    tables: Mapping[str, Mapping[str, str]]
    memory: Mapping[str, Mapping[str, str]]
    versions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session) -> Sources:
        """What the opened database has, its transaction included."""
        found: dict[str, dict[str, dict[str, str]]] = {
            schema: {} for schema in (ddl.SCHEMA, meta.SCHEMA, history.SCHEMA)
        }
        rows = session.execute(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = current_database() AND schema_name IN (?, ?, ?) "
            "AND NOT regexp_matches(table_name, ?) ORDER BY ALL",
            [*found, f"^({PAST}|{BEGUN})"],
        ).fetchall()
        for schema, table, column, kind in rows:
            found[schema].setdefault(table, {})[column] = kind
        return cls(*found.values())

    @property
    def now(self) -> str:
        """The moment at which a view is read, as SQL."""
        return "now()"

    def answer(self, name: str) -> str:
        """What stands for a ready answer in the SQL of another one."""
        return f"{SCHEMA}.{quoted(name)}"

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
        if (table := versioned(name)) is not None:
            return self._versions(table)
        if name in self.memory and name not in _DECLARED:
            return f"{meta.SCHEMA}.{quoted(name)}"
        declared = _DECLARED[name]
        there = self.tables.get(name)
        if there is None:
            return f"(SELECT {_nulls(declared.items())} WHERE false)"
        return _completed(f"{ddl.SCHEMA}.{quoted(name)}", there, declared)

    def _versions(self, table: str) -> str:
        """What stands for all versions of a table's rows."""
        columns = {**_DECLARED[table], **history.VERSION_COLUMNS}
        if (there := self.versions.get(table)) is not None:
            return _completed(f"{history.SCHEMA}.{quoted(table)}", there, columns)
        first = ", ".join(
            f"{_FIRST.get(name, 'NULL')}::{kind} AS {quoted(name)}"
            for name, kind in history.VERSION_COLUMNS.items()
        )
        return f"(SELECT *, {first} FROM {self.relation(table)})"

    def shape(self, names: Iterable[str]) -> str:
        """The columns of some tables, with their types, as text: where it changes, a view is made anew.

        DuckDB keeps the types that a view had when it was made, and refuses it where they are others now.
        """
        tables = {**self.memory, **self.tables}
        return "; ".join(f"{name}: {dict(self._found(name, tables))}" for name in sorted(names))

    def _found(self, name: str, tables: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
        if (table := versioned(name)) is None:
            return tables.get(name, {})
        return self.versions.get(table) or tables.get(table, {})


def _completed(target: str, there: Mapping[str, str], declared: Mapping[str, str]) -> str:
    """A table or view with all declared columns; those that it lacks are NULL."""
    lacking = [each for each in declared.items() if each[0] not in there]
    return f"(SELECT *, {_nulls(lacking)} FROM {target})" if lacking else target


def _nulls(columns: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"NULL::{kind} AS {quoted(name)}" for name, kind in columns)
