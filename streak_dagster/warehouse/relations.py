"""``streak_meta.relations``: which columns name rows of which table, for programs that draw or join them.

DuckDB knows primary and foreign keys, but a table that a foreign key names can't be replaced, and every table
is replaced by each refresh. A primary key alone makes a file of 100,000 rows larger by 71 %, and costs 24 %
more of the processor (``benchmarks/constraints.py``). So the keys are told here, and checked in every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streak_dagster.tables import ALL_TABLES
from streak_dagster.tables.relations import relations_of
from streak_dagster.warehouse.ddl import literal, quoted
from streak_dagster.warehouse.meta import SCHEMA

if TYPE_CHECKING:
    from streak_dagster.warehouse.session import Session

NAME = "relations"
_MEANING = "Which columns name rows of which other table, as far as the tables' declarations say it."
_COLUMNS = {
    "from_table": "VARCHAR",
    "from_columns": "VARCHAR[]",
    "to_table": "VARCHAR",
    "to_columns": "VARCHAR[]",
    "kind": "VARCHAR",
    "is_always_valid": "BOOLEAN",
}
_MEANINGS = {
    "from_table": "The table in schema streak whose rows name others.",
    "from_columns": "Its columns that do so, together; NULL in one of them names nothing.",
    "to_table": "The table in schema streak that is named; it isn't there where it isn't copied.",
    "to_columns": "The columns there that hold the same values, in the same order.",
    "kind": "`part_of` (taken out of the other row), `list_of` (asked for by its key) or `reference`.",
    "is_always_valid": "Whether the other row is there once one run has refreshed both tables; other keys "
    "may be those of what was deleted, or of what the key's user can't see.",
}


def declared() -> list[tuple[Any, ...]]:
    """The rows of the table, in the order in which data flows."""
    return [
        (
            relation.table.name,
            list(relation.columns),
            relation.target.name,
            list(relation.target_columns),
            relation.kind,
            relation.is_always_valid,
        )
        for table in ALL_TABLES
        for relation in relations_of(table)
    ]


def remember_relations(session: Session) -> None:
    """Write the relations where the database has others, inside the caller's transaction.

    Where nothing differs this is one query of a few dozen rows.
    """
    target, rows = session.qualified(NAME, SCHEMA), declared()
    if session.columns(NAME, SCHEMA) == _COLUMNS:
        known = session.execute(f"SELECT * FROM {target} ORDER BY rowid").fetchall()
        if known == rows:
            return
    columns = ", ".join(f"{quoted(name)} {kind} NOT NULL" for name, kind in _COLUMNS.items())
    session.create_schema(SCHEMA)
    session.execute(f"CREATE OR REPLACE TABLE {target} ({columns})")
    session.connection.executemany(f"INSERT INTO {target} VALUES (?, ?, ?, ?, ?, ?)", rows)
    session.execute(f"COMMENT ON TABLE {target} IS {literal(_MEANING)}")
    for name, meaning in _MEANINGS.items():
        session.execute(f"COMMENT ON COLUMN {target}.{quoted(name)} IS {literal(meaning)}")
