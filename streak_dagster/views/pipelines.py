"""The typed view of one pipeline: its boxes, one row each, with names in place of keys."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from streak_dagster.views import sql
from streak_dagster.views.definition import Definition
from streak_dagster.views.link import LINK
from streak_dagster.views.remembering import KEPT_DAYS
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streak_dagster.views.remembering import Remembered
    from streak_dagster.views.sources import Sources

KIND = "pipeline"
READS = ("pipeline_boxes", "box_field_values", "team_members", "users", "stage_names")
"""The tables that every typed view reads."""

_TOUCHES = (
    "last_touchpoint_timestamp",
    "last_updated_timestamp",
    "last_stage_change_timestamp",
    "last_comment_timestamp",
    "last_email_sent_timestamp",
    "last_email_received_timestamp",
    "most_recent_meeting_notes_timestamp",
    "most_recent_call_log_timestamp",
    "creation_timestamp",
)
_PAST = "CASE WHEN b.{0} <= {{now}} THEN b.{0} END"
_LAST_EMAIL = (
    "coalesce(greatest(b.last_email_sent_timestamp, b.last_email_received_timestamp), "
    "b.last_email_updated_timestamp)"
)
_STANDARD: tuple[tuple[str, str, str], ...] = (
    ("key", "b.key", "Streak's key of the box; all tables of boxes are joined by it."),
    ("name", "b.name", "What the box is called."),
    (
        "stage",
        "coalesce(s.name, b.stage_key)",
        "The stage that the box is in; a removed one by its last name.",
    ),
    ("stage_order", "s.position", "Place of the stage in the pipeline, counted from 0."),
    ("owners", "{owners}", "The people to whom the box is assigned, separated by commas."),
    ("created", "b.creation_timestamp", "When the box was created."),
    (
        "last_touched",
        f"greatest({', '.join(map(_PAST.format, _TOUCHES))})",
        (
            "When the box was last touched: the latest edit, move, comment, e-mail, meeting, call or "
            "touchpoint that the box tells of. `deals` also looks at the box's tasks."
        ),
    ),
    (
        "days_in_stage",
        sql.days("coalesce(b.last_stage_change_timestamp, b.creation_timestamp)"),
        "Complete days of 24 hours since the box came into its stage, as of the query.",
    ),
    (
        "last_email",
        _LAST_EMAIL,
        "When the latest e-mail of the box was sent or received.",
    ),
    (
        "open_tasks",
        "coalesce(b.task_incomplete_count, b.task_total - b.task_complete_count, 0)",
        "Number of tasks that are still open.",
    ),
    ("next_due", "b.soonest_task_due_date", "Earliest due date among the open tasks."),
    ("comments", "coalesce(b.comment_count, 0)", "Number of comments."),
    ("link", f"'{LINK}' || b.key", "Opens the box in Gmail, where Streak is at home."),
)
STANDARD_COLUMNS = tuple(name for name, _, _ in _STANDARD)
"""The columns of every typed view, in order; no field can have their names."""
_MOMENTS = ("created", "last_touched", "last_email", "next_due")
_COUNTS = ("stage_order", "days_in_stage", "open_tasks", "comments")
_PERSONAL = ("name", "owners")
STANDARD = tuple(
    (
        name,
        "TIMESTAMP WITH TIME ZONE" if name in _MOMENTS else "BIGINT" if name in _COUNTS else "VARCHAR",
        meaning,
        name in _PERSONAL,
    )
    for name, _, meaning in _STANDARD
)
"""The same with their types, meanings, and whether they are about a person."""

_COLUMNS = {
    "TEXT_INPUT": ("value_text", "VARCHAR"),
    "DATE": ("value_timestamp", "TIMESTAMP WITH TIME ZONE"),
    "CHECKBOX": ("value_boolean", "BOOLEAN"),
    "DROPDOWN": ("value_text", "VARCHAR"),
    "TAG": ("value_labels", "VARCHAR[]"),
    "PERSON": ("value_text", "VARCHAR"),
    "TEAM_CONTACT": ("value_text", "VARCHAR"),
    "TEAM_ORGANIZATION": ("value_text", "VARCHAR"),
}
_OF_FORMULA = {
    None: ("value_text", "VARCHAR"),
    "VARCHAR": ("value_text", "VARCHAR"),
    "DOUBLE": ("value_number", "DOUBLE"),
    "TIMESTAMP WITH TIME ZONE": ("value_timestamp", "TIMESTAMP WITH TIME ZONE"),
    "BOOLEAN": ("value_boolean", "BOOLEAN"),
    "JSON": ("value", "JSON"),
}


def column_of(field: Remembered) -> tuple[str, str]:
    """Which column of ``box_field_values`` has the values of a field, and their type."""
    if field.type == "FORMULA":
        return _OF_FORMULA[field.value_type]
    return _COLUMNS.get(field.type or "", ("value", "JSON"))


def typed_view(pipeline: Remembered, fields: Sequence[Remembered], sources: Sources) -> Definition:
    """The view of a pipeline: the standard columns, then its fields as they are remembered."""
    key = literal(pipeline.key)
    shown = [
        *((expression.format(owners=_OWNERS, now=sources.now), name) for name, expression, _ in _STANDARD),
        *((_shown(each), each.given) for each in fields),
    ]
    selected = ",\n  ".join(f"{expression} AS {quoted(name)}" for expression, name in shown)
    query = (
        f"SELECT\n  {selected}\nFROM {sources.relation('pipeline_boxes')} AS b\n"
        f"LEFT JOIN (SELECT stage_key, any_value(name) AS name, any_value(position) AS position "
        f"FROM {sources.relation('stage_names')} WHERE pipeline_key = {key} GROUP BY stage_key) AS s "
        f"ON s.stage_key = b.stage_key\nCROSS JOIN ({people_map(sources)}) AS p\n"
    )
    present = [each for each in fields if each.gone_since is None]
    if present:
        query += f"LEFT JOIN ({_values(key, present, sources)}) AS f ON f.box_key = b.key\n"
    return Definition(
        pipeline.given,
        KIND,
        f"{query}WHERE b.pipeline_key = {key}",
        _comment(pipeline),
        (
            *((name, meaning) for name, _, meaning in _STANDARD),
            *((each.given, _label(each)) for each in fields),
        ),
        sources.shape(READS),
    )


def _shown(field: Remembered) -> str:
    return f"NULL::{column_of(field)[1]}" if field.gone_since is not None else f"f.{quoted(field.given)}"


def _values(key: str, fields: Sequence[Remembered], sources: Sources) -> str:
    """One row a box, with a column a field. DuckDB only makes the columns that a query asks for."""
    columns = []
    for each in fields:
        source, kind = column_of(each)
        value = f"any_value({source}) FILTER (WHERE field_key = {literal(each.key)})"
        columns.append(f"{value}::{kind} AS {quoted(each.given)}")
    return (
        f"SELECT box_key, {', '.join(columns)} FROM {sources.relation('box_field_values')} "
        f"WHERE pipeline_key = {key} GROUP BY box_key"
    )


def people_map(sources: Sources) -> str:
    """A query of one row: ``names``, a map of the people's names by their keys.

    As members of a team are called, else as users are; by an address only where neither has a name.
    """
    asked = []
    for place, (table, key) in enumerate((("team_members", "user_key"), ("users", "key"))):
        called = [
            sql.words(name)
            for name in ("display_name", "full_name", "email")
            if name in sources.columns(table)
        ]
        asked.append(
            f"SELECT {key} AS person, {place} AS place, coalesce({', '.join(called)}) AS called "
            f"FROM {sources.relation(table)}"
        )
    return (
        "SELECT map_from_entries(list((person, called))) AS names FROM (SELECT person, "
        "arg_min(called, (contains(called, '@'), place, called)) AS called "
        f"FROM ({' UNION ALL '.join(asked)}) WHERE person IS NOT NULL AND called IS NOT NULL GROUP BY person)"
    )


_OWNERS = (
    f"nullif(array_to_string(list_filter(list_transform({sql.members('b.assigned_to_sharing_entries')}, "
    f"lambda e: coalesce(p.names[{sql.member('e', 'userKey')}], {sql.member_name('e')})), "
    "lambda n: n IS NOT NULL), ', '), '')"
)


def _comment(pipeline: Remembered) -> str:
    said = (
        f"The boxes of the pipeline {pipeline.label or pipeline.key}, one row each, names in place of keys."
    )
    if pipeline.gone_since is not None:
        said += (
            f" The pipeline is gone, or isn't copied, since {_day(pipeline.gone_since)}; the view goes "
            f"{KEPT_DAYS} days later."
        )
    return said


def _label(field: Remembered) -> str:
    said = f"{field.label or field.key} ({field.type or 'of unknown type'})"
    if field.gone_since is not None:
        said += f". The field is gone since {_day(field.gone_since)}; the column goes {KEPT_DAYS} days later."
    return said


def _day(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).date().isoformat()
