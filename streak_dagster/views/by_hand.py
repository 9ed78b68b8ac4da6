"""Tables of ``streak_meta`` that a team fills, to say what the names of its stages and fields don't.

They are made empty, and nothing here is ever written by this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.warehouse.ddl import literal

if TYPE_CHECKING:
    from streak_dagster.warehouse.session import Session

SCHEMA = "streak_meta"
COLUMNS = {
    "stage_outcomes": {"pipeline": "VARCHAR", "stage": "VARCHAR", "outcome": "VARCHAR"},
    "value_fields": {"pipeline_key": "VARCHAR", "field_key": "VARCHAR"},
}
"""The columns of each. A pipeline, a stage and a field are said by name or key; a pipeline of NULL is all of
them. ``outcome`` is one of won, lost and open; anything else is ignored. A ``field_key`` of NULL is no field.
"""

_COMMENTS = {
    "stage_outcomes": (
        "Yours to fill: which stages are won, lost or open, where their names mislead. pipeline: name or "
        "key, NULL for every pipeline; stage: name or key; outcome: won, lost or open."
    ),
    "value_fields": (
        "Yours to fill: which custom field holds the value of a deal, where the names of fields mislead. "
        "pipeline_key: key or name of a pipeline, NULL for every pipeline; field_key: key or name of a "
        "field, NULL for none."
    ),
}


def create_tables_by_hand(session: Session) -> None:
    """Make those that aren't there yet, empty; a filled one stays as it is."""
    for name, columns in COLUMNS.items():
        if session.has_table(name, SCHEMA):
            continue
        session.create_schema(SCHEMA)
        table = session.qualified(name, SCHEMA)
        session.execute(
            f"CREATE TABLE {table} ({', '.join(f'{each} {kind}' for each, kind in columns.items())})"
        )
        session.execute(f"COMMENT ON TABLE {table} IS {literal(_COMMENTS[name])}")
