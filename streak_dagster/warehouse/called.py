"""What people call a row, as SQL, from ``Table.called``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.tables import ColumnType
from streak_dagster.tables import table as declared
from streak_dagster.warehouse.ddl import quoted

if TYPE_CHECKING:
    from streak_dagster.tables import Table

LONGEST = 80
"""Characters of a name; of a comment or a note it is the first ones."""


def name_of(table: Table) -> str:
    """What a row of the table itself says that it is called: an expression in one line, NULL for nothing.

    Of rows that are only called as what they name, it is NULL: see ``named_by``.
    """
    ways = [
        f"nullif(concat_ws(' ', {', '.join(_words(table, name) for name in way)}), '')"
        for way in table.called
        if not any(table.by_name[name].references for name in way)
    ]
    return f"coalesce({', '.join(ways)})" if ways else "NULL::VARCHAR"


def named_by(table: Table) -> tuple[str, Table] | None:
    """The column by whose key a row is called as the row of another table is, and that table."""
    for way in table.called:
        for name in way:
            reference = table.by_name[name].references
            if reference is not None:
                return name, declared(reference.partition(".")[0])
    return None


def shortened(name: str) -> str:
    """A name of no more than ``LONGEST`` characters."""
    return f"CASE WHEN length({name}) > {LONGEST} THEN left({name}, {LONGEST - 1}) || '…' ELSE {name} END"


def _words(table: Table, name: str) -> str:
    column = quoted(name)
    text = f"json_extract_string({column}, '$[0]')" if _is_json(table, name) else f"{column}::VARCHAR"
    return rf"nullif(trim(regexp_replace({text}, '\s+', ' ', 'g')), '')"


def _is_json(table: Table, name: str) -> bool:
    return table.by_name[name].type is ColumnType.JSON
