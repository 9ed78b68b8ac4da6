"""SQL that follows from a declaration: the table, and how a spool is read as its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster import tables
from streak_dagster.tables import Column, ColumnType, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SCHEMA = "streak"
SYNCED_AT = tables.SYNCED_AT.name
EXTRA = tables.EXTRA.name


def quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def quoted_list(identifiers: Iterable[str]) -> str:
    return ", ".join(quoted(each) for each in identifiers)


def qualified(catalog: str, name: str, schema: str = SCHEMA) -> str:
    """The full name of a table.

    ``catalog`` is always said: it may be ``streak``, like the schema's name (see ``warehouse.opening``), and
    DuckDB refuses ``streak.teams`` there as ambiguous.
    """
    return f"{quoted(catalog)}.{quoted(schema)}.{quoted(name)}"


def column_types(table: Table) -> dict[str, str]:
    """Every column in declared order, with its DuckDB type, the two of every table last."""
    return {column.name: column.type.value for column in table.all_columns}


def parent_key(table: Table) -> str:
    """The key of the parent that a row belongs to; for a table without parents, its own key."""
    names = table.parent_columns or table.primary_key[:1]
    return quoted(names[0]) if len(names) == 1 else f"coalesce({quoted_list(names)})"


def create_table(
    catalog: str,
    table: Table,
    name: str | None = None,
    schema: str = SCHEMA,
    further: Mapping[str, str] | None = None,
) -> str:
    """Replaces the table; the transaction around it keeps the old one for everybody else.

    ``name`` is the declared one where it isn't said; ``further`` columns, with their types, come last.
    """
    columns = [
        f"{quoted(each)} {kind}{' NOT NULL' if each in table.required_columns else ''}"
        for each, kind in column_types(table).items()
    ]
    columns += [f"{quoted(each)} {kind}" for each, kind in (further or {}).items()]
    target = qualified(catalog, name or table.name, schema)
    return f"CREATE OR REPLACE TABLE {target} (\n  " + ",\n  ".join(columns) + "\n)"


def comments(catalog: str, table: Table) -> list[tuple[str, str, str]]:
    """The descriptions, where a person with a SQL prompt finds them: column, description, statement.

    That of the table itself has an empty column.
    """
    target = qualified(catalog, table.name)
    columns = [
        (
            each.name,
            each.meaning,
            f"COMMENT ON COLUMN {target}.{quoted(each.name)} IS {literal(each.meaning)}",
        )
        for each in table.all_columns
    ]
    said = literal(table.description)
    return [("", table.description, f"COMMENT ON TABLE {target} IS {said}"), *columns]


def select_spool(table: Table, rows: Path, largest_object: int) -> str:
    """The typed rows of a spool's file. ``largest_object`` is the longest line in bytes."""
    kinds = column_types(table)
    stored = {name: "BIGINT" if kind == ColumnType.TIMESTAMP.value else kind for name, kind in kinds.items()}
    members = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in stored.items())
    typed = ",\n  ".join(_typed(name, kind) for name, kind in kinds.items())
    return (
        f"SELECT\n  {typed}\nFROM read_json({literal(str(rows))}, format = 'newline_delimited', "
        f"columns = {{{members}}}, maximum_object_size = {largest_object})"
    )


def _typed(name: str, kind: str) -> str:
    if kind == ColumnType.TIMESTAMP.value:
        return f"make_timestamptz({quoted(name)} * 1000) AS {quoted(name)}"
    return quoted(name)


def comparable(column: Column) -> str:
    """The column as it counts for a change: without the members that change with time alone."""
    expression = quoted(column.name)
    for member in column.volatile_members:
        pattern = f'"{member}":[^,}}]*'
        expression = f"regexp_replace({expression}::VARCHAR, {literal(pattern)}, '', 'g')"
    return expression
