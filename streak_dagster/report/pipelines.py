"""Where the boxes are now: by pipeline and stage, what they are worth, and how long they have been there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streak_dagster.report.copy import LATELY, VIEWS

if TYPE_CHECKING:
    from streak_dagster.report.copy import Copy

DRAWN = 8
"""Pipelines with a chart of their own: the largest."""
LISTED = 100
"""Further pipelines, one line each."""
STAGES = 30
"""Stages of a pipeline that its table lists."""

_PIPELINES = """
WITH stage AS (
  SELECT pipeline_key, any_value(pipeline) AS pipeline FROM {views}.stages WHERE is_present
  GROUP BY pipeline_key
), box AS (
  SELECT pipeline_key, any_value(pipeline) AS pipeline, count(*) AS boxes,
    count(*) FILTER (outcome = 'open') AS open, count(*) FILTER (outcome = 'won') AS won,
    count(*) FILTER (outcome = 'lost') AS lost
  FROM {boxes} GROUP BY pipeline_key
), lately AS (
  SELECT pipeline_key, count(DISTINCT key) FILTER (kind = 'created') AS created,
    count(DISTINCT key) FILTER (kind = 'won') AS won_lately,
    count(DISTINCT key) FILTER (kind = 'lost') AS lost_lately
  FROM {events} WHERE moment > now() - to_days({lately}) GROUP BY pipeline_key
)
SELECT coalesce(box.pipeline_key, stage.pipeline_key) AS key,
  coalesce(stage.pipeline, box.pipeline, box.pipeline_key, '') AS name,
  coalesce(boxes, 0) AS boxes, coalesce(open, 0) AS open, coalesce(won, 0) AS won, coalesce(lost, 0) AS lost,
  coalesce(created, 0) AS created, coalesce(won_lately, 0) AS won_lately,
  coalesce(lost_lately, 0) AS lost_lately
FROM stage FULL JOIN box ON box.pipeline_key = stage.pipeline_key
LEFT JOIN lately ON lately.pipeline_key = coalesce(box.pipeline_key, stage.pipeline_key)
ORDER BY boxes DESC NULLS LAST, name, key"""

_STAGES = """
WITH box AS (
  SELECT pipeline_key, stage_key, any_value(stage) AS stage, any_value(outcome) AS outcome,
    any_value(stage_order) AS stage_order, count(*) AS boxes,
    quantile_cont(days_in_stage, 0.5) AS days, quantile_cont(days_in_stage, 0.9) AS most_days
  FROM {boxes} GROUP BY pipeline_key, stage_key
), worth AS (
  SELECT pipeline_key, stage_key, value, value_field FROM {views}.pipeline_daily
  WHERE day = make_timestamp(epoch_us(now()))::DATE
), stage AS (
  SELECT * FROM {views}.stages WHERE is_present
)
SELECT coalesce(box.pipeline_key, stage.pipeline_key) AS pipeline_key,
  coalesce(stage.stage, box.stage, 'without a stage') AS stage,
  coalesce(stage.outcome, box.outcome, 'open') AS outcome, coalesce(box.boxes, 0) AS boxes,
  box.days, box.most_days, CASE WHEN value_field IS NOT NULL THEN coalesce(value, 0) END AS value, value_field
FROM stage FULL JOIN box ON box.pipeline_key = stage.pipeline_key AND box.stage_key = stage.stage_key
LEFT JOIN worth ON worth.pipeline_key = coalesce(box.pipeline_key, stage.pipeline_key)
  AND worth.stage_key = coalesce(box.stage_key, stage.stage_key)
WHERE coalesce(box.pipeline_key, stage.pipeline_key, '') IN (SELECT unnest(?::VARCHAR[]))
ORDER BY pipeline_key, coalesce(stage.stage_order, box.stage_order) NULLS LAST, stage"""


@dataclass(frozen=True)
class Stage:
    """The boxes in a stage. ``days`` is the median, ``most_days`` what nine of ten don't exceed."""

    stage: str
    outcome: str
    boxes: int
    days: float | None
    most_days: float | None
    value: float | None


@dataclass
class Pipeline:
    """A pipeline now, and what came of it lately; ``money`` is the field that the values are of."""

    key: str | None
    name: str
    boxes: int
    open: int
    won: int
    lost: int
    created: int
    won_lately: int
    lost_lately: int
    money: str | None = None
    stages: list[Stage] = field(default_factory=list)

    @property
    def open_value(self) -> float | None:
        """What the open boxes are worth together."""
        known = [each.value for each in self.stages if each.outcome == "open" and each.value is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class Pipelines:
    """The largest are ``drawn``, some more ``listed``, and ``further`` ones only counted."""

    drawn: list[Pipeline]
    listed: list[Pipeline]
    further: int
    total: Pipeline


def pipelines(copy: Copy) -> Pipelines:
    """Every pipeline that has a box or a stage. Raises duckdb.Error."""
    names = {"boxes": copy.boxes(), "events": copy.events(), "views": VIEWS, "lately": LATELY}
    found = [Pipeline(**each) for each in copy.rows(_PIPELINES.format(**names))]
    drawn = [each for each in found if each.boxes][:DRAWN]
    by_key = {each.key or "": each for each in drawn}
    for row in copy.rows(_STAGES.format(**names), [list(by_key)]):
        pipeline, money = by_key[row.pop("pipeline_key") or ""], row.pop("value_field")
        pipeline.stages.append(Stage(**row))
        pipeline.money = pipeline.money or money
    others = [each for each in found if each not in drawn]
    return Pipelines(drawn, others[:LISTED], max(len(others) - LISTED, 0), _total(found))


def _total(found: list[Pipeline]) -> Pipeline:
    counts = ("boxes", "open", "won", "lost", "created", "won_lately", "lost_lately")
    return Pipeline(None, "", **{name: sum(getattr(each, name) for each in found) for name in counts})
