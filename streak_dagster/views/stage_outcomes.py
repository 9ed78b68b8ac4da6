"""``streak_meta.stage_outcomes``: what a team says of its stages where their names mislead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streak_dagster.warehouse.session import Session

NAME = "stage_outcomes"
SCHEMA = "streak_meta"

COLUMNS = {"pipeline": "VARCHAR", "stage": "VARCHAR", "outcome": "VARCHAR"}
"""``pipeline`` is a pipeline's name or key, or NULL for all of them; ``stage`` a stage's name or key;
``outcome`` one of won, lost and open. Anything else is ignored. Nothing here is ever written by this
package."""

_COMMENT = (
    "Yours to fill: which stages are won, lost or open, where their names mislead. pipeline: name or key, "
    "NULL for every pipeline; stage: name or key; outcome: won, lost or open."
)


def create_stage_outcomes(session: Session) -> None:
    """Make the table, empty, where it isn't there yet; a filled one stays as it is."""
    if session.has_table(NAME, SCHEMA):
        return
    session.create_schema(SCHEMA)
    table = session.qualified(NAME, SCHEMA)
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    session.execute(f"CREATE TABLE {table} ({columns})")
    session.execute(f"COMMENT ON TABLE {table} IS '{_COMMENT}'")
