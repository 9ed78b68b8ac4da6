"""An open database, and what nearly every query needs of it: names, shapes, the one row of an aggregate."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from streak_dagster.errors import TableMissingError
from streak_dagster.warehouse import ddl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb

    Values = Sequence[Any] | Mapping[str, Any]

_SHAPES = re.compile(
    r"(?i)(?:^|;)\s*(?:CREATE(?!\s+(?:OR\s+REPLACE\s+)?TEMP)|ALTER|DROP|ROLLBACK|ATTACH|DETACH|USE|IMPORT)\b"
)
"""Statements after which there may be other tables. What is temporary isn't of the database."""


class Session:
    """A connection to the database, from its opening to its closing; whoever opened it closes it.

    ``Database.connect`` and ``Database.transaction`` yield one. What isn't here is asked of ``connection``.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, known: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self.connection = connection
        self.known = known
        """What the writer before said of the database in ``leaves``, where nobody else wrote since."""
        self.leaves: Mapping[str, Any] = {}
        """What a writer knows of the database, for the next one of this process; kept if it is committed."""
        self.reshaped = False
        """Whether anything of the database was created, altered or dropped, as far as ``execute`` saw."""
        self._tables: frozenset[tuple[str, str]] | None = None
        self._columns: dict[tuple[str, str], dict[str, str]] = {}

    def execute(self, query: str, values: Values | None = None) -> duckdb.DuckDBPyConnection:
        """Run a query; ``values`` are those of its ``?`` in order, or of its ``$names``.

        What comes back holds the result, until the next query: fetch from it at once. Raises duckdb.Error.
        """
        if _SHAPES.search(query):
            self.reshaped, self._tables = True, None
            self._columns.clear()
        return self.connection.execute(query, values)

    def one_row(self, query: str, values: Values | None = None) -> tuple[Any, ...]:
        """The only row of an aggregate. Raises ValueError where the query finds none, or more."""
        row: tuple[Any, ...]
        # All of the result: DuckDB 2 registers no frame while one is unfinished.
        (row,) = self.execute(query, values).fetchall()
        return row

    @cached_property
    def catalog(self) -> str:
        """The name of the opened database inside this connection. Asked once."""
        (name,) = self.one_row("SELECT current_database()")
        return str(name)

    def qualified(self, name: str, schema: str = ddl.SCHEMA) -> str:
        """The full name of a table or view, quoted, for a query; it needn't exist."""
        return ddl.qualified(self.catalog, name, schema)

    def create_schema(self, schema: str = ddl.SCHEMA) -> None:
        """Make a schema, where it isn't there yet."""
        self.connection.execute(
            f"CREATE SCHEMA IF NOT EXISTS {ddl.quoted(self.catalog)}.{ddl.quoted(schema)}"
        )

    def has_table(self, name: str, schema: str = ddl.SCHEMA) -> bool:
        """Whether the opened database holds a table of that name. A view is none."""
        if self._tables is None:
            found = self.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"
            )
            self._tables = frozenset(found.fetchall())
        return (schema, name) in self._tables

    def columns(self, name: str, schema: str = ddl.SCHEMA) -> dict[str, str]:
        """The columns that a table or view has now, in order, with their types; empty where there is none."""
        if (schema, name) not in self._columns:
            found = self.execute(
                "SELECT column_name, data_type FROM duckdb_columns() "
                "WHERE database_name = current_database() AND schema_name = ? AND table_name = ? "
                "ORDER BY column_index",
                [schema, name],
            )
            self._columns[schema, name] = dict(found.fetchall())
        return dict(self._columns[schema, name])

    @contextmanager
    def temporary(self, name: str, query: str, values: Values | None = None) -> Iterator[None]:
        """A temporary table of what a query finds now, while the block runs.

        It takes the place of one of that name. Where the block fails it stays: a failed transaction takes no
        further query, and its end takes the table away.
        """
        self.execute(f"CREATE OR REPLACE TEMPORARY TABLE {ddl.quoted(name)} AS {query}", values)
        yield
        self.connection.execute(f"DROP TABLE {ddl.quoted(name)}")


def missing_table(location: str, schema: str, table: str, asset: str = "") -> TableMissingError:
    """The error for an input that was never materialized, with the command that does it.

    ``asset`` is what another project calls the asset; the command is that of ours.
    """
    ours = f"{schema}/{table}"
    how = f": dagster asset materialize -m streak_dagster --select '{ours}'" if asset in ("", ours) else "."
    told = f"{asset or ours} is needed first, and {location} doesn't have it yet. Materialize it{how}"
    return TableMissingError(told, location=location, schema=schema, table=table)
