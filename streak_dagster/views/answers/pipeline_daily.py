"""How many boxes were in each stage at the end of each day, and what they were worth."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn
from .deal_value import READS, VALUE_FIELD

_MONEY = "DECIMAL(30, 4)"
"""Exact, for what is added on one day is taken away on another: sums of DOUBLE would leave crumbs."""

_SQL = f"""\
WITH version AS (
  SELECT
    key, pipeline_key, stage_key, creation_timestamp, _valid_from, _seen_before, _change,
    lag(_change) OVER one_box AS was,
    coalesce(
      lag(_change) OVER one_box IS DISTINCT FROM 'delete' AND _change <> 'delete'
        AND lag(_valid_from) OVER one_box IS NOT NULL
        AND lag(pipeline_key) OVER one_box IS NOT DISTINCT FROM pipeline_key
        AND lag(stage_key) OVER one_box IS NOT DISTINCT FROM stage_key,
      false
    ) AS is_same
  FROM {{pipeline_boxes_versions}}
  WINDOW one_box AS (PARTITION BY key ORDER BY _valid_from, _valid_to NULLS LAST)
), copied AS (
  SELECT pipeline_key, min(_valid_from) AS first_copy FROM version GROUP BY pipeline_key
), whole AS (
  SELECT max(_valid_from) FILTER (WHERE was IS NULL AND _change <> 'insert') AS since FROM version
), turn AS (
  SELECT *, lead(_valid_from) OVER (PARTITION BY key ORDER BY _valid_from) AS until
  FROM version WHERE NOT is_same
), stay AS MATERIALIZED (
  SELECT
    turn.key,
    turn.pipeline_key,
    turn.stage_key,
    turn._valid_from AS since,
    turn.until,
    turn.was IS NOT NULL OR turn._seen_before IS NOT NULL
      OR coalesce(turn.creation_timestamp > copied.first_copy, false) AS is_arrival
  FROM turn LEFT JOIN copied ON copied.pipeline_key = turn.pipeline_key
  WHERE turn._change <> 'delete'
), {VALUE_FIELD}, worth AS (
  SELECT
    stay.pipeline_key,
    stay.stage_key,
    greatest(stay.since, value._valid_from) AS since,
    least(stay.until, value._valid_to) AS until,
    try_cast(value.value_number AS {_MONEY}) AS value
  FROM {{box_field_values_versions}} AS value
  JOIN value_field
    ON value_field.pipeline_key = value.pipeline_key AND value_field.field_key = value.field_key
  JOIN stay ON stay.key = value.box_key AND stay.pipeline_key = value.pipeline_key
    AND (stay.until IS NULL OR value._valid_from < stay.until)
    AND (value._valid_to IS NULL OR value._valid_to > stay.since)
  WHERE value._change <> 'delete' AND value.value_number IS NOT NULL
), event AS (
  SELECT
    pipeline_key, stage_key, {sql.day("since")} AS day, 1 AS boxes, is_arrival::INTEGER AS entered,
    0 AS exited, 0::{_MONEY} AS value
  FROM stay
  UNION ALL
  SELECT pipeline_key, stage_key, {sql.day("until")}, -1, 0, 1, 0 FROM stay WHERE until IS NOT NULL
  UNION ALL
  SELECT pipeline_key, stage_key, {sql.day("since")}, 0, 0, 0, value FROM worth
  UNION ALL
  SELECT pipeline_key, stage_key, {sql.day("until")}, 0, 0, 0, -value FROM worth WHERE until IS NOT NULL
  UNION ALL
  SELECT pipeline_key, stage_key, unnest(generate_series(first_day, today, INTERVAL 1 DAY))::DATE, 0, 0, 0, 0
  FROM (
    SELECT
      pipeline_key, stage_key, min({sql.day("since")})::TIMESTAMP AS first_day,
      {sql.day(sql.NOW)}::TIMESTAMP AS today
    FROM stay GROUP BY pipeline_key, stage_key
  )
), daily AS (
  SELECT
    pipeline_key, stage_key, day, sum(boxes) AS boxes, sum(entered) AS entered, sum(exited) AS exited,
    sum(value) AS value
  FROM event GROUP BY pipeline_key, stage_key, day
), summed AS (
  SELECT
    pipeline_key, stage_key, day, entered, exited,
    sum(boxes) OVER until_then AS boxes,
    sum(value) OVER until_then AS value
  FROM daily
  WINDOW until_then AS (
    PARTITION BY pipeline_key, stage_key ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
)
SELECT
  summed.day,
  coalesce(stage.pipeline, summed.pipeline_key) AS pipeline,
  coalesce(stage.stage, summed.stage_key) AS stage,
  stage.stage_order,
  coalesce(stage.outcome, 'open') AS outcome,
  summed.boxes::BIGINT AS boxes,
  summed.entered::BIGINT AS entered,
  summed.exited::BIGINT AS exited,
  CASE WHEN value_field.field_key IS NOT NULL THEN summed.value::DOUBLE END AS value,
  coalesce({sql.words("value_field.name")}, value_field.field_key) AS value_field,
  summed.pipeline_key,
  summed.stage_key
FROM summed
CROSS JOIN whole
LEFT JOIN {{stages}} AS stage
  ON stage.pipeline_key = summed.pipeline_key AND stage.stage_key = summed.stage_key
LEFT JOIN value_field ON value_field.pipeline_key = summed.pipeline_key
WHERE (whole.since IS NULL OR summed.day >= {sql.day("whole.since")})
  AND (summed.boxes > 0 OR summed.entered > 0 OR summed.exited > 0 OR stage.is_present)"""

PIPELINE_DAILY = Answer(
    name="pipeline_daily",
    question="How did the pipeline develop: how many deals were in each stage on each day, and worth what?",
    description=(
        "Boxes and their value by pipeline and stage at the end of each day in UTC, one row a stage and "
        "day.\n\n"
        "From the first copy on, or as far back as versions are kept, up to today, which is as of now. A "
        "move counts on the day on which a copy saw it. `value` is the sum of one custom field, as it "
        "was then. Streak marks no field as that: it is the one whose name says so, such as *Deal size*, "
        "*Umsatz* or *Montant*, and whose values are numbers. Where that is wrong, say it yourself, once:\n\n"
        "```sql\n"
        "INSERT INTO streak_meta.value_fields VALUES ('Sales', 'Yearly value (EUR)'), ('Hiring', NULL)\n"
        "```\n\n"
        "The first value is a pipeline's key or name, NULL for all; the second a field's key or name, NULL "
        "for none. No refresh touches that table."
    ),
    example=(
        "SELECT day, sum(boxes) AS deals, sum(value) AS value\nFROM streak_views.pipeline_daily\n"
        "WHERE pipeline = 'Sales' AND outcome = 'open'\nGROUP BY day\nORDER BY day"
    ),
    columns=(
        AnswerColumn("day", "The day, in UTC.", type="DATE"),
        AnswerColumn("pipeline", "What the pipeline is called now, or was last called."),
        AnswerColumn("stage", "What the stage is called now, or was last called."),
        AnswerColumn(
            "stage_order", "Place of the stage in its pipeline now, counted from 0.", type=sql.COUNT
        ),
        AnswerColumn("outcome", "What the stage means now: won, lost or open."),
        AnswerColumn(
            "boxes", "Number of boxes in the stage at the end of the day; today, now.", type=sql.COUNT
        ),
        AnswerColumn(
            "entered",
            "How often a box came into the stage on the day, as far as copies saw it; those that the first "
            "copy found don't count.",
            type=sql.COUNT,
        ),
        AnswerColumn(
            "exited", "How often a box left the stage on the day, or was deleted in it.", type=sql.COUNT
        ),
        AnswerColumn(
            "value",
            "Sum of value_field over those boxes, whatever the currency; NULL where the pipeline has no such "
            "field.",
            type="DOUBLE",
        ),
        AnswerColumn("value_field", "What the field is called that holds the value; NULL without one."),
        AnswerColumn("pipeline_key", "Key of the pipeline."),
        AnswerColumn("stage_key", "Key of the stage, unique only inside its pipeline."),
    ),
    sql=_SQL,
    reads=("pipeline_boxes_versions", "stages", *READS),
)
