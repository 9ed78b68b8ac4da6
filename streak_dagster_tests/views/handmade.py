"""Tables as a refresh publishes them, with rows made by hand."""

from __future__ import annotations

import json
from typing import Any

from streak_dagster.tables import (
    BOX_FIELD_VALUES,
    PIPELINE_BOXES,
    PIPELINE_FIELDS,
    PIPELINE_STAGES,
    PIPELINES,
    Table,
)
from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.session import Session

MOMENT = "TIMESTAMP WITH TIME ZONE"


def make_tables(session: Session) -> None:
    """The tables that typed views are made of, empty."""
    session.create_schema()
    for table in (PIPELINES, PIPELINE_STAGES, PIPELINE_FIELDS, PIPELINE_BOXES, BOX_FIELD_VALUES):
        session.execute(ddl.create_table(session.catalog, table))


def put(session: Session, table: Table | str, **row: Any) -> None:
    """One row; lists and objects as JSON, but for the labels of a value."""
    name = table if isinstance(table, str) else table.name
    values = {
        column: json.dumps(value)
        if (isinstance(value, dict | list) and column != "value_labels") or column == "value"
        else value
        for column, value in row.items()
    }
    marks = ", ".join("?" for _ in values)
    session.execute(
        f"INSERT INTO {session.qualified(name)} ({', '.join(values)}, _synced_at) VALUES ({marks}, now())",
        list(values.values()),
    )


def pipeline(session: Session, key: str, name: str, fields: dict[str, tuple[str, str]] | None = None) -> None:
    """A pipeline with fields: name and type by key."""
    put(session, PIPELINES, key=key, name=name)
    for place, (field, (label, kind)) in enumerate((fields or {}).items()):
        put(session, PIPELINE_FIELDS, pipeline_key=key, key=field, name=label, type=kind, position=place)


def columns(session: Session, view: str) -> list[str]:
    """The columns of a view, in order."""
    return [column[0] for column in session.execute(f"FROM streak_views.{view} LIMIT 0").description or ()]


def comments(session: Session, view: str) -> dict[str, str]:
    """The comments of a view's columns."""
    rows = session.execute(
        "SELECT column_name, comment FROM duckdb_columns() "
        "WHERE schema_name = 'streak_views' AND table_name = ?",
        [view],
    )
    return dict(rows.fetchall())


def views(session: Session) -> set[str]:
    """The views that there are."""
    rows = session.execute(
        "SELECT view_name FROM duckdb_views() WHERE schema_name = 'streak_views'"
    ).fetchall()
    return {name for (name,) in rows}


def one(session: Session, view: str) -> dict[str, Any]:
    """The only row of a view, by column; times as milliseconds."""
    shown = ", ".join(
        f"epoch_ms({name}) AS {name}" if kind == MOMENT else name
        for name, kind in session.columns(view, "streak_views").items()
    )
    found = session.execute(f"SELECT {shown} FROM streak_views.{view}")
    names = [column[0] for column in found.description or ()]
    (row,) = found.fetchall()
    return dict(zip(names, row, strict=True))
