"""Each stay of a box in a stage, from all that Streak tells of it."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn

_STAGE = sql.member("story.specific_variables", "STAGE_KEY")
_EVER = "TIMESTAMP WITH TIME ZONE '-infinity'"
_FOREVER = "TIMESTAMP WITH TIME ZONE 'infinity'"
_AUTHOR = sql.words(sql.member("story.specific_variables", "STORY_AUTHOR_DISPLAY_NAME"))

_SQL = f"""\
WITH box AS (
  SELECT key, pipeline_key, stage_key, coalesce(last_stage_change_timestamp, creation_timestamp) AS since
  FROM {{pipeline_boxes}}
), version AS (
  SELECT
    key,
    pipeline_key,
    stage_key,
    coalesce(last_stage_change_timestamp, creation_timestamp) AS moved,
    _valid_from,
    coalesce(_seen_before, lag(_valid_from) OVER one_box) AS since,
    lag(_valid_from) OVER one_box IS NULL AS is_first,
    pipeline_key IS DISTINCT FROM lag(pipeline_key) OVER one_box AS is_other_pipeline,
    stage_key IS DISTINCT FROM lag(stage_key) OVER one_box AS is_other_stage
  FROM {{pipeline_boxes_versions}}
  WHERE _change <> 'delete'
  WINDOW one_box AS (PARTITION BY key ORDER BY _valid_from, _valid_to NULLS LAST)
), seen AS (
  -- The box came into the stage after since and not after until.
  SELECT
    key,
    pipeline_key,
    stage_key,
    is_first,
    is_first OR is_other_pipeline AS is_other_pipeline,
    CASE WHEN is_first THEN {_EVER} ELSE since END AS since,
    _valid_from AS until,
    moved,
    CASE
      WHEN moved <= _valid_from AND (is_first OR moved > since) THEN moved
      WHEN NOT is_first THEN _valid_from
    END AS moment
  FROM version
  WHERE is_first OR is_other_pipeline OR is_other_stage
), guest AS (
  -- Since when, and until when, the boxes were in a pipeline that have been in several.
  SELECT
    key, pipeline_key, since,
    coalesce(lead(since) OVER (PARTITION BY key ORDER BY until), {_FOREVER}) AS until
  FROM seen
  WHERE is_other_pipeline
    AND key IN (SELECT key FROM seen WHERE is_other_pipeline GROUP BY key HAVING count(*) > 1)
), told AS (
  SELECT
    0 AS place,
    'newsfeed' AS source,
    box.key,
    coalesce(story.pipeline_key, box.pipeline_key) AS pipeline_key,
    {_STAGE} AS stage_key,
    story.timestamp AS moment,
    NULL::BIGINT AS spent,
    coalesce(people.person, {_AUTHOR}) AS moved_by
  FROM {{newsfeed}} AS story
  JOIN box ON box.key = story.box_key
  LEFT JOIN {{people}} AS people ON people.person_key = story.creator_key
  WHERE story.newsfeed_entry_specific IN ('EDIT_STAGE', 'NEW_BOX')
    AND {_STAGE} IS NOT NULL
    AND story.timestamp IS NOT NULL
  UNION ALL
  SELECT
    1, 'stage history', box.key, coalesce(guest.pipeline_key, box.pipeline_key), history.stage_key,
    history.last_entry_to_stage_ts, history.time_in_stage_ms, NULL
  FROM {{box_stage_history}} AS history
  JOIN box ON box.key = history.box_key
  LEFT JOIN guest ON guest.key = history.box_key
    AND history.last_entry_to_stage_ts > guest.since AND history.last_entry_to_stage_ts <= guest.until
  WHERE history.stage_key IS NOT NULL AND history.last_entry_to_stage_ts IS NOT NULL
), watched AS (
  SELECT key, max(since) AS since FROM seen WHERE NOT is_first GROUP BY key
), present AS (
  -- Copies that saw the box elsewhere since then know better than the box.
  SELECT box.*, watched.since IS NULL OR coalesce(box.since > watched.since, true) AS is_told
  FROM box LEFT JOIN watched ON watched.key = box.key
), arrival AS (
  FROM told
  UNION ALL
  SELECT 2, 'box', key, pipeline_key, stage_key, since, NULL, NULL FROM present WHERE is_told
  UNION ALL
  SELECT 3, 'copy', seen.key, seen.pipeline_key, seen.stage_key, seen.moment, NULL, NULL
  FROM seen JOIN present ON present.key = seen.key
  WHERE seen.moment IS NOT NULL AND seen.stage_key IS NOT NULL
    AND NOT (
      present.is_told
      AND (seen.moment, seen.pipeline_key, seen.stage_key)
        IS NOT DISTINCT FROM (present.since, present.pipeline_key, present.stage_key)
    )
    AND NOT EXISTS (
      SELECT 1 FROM told
      WHERE told.key = seen.key AND told.pipeline_key = seen.pipeline_key AND told.stage_key = seen.stage_key
        AND (told.moment > seen.since AND told.moment <= seen.until OR told.moment = seen.moved)
    )
), compared AS (
  SELECT
    *,
    stage_key IS DISTINCT FROM lag(stage_key) OVER one_box
      OR pipeline_key IS DISTINCT FROM lag(pipeline_key) OVER one_box
      OR row_number() OVER one_box = 1 AS is_new
  FROM arrival
  WINDOW one_box AS (PARTITION BY key ORDER BY moment NULLS LAST, place)
), numbered AS (
  SELECT
    *,
    count(*) FILTER (WHERE is_new) OVER (
      PARTITION BY key ORDER BY moment NULLS LAST, place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS stay
  FROM compared
), stay AS (
  SELECT
    key,
    stay,
    any_value(pipeline_key) AS pipeline_key,
    any_value(stage_key) AS stage_key,
    min(moment) AS entered,
    max(spent) AS spent,
    arg_min(source, place) AS source,
    arg_min(moved_by, moment) FILTER (WHERE moved_by IS NOT NULL) AS moved_by
  FROM numbered
  GROUP BY key, stay
), followed AS (
  SELECT
    *,
    lead(stay) OVER one_box IS NULL AS is_now,
    lead(entered) OVER one_box AS next_entered,
    lead(pipeline_key) OVER one_box AS next_pipeline_key,
    lead(stage_key) OVER one_box AS next_stage_key
  FROM stay
  WINDOW one_box AS (PARTITION BY key ORDER BY stay)
), ended AS (
  SELECT
    *,
    CASE WHEN NOT is_now THEN least(next_entered, {sql.later("entered", "spent")}) END AS exited
  FROM followed
)
SELECT
  ended.key,
  deal.name,
  coalesce(
    stage.pipeline, pipeline.pipeline,
    CASE WHEN deal.pipeline_key = ended.pipeline_key THEN deal.pipeline END, ended.pipeline_key
  ) AS pipeline,
  coalesce(stage.stage, ended.stage_key) AS stage,
  stage.stage_order,
  coalesce(stage.outcome, 'open') AS outcome,
  ended.entered,
  ended.exited,
  CASE
    WHEN ended.is_now THEN {sql.days_so_far("ended.entered")}
    ELSE {sql.days("ended.entered", "ended.exited")}
  END AS days,
  ended.is_now,
  ended.moved_by,
  coalesce(next.stage, ended.next_stage_key) AS next_stage,
  ended.source,
  CASE WHEN ended.spent >= 0 THEN ended.spent // {sql.MILLISECONDS_A_DAY} END AS days_in_all,
  deal.owners AS owners_now,
  ended.pipeline_key,
  ended.stage_key
FROM ended
LEFT JOIN {{deals}} AS deal ON deal.key = ended.key
LEFT JOIN {{stages}} AS stage ON stage.pipeline_key = ended.pipeline_key AND stage.stage_key = ended.stage_key
LEFT JOIN (
  SELECT pipeline_key, any_value(pipeline) AS pipeline FROM {{stages}} GROUP BY pipeline_key
) AS pipeline
  ON pipeline.pipeline_key = ended.pipeline_key
LEFT JOIN {{stages}} AS next
  ON next.pipeline_key = ended.next_pipeline_key AND next.stage_key = ended.next_stage_key"""

DEAL_STAGES = Answer(
    name="deal_stages",
    question="Which stages did a deal go through, when, how long, and who moved it?",
    description=(
        "Each stay of a box in a stage, one row a stay, also those before the first copy.\n\n"
        "`source` says where the row is from. `newsfeed`: Streak's entry of the move, with who made it. "
        "`stage history`: what the box itself remembers, which is only its last entry into each stage. "
        "`box`: the present stage, since the box last moved or was created. `copy`: two copies in a row had "
        "the box in other stages; the time is the box's own where it says one, and else that of the second "
        "copy. The newsfeed is as long as Streak's lists of it and what was copied of them, so visits before "
        "the first copy to a stage that was entered again later may be missing, and so may some that began "
        "and ended between two copies. "
        "Names of boxes, pipelines and stages are those of now, or the last known ones."
    ),
    example=(
        "SELECT name, stage, entered, exited, days, moved_by\n"
        "FROM streak_views.deal_stages\n"
        "WHERE pipeline = 'Sales'\n"
        "ORDER BY key, entered"
    ),
    columns=(
        AnswerColumn("key", "Key of the box."),
        AnswerColumn("name", "What the box is called now.", personal=True),
        AnswerColumn("pipeline", "What the pipeline of the stage is called now."),
        AnswerColumn("stage", "What the stage is called now, or was last called."),
        AnswerColumn(
            "stage_order", "Place of the stage in its pipeline now, counted from 0.", type=sql.COUNT
        ),
        AnswerColumn("outcome", "What the stage means now: won, lost or open."),
        AnswerColumn("entered", "When the box came into the stage.", type=sql.MOMENT),
        AnswerColumn(
            "exited",
            "When it left; NULL while it is there. The next entry that is known, or earlier where Streak "
            "says how "
            "long the box was in the stage.",
            type=sql.MOMENT,
        ),
        AnswerColumn(
            "days",
            "Complete days of the stay, until now where it lasts. Together with earlier stays that are "
            "missing "
            "where it was entered more than once.",
            type=sql.COUNT,
        ),
        AnswerColumn("is_now", "Whether this is the stay that lasts.", type="BOOLEAN"),
        AnswerColumn(
            "moved_by", "Who moved the box into the stage; known from the newsfeed only.", personal=True
        ),
        AnswerColumn("next_stage", "The stage that is known to have come next, by its name of now."),
        AnswerColumn("source", "Where the row is from: newsfeed, stage history, box or copy."),
        AnswerColumn(
            "days_in_all",
            "Complete days that the box has been in the stage in all visits together, as Streak counts it; "
            "NULL "
            "where Streak doesn't say.",
            type=sql.COUNT,
        ),
        AnswerColumn(
            "owners_now", "The people to whom the box is assigned now, not those of then.", personal=True
        ),
        AnswerColumn("pipeline_key", "Key of the pipeline of the stage."),
        AnswerColumn("stage_key", "Key of the stage, unique only inside its pipeline."),
    ),
    sql=_SQL,
    reads=(
        "pipeline_boxes",
        "pipeline_boxes_versions",
        "box_stage_history",
        "newsfeed",
        "people",
        "stages",
        "deals",
    ),
)
