"""What changed last, in words."""

from __future__ import annotations

from streak_dagster.warehouse.called import shortened
from streak_dagster.warehouse.ddl import literal

from .. import sql
from ..answer import VERSIONS, Answer, AnswerColumn
from ..link import LINK
from .watched import BOXES, FIELD_VALUES, WATCHED, Watched

NEWEST = 1000
"""So many changes are told: enough to read, and few enough to ask at any time."""

_IS_NEWS = "(_seen_before IS NOT NULL OR _change <> 'insert')"
"""Not what the first copy found."""


def _short(text: str) -> str:
    """The first characters of a text, on one line."""
    return shortened(f"regexp_replace({text}, '\\s+', ' ', 'g')")


def _changed(columns: list[str]) -> str:
    return f"list_has_any(now._changed, [{', '.join(map(literal, columns))}])"


def _columns(watched: Watched) -> str:
    """The words for what changed, joined by commas."""
    words = (f"CASE WHEN {_changed(names)} THEN {literal(word)} END" for word, names in watched.names.items())
    return sql.words(f"concat_ws(', ', {', '.join(words)})")


def _details(watched: Watched) -> str:
    """What was before and is now, as far as that is short."""
    told = []
    for word, names in watched.names.items():
        value = watched.columns[names[0]].value
        if value is not None:
            was, now = (f"coalesce({_short(value.format(row=row))}, '-')" for row in ("was", "now"))
            told.append(
                f"CASE WHEN {_changed(names)} THEN {literal(word)} || ': ' || {was} || ' -> ' || {now} END"
            )
    return sql.words(f"concat_ws('; ', {', '.join(told)})") if told else "NULL"


def _details_of_value() -> str:
    """A field's name, and its value before and now; also of a value that came or went."""
    value = FIELD_VALUES.columns["value"].value or ""
    was, now = (f"coalesce({_short(value.format(row=row))}, '-')" for row in ("was", "now"))
    return (
        f"{FIELD_VALUES.name.format(row='now')} || ': ' || CASE now._change WHEN 'insert' THEN '-' "
        f"WHEN 'delete' THEN {now} ELSE {was} END || ' -> ' || CASE now._change WHEN 'delete' THEN '-' "
        f"ELSE {now} END"
    )


def _needed(watched: Watched) -> str:
    """Columns that are read, for whole rows are wide; of a box also where it is."""
    names = [*watched.needed, "stage_key"] if watched is BOXES else watched.needed
    return ", ".join(names)


def _newest(watched: Watched) -> str:
    """The newest versions of a table that tell something."""
    columns = ", ".join(map(literal, watched.columns))
    return (
        f"SELECT {_needed(watched)}, _valid_from, _change, _changed, _seen_before "
        f"FROM {{{watched.table}{VERSIONS}}} WHERE {_IS_NEWS} "
        f"AND (_change <> 'update' OR list_has_any(_changed, [{columns}])) "
        f"ORDER BY _valid_from DESC LIMIT {NEWEST}"
    )


def _with_names(query: str) -> str:
    """The boxes of a query with the names of their stages and pipelines."""
    return (
        f"(SELECT box.*, coalesce(stage.stage, box.stage_key) AS stage, "
        f"coalesce(stage.pipeline, box.pipeline_key) AS pipeline FROM {query} AS box LEFT JOIN stage "
        "ON stage.pipeline_key = box.pipeline_key AND stage.stage_key = box.stage_key)"
    )


def _of_table(watched: Watched) -> str:
    """The changes of one table, as a query."""
    newest = f"newest_{watched.table}"
    ended = f"FROM {{{watched.table}{VERSIONS}}} WHERE _valid_to IS NOT NULL"
    now, was = newest, f"(SELECT {_needed(watched)}, _valid_to {ended})"
    if watched is BOXES:
        was = f"(SELECT * FROM {was} WHERE key IN (SELECT key FROM {newest}))"
        now, was = _with_names(now), _with_names(was)
    same = " AND ".join(f"was.{name} = now.{name}" for name in watched.key)
    is_value = watched is FIELD_VALUES
    return f"""\
SELECT
    now._valid_from AS changed_at,
    now._seen_before AS seen_before,
    {literal(watched.table)} AS table_name,
    {watched.what.format(row="now")} AS what,
    now._change AS change,
    {_short(watched.name.format(row="now"))} AS name,
    {watched.pipeline.format(row="now")} AS pipeline_key,
    {watched.box.format(row="now")} AS box_key,
    {watched.name.format(row="now") if is_value else _columns(watched)} AS columns,
    {_details_of_value() if is_value else _details(watched)} AS details
  FROM {now} AS now
  LEFT JOIN {was} AS was ON {same} AND was._valid_to = now._valid_from"""


_PARTS = ",\n".join(f"newest_{each.table} AS ({_newest(each)})" for each in WATCHED)

_SQL = f"""\
WITH stage AS MATERIALIZED (
  SELECT pipeline_key, stage_key, pipeline, stage FROM {{stages}}
), pipeline AS (
  SELECT pipeline_key, any_value(pipeline) AS pipeline
  FROM (SELECT pipeline_key, pipeline FROM stage UNION ALL SELECT key, {sql.words("name")} FROM {{pipelines}})
  GROUP BY pipeline_key
),
{_PARTS},
change AS MATERIALIZED (
  {" UNION ALL ".join(map(_of_table, WATCHED))}
  ORDER BY changed_at DESC LIMIT {NEWEST}
), box AS (
  SELECT key, {sql.words("name")} AS name, pipeline_key, _change, _valid_from
  FROM {{pipeline_boxes_versions}}
  WHERE _valid_to IS NULL AND key IN (SELECT box_key FROM change)
)
SELECT
  change.changed_at,
  change.seen_before,
  change.what,
  CASE change.change WHEN 'insert' THEN 'added' WHEN 'update' THEN 'changed' ELSE 'removed' END AS change,
  change.name,
  coalesce(pipeline.pipeline, change.pipeline_key, box.pipeline_key) AS pipeline,
  box.name AS box,
  change.columns,
  change.details,
  '{LINK}' || change.box_key AS link,
  change.table_name,
  change.box_key,
  coalesce(change.pipeline_key, box.pipeline_key) AS pipeline_key
FROM change
LEFT JOIN box ON box.key = change.box_key
LEFT JOIN pipeline ON pipeline.pipeline_key = coalesce(change.pipeline_key, box.pipeline_key)
WHERE change.what = 'box'
  -- What is on a box comes and goes with it.
  OR NOT coalesce(change.change = box._change AND box._change = 'delete'
    OR change.change = box._change AND box._change = 'insert' AND change.changed_at = box._valid_from, false)
ORDER BY change.changed_at DESC, change.table_name, change.box_key, change.name"""

RECENT_CHANGES = Answer(
    name="recent_changes",
    question="What changed last?",
    description=(
        f"The newest {NEWEST:,} changes, in words, the latest first, one row a change.\n\n"
        "Of boxes, their fields' values, tasks, comments, files, meetings and calls, of contacts, "
        "organizations, pipelines, stages and fields. What the first copy found is no change; neither are "
        "counters, and times that follow from other changes. What came or went together with its box isn't "
        "told apart. It changed between `seen_before` and `changed_at`: that is when copies saw it, not when "
        "somebody did it. All versions, with every column, are in `streak_history`."
    ),
    example=(
        "SELECT changed_at, what, change, box, columns, details\nFROM streak_views.recent_changes\nLIMIT 20"
    ),
    columns=(
        AnswerColumn("changed_at", "When a copy first saw it so.", type=sql.MOMENT),
        AnswerColumn(
            "seen_before", "When a copy last saw it as it was before; NULL where none did.", type=sql.MOMENT
        ),
        AnswerColumn(
            "what",
            "What changed: box, field value, task, comment, file, meeting, call, contact, organization, "
            "pipeline, stage or field.",
        ),
        AnswerColumn("change", "What became of it: added, changed or removed."),
        AnswerColumn("name", "What it is called, or its text, shortened.", personal=True),
        AnswerColumn("pipeline", "What the pipeline is called now, or was last called."),
        AnswerColumn("box", "What the box is called now, or was last called.", personal=True),
        AnswerColumn(
            "columns", "What of it changed, in words, joined by commas; NULL where it came or went."
        ),
        AnswerColumn(
            "details",
            "Before and after, where that is short, such as due date: 2026-01-01 -> 2026-02-01.",
            personal=True,
        ),
        AnswerColumn("link", "Address that opens the box in Streak; NULL without a box."),
        AnswerColumn("table_name", "The table whose row changed."),
        AnswerColumn("box_key", "Key of the box; NULL without one."),
        AnswerColumn("pipeline_key", "Key of the pipeline; NULL without one."),
    ),
    sql=_SQL,
    reads=("stages", "pipelines", *(f"{each.table}{VERSIONS}" for each in WATCHED)),
)
