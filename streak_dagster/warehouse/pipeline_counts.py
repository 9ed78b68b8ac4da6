"""Whether the boxes that landed are as many as their pipelines and stages say, read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streak_dagster.tables import PIPELINE_BOXES, PIPELINES
from streak_dagster.warehouse.inspection import MAX_EXAMPLES

if TYPE_CHECKING:
    from streak_dagster.warehouse.session import Session


@dataclass(frozen=True)
class PipelineCounts:
    """Counters of so many ``pipelines`` and ``stages`` were compared.

    Those of ``differing`` pipelines aren't the number of their boxes; ``examples`` say which.
    """

    pipelines: int
    stages: int
    differing: int
    examples: list[dict[str, Any]]


def compare_pipelines(session: Session) -> PipelineCounts | None:
    """Compare ``box_count`` and each stage's ``boxCount`` with the boxes; None where a side isn't there.

    ``box_count_hint`` is a cached estimate and isn't compared. A box that was made after its pipeline was
    read may be in the counter or not.
    """
    mine, theirs = session.columns(PIPELINE_BOXES.name), session.columns(PIPELINES.name)
    if not ({"pipeline_key", "stage_key"} <= mine.keys() and {"key", "box_count", "stages"} <= theirs.keys()):
        return None
    name = '"name"' if "name" in theirs else "NULL"
    read = '"_synced_at"' if "_synced_at" in theirs else "NULL"
    made = "boxes.creation_timestamp" if "creation_timestamp" in mine else "NULL"
    # TRY_CAST: whoever else wrote into the table may have left anything there.
    compared = (
        f'WITH p AS (SELECT DISTINCT ON ("key") "key" AS pipeline_key, {name} AS name, {read} AS read, '
        'TRY_CAST("box_count" AS BIGINT) AS counter, TRY_CAST("stages" AS MAP(VARCHAR, JSON)) AS stages '
        f"FROM {session.qualified(PIPELINES.name)}), "
        "s AS (SELECT pipeline_key, name, read, unnest(map_entries(stages)) AS stage FROM p), "
        "counted AS (SELECT pipeline_key, name, read, NULL AS stage_key, counter FROM p UNION ALL "
        "SELECT pipeline_key, name, read, stage.key, "
        "TRY_CAST(json_extract_string(stage.value, '$.boxCount') AS BIGINT) FROM s), "
        "b AS (SELECT pipeline_key, boxes.stage_key, count(*) AS rows, "
        f"count(*) FILTER (coalesce({made} > read, false)) AS later "
        f"FROM {session.qualified(PIPELINE_BOXES.name)} AS boxes JOIN p USING (pipeline_key) GROUP BY ALL) "
        "SELECT c.pipeline_key, c.name, c.stage_key, c.counter, coalesce(sum(b.rows), 0)::BIGINT AS rows, "
        "coalesce(sum(b.later), 0)::BIGINT AS later "
        "FROM counted AS c LEFT JOIN b ON b.pipeline_key = c.pipeline_key "
        "AND (c.stage_key IS NULL OR b.stage_key = c.stage_key) WHERE c.counter IS NOT NULL GROUP BY ALL"
    )
    differs = "counter NOT BETWEEN rows - later AND rows"
    pipelines, stages, differing = session.one_row(
        "SELECT count(*) FILTER (stage_key IS NULL), count(stage_key), "
        f"count(DISTINCT pipeline_key) FILTER ({differs}) FROM ({compared})",
    )
    found = session.execute(
        f"SELECT name, pipeline_key, stage_key, counter, rows FROM ({compared}) WHERE {differs} "
        f"ORDER BY abs(counter - rows) DESC, pipeline_key, stage_key NULLS FIRST LIMIT {MAX_EXAMPLES}"
    ).fetchall()
    labels = ("pipeline", "key", "stage", "counter", "boxes")
    examples = [
        {label: each for label, each in zip(labels, row, strict=True) if each is not None} for row in found
    ]
    return PipelineCounts(int(pipelines), int(stages), int(differing), examples)
