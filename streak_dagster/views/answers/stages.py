"""Every stage of every pipeline, also those that are gone, and whether a deal in it is won, lost or open."""

from __future__ import annotations

from streak_dagster.warehouse.ddl import literal

from .. import sql
from ..answer import Answer, AnswerColumn
from .outcome_words import OUTCOME_WORDS

_WORDS = ",\n    ".join(
    f"({literal(each.outcome)}, {literal(each.match)}, {literal(each.text)})" for each in OUTCOME_WORDS
)

_SQL = f"""\
WITH known AS (
  SELECT
    pipeline_key,
    stage_key,
    arg_min(name, place) FILTER (WHERE name IS NOT NULL) AS name,
    arg_min(position, place) FILTER (WHERE position IS NOT NULL) AS position,
    arg_min(is_present, place) AS is_present
  FROM (
    SELECT
      0 AS place, pipeline_key, key AS stage_key, {sql.words("name")} AS name, position, true AS is_present
    FROM {{pipeline_stages}}
    UNION ALL
    SELECT 1, pipeline_key, stage_key, {sql.words("name")}, position, coalesce(is_present, false)
    FROM {{stage_names}}
  )
  GROUP BY pipeline_key, stage_key
), pipeline AS (
  SELECT pipeline_key, arg_min(name, place) FILTER (WHERE name IS NOT NULL) AS name
  FROM (
    SELECT 0 AS place, key AS pipeline_key, {sql.words("name")} AS name FROM {{pipelines}}
    UNION ALL
    SELECT 1, pipeline_key, {sql.words("name")} FROM {{pipeline_names}}
  )
  GROUP BY pipeline_key
), stage AS (
  SELECT
    known.*,
    coalesce(pipeline.name, known.pipeline_key) AS pipeline,
    coalesce(known.name, known.stage_key) AS stage,
    {sql.reading("known.name")} AS reading
  FROM known LEFT JOIN pipeline USING (pipeline_key)
), word AS (
  SELECT outcome, match, {sql.reading("text")} AS reading, text
  FROM (VALUES
    {_WORDS}
  ) AS of_list (outcome, match, text)
), by_word AS (
  SELECT
    stage.pipeline_key,
    stage.stage_key,
    min(word.outcome) AS outcome,
    first(word.text ORDER BY word.outcome, length(word.text) DESC, word.text) AS text
  FROM stage JOIN word ON CASE word.match
      WHEN 'word' THEN contains(' ' || stage.reading || ' ', ' ' || word.reading || ' ')
      WHEN 'part' THEN contains(stage.reading, word.reading)
      ELSE stage.reading = word.reading
    END
  WHERE NOT stage.name LIKE '%?'
  GROUP BY stage.pipeline_key, stage.stage_key
), by_hand AS (
  SELECT
    stage.pipeline_key,
    stage.stage_key,
    first(lower(trim(said.outcome)) ORDER BY said.pipeline IS NULL, said.outcome) AS outcome
  FROM stage JOIN {{stage_outcomes}} AS said ON
    lower(trim(said.stage)) IN (lower(stage.stage_key), lower(stage.stage))
    AND (said.pipeline IS NULL
      OR lower(trim(said.pipeline)) IN (lower(stage.pipeline_key), lower(stage.pipeline)))
  WHERE lower(trim(said.outcome)) IN ('won', 'lost', 'open')
  GROUP BY stage.pipeline_key, stage.stage_key
), boxes AS (
  SELECT pipeline_key, stage_key, count(*) AS boxes FROM {{pipeline_boxes}} GROUP BY pipeline_key, stage_key
)
SELECT
  stage.pipeline,
  stage.stage,
  stage.position AS stage_order,
  coalesce(by_hand.outcome, by_word.outcome, 'open') AS outcome,
  CASE
    WHEN by_hand.outcome IS NOT NULL THEN 'stage_outcomes'
    WHEN by_word.outcome IS NOT NULL THEN 'the word ' || by_word.text
  END AS outcome_from,
  coalesce(boxes.boxes, 0) AS boxes,
  stage.is_present,
  stage.pipeline_key,
  stage.stage_key
FROM stage
LEFT JOIN by_hand ON by_hand.pipeline_key = stage.pipeline_key AND by_hand.stage_key = stage.stage_key
LEFT JOIN by_word ON by_word.pipeline_key = stage.pipeline_key AND by_word.stage_key = stage.stage_key
LEFT JOIN boxes ON boxes.pipeline_key = stage.pipeline_key AND boxes.stage_key = stage.stage_key"""

STAGES = Answer(
    name="stages",
    question="Which stages are there, and which of them count as won or lost?",
    description=(
        "Every stage of every pipeline, one row a stage, with how many boxes are in it now.\n\n"
        "A stage that was deleted keeps its last known name, and `is_present` is false. Streak has no mark "
        "for "
        "won and lost, so `outcome` is a reading of the stage's name: the words are listed below, and a "
        "name that "
        "holds none of them, or ends in a question mark, is `open`. Where that is wrong, say it yourself, "
        "once:\n\n"
        "```sql\n"
        "INSERT INTO streak_meta.stage_outcomes VALUES ('Sales', 'Signed', 'won'), (NULL, 'Parked', 'lost')\n"
        "```\n\n"
        "The first value is a pipeline's name or key, NULL for all; the second a stage's name or key; the "
        "third "
        "`won`, `lost` or `open`. All answers follow it at once, and no refresh touches that table."
    ),
    example=(
        "SELECT pipeline, stage, outcome, outcome_from\nFROM streak_views.stages\nORDER BY pipeline, "
        "stage_order"
    ),
    columns=(
        AnswerColumn("pipeline", "What the pipeline is called now; its key where that isn't known."),
        AnswerColumn(
            "stage", "What the stage is called now, or was last called; its key where that isn't known."
        ),
        AnswerColumn(
            "stage_order",
            "Place of the stage in its pipeline, counted from 0; the last known one where it is gone.",
            type="BIGINT",
        ),
        AnswerColumn("outcome", "What being in the stage means: won, lost or open."),
        AnswerColumn(
            "outcome_from",
            "Where the outcome is known from: stage_outcomes, or the word in the name; NULL where neither "
            "says "
            "anything, and the stage is taken for open.",
        ),
        AnswerColumn("boxes", "Number of boxes that are in the stage now.", type="BIGINT"),
        AnswerColumn("is_present", "Whether the pipeline still has the stage.", type="BOOLEAN"),
        AnswerColumn("pipeline_key", "Key of the pipeline."),
        AnswerColumn("stage_key", "Key of the stage, unique only inside its pipeline."),
    ),
    sql=_SQL,
    reads=(
        "pipelines",
        "pipeline_stages",
        "pipeline_boxes",
        "stage_names",
        "pipeline_names",
        "stage_outcomes",
    ),
)
