"""What became of the boxes of each month."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn

_SQL = f"""\
WITH deal AS (
  SELECT
    *,
    date_trunc('month', {sql.utc("created")})::DATE AS month,
    {sql.days("created", "stage_since")} AS days_to_end
  FROM {{deals}}
)
SELECT
  pipeline,
  month AS created_month,
  count(*) AS deals,
  count(*) FILTER (WHERE outcome = 'won') AS won,
  count(*) FILTER (WHERE outcome = 'lost') AS lost,
  count(*) FILTER (WHERE outcome = 'open') AS open,
  CASE WHEN count(*) FILTER (WHERE outcome <> 'open') > 0
    THEN count(*) FILTER (WHERE outcome = 'won') / count(*) FILTER (WHERE outcome <> 'open') END AS won_share,
  (median(days_to_end) FILTER (WHERE outcome = 'won'))::DOUBLE AS median_days_to_won,
  pipeline_key
FROM deal
GROUP BY pipeline, pipeline_key, month"""

COHORTS = Answer(
    name="cohorts",
    question="Of the deals that began in a month, how many are won, lost or still open?",
    description=(
        "For each pipeline and month what became of the boxes created in it, one row a month.\n\n"
        "What became of a box is what its stage means now; `stages` says how that is read, and how to say "
        "otherwise. "
        "Months are those of UTC. Boxes that were deleted or moved to another pipeline aren't counted here."
    ),
    example=(
        "SELECT created_month, deals, won, lost, open, round(100 * won_share) AS won_percent\n"
        "FROM streak_views.cohorts\nWHERE pipeline = 'Sales'\nORDER BY created_month"
    ),
    columns=(
        AnswerColumn("pipeline", "What the pipeline is called that the boxes are in now."),
        AnswerColumn(
            "created_month", "First day of the month in which the boxes were created, in UTC.", type="DATE"
        ),
        AnswerColumn("deals", "Number of boxes created in the month.", type=sql.COUNT),
        AnswerColumn("won", "Number of those that are won now.", type=sql.COUNT),
        AnswerColumn("lost", "Number of those that are lost now.", type=sql.COUNT),
        AnswerColumn("open", "Number of those that are still open.", type=sql.COUNT),
        AnswerColumn(
            "won_share",
            "won as a share of won and lost together, from 0 to 1; NULL where all are open.",
            type="DOUBLE",
        ),
        AnswerColumn(
            "median_days_to_won",
            "Median of the days from creation to the stage that means won; NULL where none is won.",
            type="DOUBLE",
        ),
        AnswerColumn("pipeline_key", "Key of the pipeline."),
    ),
    sql=_SQL,
    reads=("deals",),
)
