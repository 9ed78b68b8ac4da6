"""What can be exported: the tables, the views of pipelines, the ready answers, and what people added."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from streak_dagster.errors import ExportError
from streak_dagster.selecting import selected
from streak_dagster.tables import ALL_TABLES
from streak_dagster.views.answers import ALL_ANSWERS
from streak_dagster.views.as_of import SUFFIX
from streak_dagster.views.past import SCHEMA as PAST
from streak_dagster.views.pipelines import KIND as PIPELINE
from streak_dagster.views.sources import SCHEMA as VIEWS
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.ddl import SCHEMA as TABLES
from streak_dagster.warehouse.ddl import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streak_dagster.warehouse.session import Session

ANSWER, TABLE, OWN = "answer", "table", "own"
_ORDER = [PIPELINE, ANSWER, OWN, TABLE]
_ABOUT_ALL = ("people", "stages")
"""Answers that explain the others; people look for them last."""


@dataclass(frozen=True)
class Relation:
    """A table or a view: ``kind`` is pipeline, answer, table, or own for what isn't ours.

    ``label`` is what people call it, ``meanings`` are the comments of its columns, by their names, and
    ``columns`` their types. ``source`` is what stands for it behind FROM.
    """

    schema: str
    name: str
    kind: str
    label: str
    source: str
    comment: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"


def relations_of(session: Session) -> list[Relation]:
    """All that can be exported: pipelines by their names, answers, what people added, tables as declared."""
    kinds = _kinds(session)
    labels = _labels(session)
    found = []
    for schema, name, comment in session.execute(
        "SELECT schema_name, table_name, comment FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name IN ($tables, $views) AND NOT internal "
        "UNION ALL SELECT schema_name, view_name, comment FROM duckdb_views() "
        "WHERE database_name = current_database() AND schema_name IN ($tables, $views) AND NOT internal",
        {"tables": TABLES, "views": VIEWS},
    ).fetchall():
        kind = kinds.get((schema, name), OWN)
        label = labels.get(name) or name if kind == PIPELINE else name
        found.append(Relation(schema, name, kind, label, session.qualified(name, schema), comment or ""))
    columns = _columns(session)
    order = _places()
    return sorted(
        (_described(each, columns.get((each.schema, each.name), [])) for each in found),
        key=lambda each: (
            _ORDER.index(each.kind),
            order.get((each.kind, each.name), 0),
            each.label.casefold(),
            each.name,
        ),
    )


def select(relations: Sequence[Relation], patterns: Sequence[str]) -> list[Relation]:
    """Those that a pattern of ``selecting.selected`` means, in their order; all of them where there is none.

    A name may follow its schema behind a dot, too. Raises SettingsError for a pattern that means nothing,
    and ExportError for a table that isn't copied.
    """
    names = {each.name for each in relations}
    missing = {table.name for table in ALL_TABLES} - names
    for pattern in patterns:
        for part in re.split(r"[,\s]+", pattern.lower()):
            if part.removeprefix(f"{TABLES}/").removeprefix(f"{TABLES}.") in missing:
                raise ExportError(
                    f"{part} isn't in the database: it was never copied, or STREAK_EXCLUDE leaves it out. "
                    "Run: streak-dagster run"
                )
    dotted = [re.sub(r"\b(streak|streak_views)\.", r"\1/", each) for each in patterns]
    meant = set(selected(dotted, [f"{each.schema}/{each.name}" for each in relations]))
    return [each for each in relations if f"{each.schema}/{each.name}" in meant]


def as_of(session: Session, relations: Iterable[Relation], moment: int) -> list[Relation]:
    """Those that have a past, as they were at a moment in microseconds since 1970 UTC."""
    found = session.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() "
        "WHERE database_name = current_database() AND schema_name = ?",
        [PAST],
    )
    macros = {name for (name,) in found.fetchall()}
    others = {each.name for each in relations if each.kind in {TABLE, ANSWER}}
    then = []
    for each in relations:
        name = each.name + SUFFIX if each.kind == PIPELINE and each.name in others else each.name
        if each.kind != OWN and name in macros:
            called = f"{session.qualified(name, PAST)}(make_timestamptz({moment}))"
            columns = session.execute(f"DESCRIBE FROM {called}").fetchall()
            then.append(replace(each, source=called, columns={column[0]: column[1] for column in columns}))
    return then


def _kinds(session: Session) -> dict[tuple[str, str], str]:
    kinds = {(TABLES, table.name): TABLE for table in ALL_TABLES}
    if session.has_table("views", meta.SCHEMA):
        rows = session.execute(f"SELECT name, kind FROM {session.qualified('views', meta.SCHEMA)}")
        kinds |= {(VIEWS, name): kind for name, kind in rows.fetchall() if kind in {PIPELINE, ANSWER}}
    return kinds


def _labels(session: Session) -> dict[str, str]:
    if not session.has_table("pipeline_names", meta.SCHEMA):
        return {}
    names = session.qualified("pipeline_names", meta.SCHEMA)
    return dict(session.execute(f"SELECT view_name, name FROM {names}").fetchall())


def _places() -> dict[tuple[str, str], int]:
    answers = [each.name for each in ALL_ANSWERS if each.name not in _ABOUT_ALL]
    return {
        **{(ANSWER, name): place for place, name in enumerate([*answers, *_ABOUT_ALL])},
        **{(TABLE, table.name): place for place, table in enumerate(ALL_TABLES)},
    }


def _columns(session: Session) -> dict[tuple[str, str], list[tuple[str, str, str | None]]]:
    rows = session.execute(
        "SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name IN (?, ?) ORDER BY column_index",
        [TABLES, VIEWS],
    )
    columns: dict[tuple[str, str], list[tuple[str, str, str | None]]] = {}
    for schema, of, *column in rows.fetchall():
        columns.setdefault((schema, of), []).append((column[0], column[1], column[2]))
    return columns


def _described(relation: Relation, columns: Sequence[tuple[str, str, str | None]]) -> Relation:
    return replace(
        relation,
        columns={name: kind for name, kind, _ in columns},
        meanings={name: comment for name, _, comment in columns if comment},
    )


def columns_query(relation: Relation, expressions: Sequence[str], order: Sequence[str] = ()) -> str:
    """A query of the relation: an expression for each of its columns, under their names."""
    shown = ", ".join(
        f"{expression} AS {quoted(name)}"
        for expression, name in zip(expressions, relation.columns, strict=True)
    )
    by = f" ORDER BY {', '.join(map(quoted, order))}" if order else ""
    return f"SELECT {shown} FROM {relation.source}{by}"
