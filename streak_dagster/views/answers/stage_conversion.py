"""How many of the boxes that come into a stage go on from there, and after how long."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn

_SQL = """\
WITH stay AS (
  SELECT
    *,
    max(CASE WHEN outcome <> 'lost' THEN stage_order END) OVER afterwards AS furthest,
    bool_or(outcome = 'lost') OVER afterwards AS is_lost_later
  FROM {deal_stages}
  WINDOW afterwards AS (
    PARTITION BY key, pipeline_key ORDER BY entered NULLS LAST ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED
    FOLLOWING
  )
), counted AS (
  SELECT
    pipeline_key,
    stage_key,
    count(DISTINCT key) AS entered,
    count(DISTINCT key) FILTER (WHERE furthest > stage_order) AS went_on,
    count(DISTINCT key) FILTER (WHERE is_lost_later) AS lost,
    count(DISTINCT key) FILTER (WHERE is_now) AS still_there,
    median(days) FILTER (WHERE NOT is_now) AS median_days
  FROM stay
  GROUP BY pipeline_key, stage_key
)
SELECT
  stage.pipeline,
  stage.stage,
  stage.stage_order,
  stage.outcome,
  coalesce(counted.entered, 0) AS entered,
  coalesce(counted.went_on, 0) AS went_on,
  CASE WHEN counted.entered > 0 THEN counted.went_on / counted.entered END AS share,
  coalesce(counted.lost, 0) AS lost,
  coalesce(counted.still_there, 0) AS still_there,
  counted.median_days::DOUBLE AS median_days,
  stage.is_present,
  stage.pipeline_key,
  stage.stage_key
FROM {stages} AS stage
LEFT JOIN counted ON counted.pipeline_key = stage.pipeline_key AND counted.stage_key = stage.stage_key"""

STAGE_CONVERSION = Answer(
    name="stage_conversion",
    question="How many deals get from one stage to the next, and how long does that take?",
    description=(
        "For each stage the boxes that ever came into it and what became of them, one row a stage.\n\n"
        "A box went on if it was later in a stage further along the pipeline, as the stages are ordered "
        "now, that "
        "doesn't mean lost. It may have skipped stages in between, and then wasn't in those. Boxes that are "
        "still in "
        "the stage count as entered and not yet as gone on. From `deal_stages`, so as far back as Streak "
        "remembers."
    ),
    example=(
        "SELECT stage, entered, went_on, round(100 * share) AS percent, median_days\n"
        "FROM streak_views.stage_conversion\n"
        "WHERE pipeline = 'Sales' AND outcome = 'open'\n"
        "ORDER BY stage_order"
    ),
    columns=(
        AnswerColumn("pipeline", "What the pipeline is called now."),
        AnswerColumn("stage", "What the stage is called now, or was last called."),
        AnswerColumn(
            "stage_order", "Place of the stage in its pipeline now, counted from 0.", type=sql.COUNT
        ),
        AnswerColumn("outcome", "What the stage means now: won, lost or open."),
        AnswerColumn("entered", "Number of boxes that ever came into the stage.", type=sql.COUNT),
        AnswerColumn("went_on", "Number of those that were later in a stage further on.", type=sql.COUNT),
        AnswerColumn(
            "share", "went_on as a share of entered, from 0 to 1; NULL where none entered.", type="DOUBLE"
        ),
        AnswerColumn("lost", "Number of those that were later in a stage that means lost.", type=sql.COUNT),
        AnswerColumn("still_there", "Number of boxes that are in the stage now.", type=sql.COUNT),
        AnswerColumn(
            "median_days", "Median of the days of all stays that are over; NULL where none is.", type="DOUBLE"
        ),
        AnswerColumn("is_present", "Whether the pipeline still has the stage.", type="BOOLEAN"),
        AnswerColumn("pipeline_key", "Key of the pipeline."),
        AnswerColumn("stage_key", "Key of the stage, unique only inside its pipeline."),
    ),
    sql=_SQL,
    reads=("deal_stages", "stages"),
)
