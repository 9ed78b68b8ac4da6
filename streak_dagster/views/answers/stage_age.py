"""Where the boxes of a pipeline stand now, and where they get stuck."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn

_SQL = """\
WITH counted AS (
  SELECT
    pipeline_key,
    stage_key,
    count(*) AS deals,
    median(days_in_stage)::DOUBLE AS median_days,
    max(days_in_stage) AS longest_days,
    count(*) FILTER (WHERE days_untouched > 30) AS untouched,
    count(*) FILTER (WHERE open_tasks = 0) AS without_task,
    count(*) FILTER (WHERE next_due < {now}) AS overdue
  FROM {deals}
  GROUP BY pipeline_key, stage_key
)
SELECT
  stage.pipeline,
  stage.stage,
  stage.stage_order,
  stage.outcome,
  coalesce(counted.deals, 0) AS deals,
  counted.median_days,
  counted.longest_days,
  coalesce(counted.untouched, 0) AS untouched,
  coalesce(counted.without_task, 0) AS without_task,
  coalesce(counted.overdue, 0) AS overdue,
  stage.pipeline_key,
  stage.stage_key
FROM {stages} AS stage
LEFT JOIN counted ON counted.pipeline_key = stage.pipeline_key AND counted.stage_key = stage.stage_key
WHERE stage.is_present OR counted.deals > 0"""

STAGE_AGE = Answer(
    name="stage_age",
    question="How many deals are in each stage, and where are they stuck?",
    description=(
        "Every stage with the boxes that are in it now and how long they have been there, one row a "
        "stage.\n\n"
        "Streak has no field that it calls the value of a deal, so there is no sum of money here: add it "
        "from the "
        "pipeline's own view, where the field has a name."
    ),
    example=(
        "SELECT pipeline, stage, deals, median_days, longest_days, without_task\nFROM "
        "streak_views.stage_age\n"
        "WHERE outcome = 'open'\nORDER BY pipeline, stage_order"
    ),
    columns=(
        AnswerColumn("pipeline", "What the pipeline is called now."),
        AnswerColumn("stage", "What the stage is called now."),
        AnswerColumn("stage_order", "Place of the stage in its pipeline, counted from 0.", type=sql.COUNT),
        AnswerColumn("outcome", "What the stage means: won, lost or open."),
        AnswerColumn("deals", "Number of boxes that are in the stage now.", type=sql.COUNT),
        AnswerColumn(
            "median_days",
            "Median of the complete days they have been there; NULL where there are none.",
            type="DOUBLE",
        ),
        AnswerColumn("longest_days", "Complete days of the one that has been there longest.", type=sql.COUNT),
        AnswerColumn(
            "untouched", "Number of those that nobody touched for more than 30 days.", type=sql.COUNT
        ),
        AnswerColumn("without_task", "Number of those without an open task.", type=sql.COUNT),
        AnswerColumn("overdue", "Number of those with a task that is overdue.", type=sql.COUNT),
        AnswerColumn("pipeline_key", "Key of the pipeline."),
        AnswerColumn("stage_key", "Key of the stage, unique only inside its pipeline."),
    ),
    sql=_SQL,
    reads=("deals", "stages"),
)
