"""The query of a table that is made out of its parent's rows, whichever kind of members it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.warehouse.derive import define_macros, select_derived
from streak_dagster.warehouse.field_values import select_field_values

if TYPE_CHECKING:
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session


def select_derived_rows(session: Session, table: Table) -> str:
    """The rows that the published rows of the parent hold; makes what the query calls, for this session."""
    assert table.parent is not None, f"{table.name} isn't derived"
    define_macros(session)
    if table.members is not None and table.members.decoded:
        return select_field_values(session, table)
    return select_derived(table, session.qualified(table.parent.name))
