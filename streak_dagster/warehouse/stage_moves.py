"""Where the copies of boxes and Streak's own stage history tell of different moves; read only.

Streak keeps the last entry into each stage. A box that a copy saw in a stage was in it when Streak last saved
that version. So the box's own list should have an entry of that stage, no earlier than an earlier version was
saved elsewhere; and no entry of another stage should lie between that entry and the saving. All of these are
times by Streak's own clock, which need not be ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streak_dagster.tables import PIPELINE_BOXES
from streak_dagster.warehouse import history

if TYPE_CHECKING:
    from streak_dagster.warehouse.session import Session

TOLERANCE = 60
"""Seconds by which the times that Streak gives one event may differ."""
MAX_EXAMPLES = 20

_SAVED = ("last_saved_timestamp", "last_updated_timestamp", "last_stage_change_timestamp")
_NEEDED = ("key", "pipeline_key", "stage_key", "stage_history_entries", *_SAVED)


@dataclass(frozen=True)
class StageMoves:
    """``boxes`` compared, and in how many of them something ``differing`` is told."""

    boxes: int
    differing: int
    examples: list[dict[str, Any]]


def compare_stage_moves(session: Session) -> StageMoves | None:
    """The present boxes of which both tell something; None where no history is kept.

    Not compared are boxes without a stage history, which older answers don't have; boxes that were in several
    pipelines, whose entries don't say of which they are; and stages that a pipeline doesn't have any more.
    """
    there = session.columns(PIPELINE_BOXES.name, history.SCHEMA)
    if not {*_NEEDED, *history.VERSION_COLUMNS} <= there.keys():
        return None
    stages = "SELECT unnest([]::VARCHAR[]) AS pipeline_key, NULL::VARCHAR AS key, NULL::VARCHAR AS name"
    if {"pipeline_key", "key", "name"} <= session.columns("pipeline_stages").keys():
        stages = f"SELECT pipeline_key, key, name FROM {session.qualified('pipeline_stages')}"
    query = _QUERY.format(
        versions=session.qualified(PIPELINE_BOXES.name, history.SCHEMA),
        stages=stages,
        tolerance=TOLERANCE,
        saved=", ".join(_SAVED),
    )
    with session.temporary("stage_moves", query):
        boxes, differing = session.one_row(
            "SELECT count(DISTINCT key), count(DISTINCT key) FILTER (problem IS NOT NULL) FROM stage_moves"
        )
        found = session.execute(
            "SELECT key, pipeline_key, stage, problem, strftime(make_timestamp(epoch_us(seen)), "
            "'%Y-%m-%d %H:%M UTC') FROM stage_moves WHERE problem IS NOT NULL "
            "ORDER BY seen DESC, key LIMIT ?",
            [MAX_EXAMPLES],
        ).fetchall()
    names = ("box", "pipeline", "stage", "problem", "copied")
    return StageMoves(boxes, differing, [dict(zip(names, each, strict=True)) for each in found])


_QUERY = """\
WITH version AS (
  SELECT
    key, pipeline_key, stage_key, _valid_from,
    lag(stage_key) OVER one_box AS stage_before,
    lag(greatest({saved})) OVER one_box AS saved_before,
    row_number() OVER one_box = 1 AS is_first
  FROM {versions}
  WHERE _change <> 'delete'
  WINDOW one_box AS (PARTITION BY key ORDER BY _valid_from, _valid_to NULLS LAST)
), moved AS (
  -- Boxes in another stage than before, when they were last saved there, and before that elsewhere.
  SELECT
    *, lead(saved_before) OVER (PARTITION BY key ORDER BY _valid_from) AS saved
  FROM version
  WHERE is_first OR stage_key IS DISTINCT FROM stage_before
), stage AS (
  {stages}
), present AS (
  SELECT key, pipeline_key, json_extract(stage_history_entries, '$[*]') AS entries
  FROM {versions}
  WHERE _valid_to IS NULL AND _change <> 'delete'
    AND key NOT IN (SELECT key FROM version GROUP BY key HAVING count(DISTINCT pipeline_key) > 1)
), entry AS (
  SELECT key, stage_key, make_timestamptz(max(milliseconds) * 1000) AS entered
  FROM (
    SELECT
      key,
      json_extract_string(entry, '$.stageKey') AS stage_key,
      try_cast(json_extract_string(entry, '$.lastEntryToStageTs') AS BIGINT)
        AS milliseconds
    FROM (SELECT key, unnest(entries) AS entry FROM present)
  )
  WHERE stage_key IS NOT NULL AND milliseconds BETWEEN 0 AND 253402300799999
  GROUP BY key, stage_key
), seen AS (
  SELECT
    moved.key, present.pipeline_key, moved.stage_key, coalesce(stage.name, moved.stage_key) AS stage,
    moved._valid_from AS seen, moved.saved, moved.saved_before AS elsewhere
  FROM moved
  JOIN present ON present.key = moved.key
  JOIN stage ON stage.pipeline_key = present.pipeline_key AND stage.key = moved.stage_key
  WHERE moved.key IN (SELECT key FROM entry)
), other AS (
  -- The latest entry of another stage before the box was last saved in this one.
  SELECT seen.key, seen.seen, max(entry.entered) AS entered
  FROM seen JOIN entry ON entry.key = seen.key AND entry.stage_key <> seen.stage_key
    AND entry.entered < seen.saved - INTERVAL {tolerance} SECOND
  GROUP BY seen.key, seen.seen
)
SELECT
  seen.key, seen.pipeline_key, seen.stage, seen.seen,
  CASE
    WHEN entry.key IS NULL THEN 'Streak has no entry of the stage'
    WHEN entry.entered < seen.elsewhere - INTERVAL {tolerance} SECOND
      THEN 'Streak says that it came before, when it was elsewhere'
    WHEN entry.entered <= seen.saved AND other.entered > entry.entered + INTERVAL {tolerance} SECOND
      THEN 'Streak says that it had moved on'
  END AS problem
FROM seen
LEFT JOIN entry ON entry.key = seen.key AND entry.stage_key = seen.stage_key
LEFT JOIN other ON other.key = seen.key AND other.seen = seen.seen"""
