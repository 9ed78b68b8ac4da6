"""What would a changed refresh have missed? Each complete one measures it.

A complete refresh reads every box, also those whose fingerprint hasn't changed. Where the rows of such a box
differ from the ones that are published, a changed refresh would have kept wrong rows.

For example, of three boxes with comments, A has a counter of 0. B has 2 comments, as at its last reading, and
so has its counter; but somebody edited one of them, and neither counter nor times of the box moved. C got a
fourth comment, and its counter shows it. A changed refresh would have taken A for empty, kept B, and
fetched C. So the audit says ``kept=1, empty=1, missed_boxes=1, missed_rows=1, examples=["B"]``: the edit is
what would have been missed, while the new comment of C would have been read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.warehouse.ddl import literal, quoted, quoted_list

if TYPE_CHECKING:
    from pathlib import Path

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

_MAX_EXAMPLES = 10


@dataclass(frozen=True)
class Audit:
    """``kept`` and ``empty`` boxes wouldn't have been asked; in ``missed_boxes`` of them rows differ.

    ``missed_rows`` came new, changed or went. ``examples`` are keys of such boxes.
    """

    kept: int
    empty: int
    missed_boxes: int
    missed_rows: int
    examples: list[str]


def audit(session: Session, table: Table, plan: Path, target: str, version: str) -> Audit:
    """Compare ``incoming`` with the published rows in ``target``, for boxes that would have been kept.

    ``version`` is the SQL expression that differs between two versions of a row.
    """
    key, parent = quoted_list(table.primary_key), quoted(table.parent_column or "")
    spared = f"SELECT box_key, would FROM read_parquet({literal(str(plan))}) WHERE would <> 'fetch'"
    rows = (
        f"SELECT coalesce(now.{parent}, was.{parent}) AS box_key "
        f"FROM (SELECT {_once(key, parent)}, {version} AS version FROM incoming) AS now "
        f"FULL JOIN (SELECT {_once(key, parent)}, {version} AS version FROM {target}) AS was USING ({key}) "
        "WHERE was.version IS DISTINCT FROM now.version"
    )
    kept, empty = session.one_row(
        f"SELECT count(*) FILTER (would = 'keep'), count(*) FILTER (would = 'empty') FROM ({spared})",
    )
    missed = (
        f"SELECT box_key, count(*) AS rows FROM ({rows}) SEMI JOIN ({spared}) USING (box_key) GROUP BY ALL"
    )
    boxes, count, examples = session.one_row(
        "SELECT count(*), coalesce(sum(rows), 0)::BIGINT, "
        f"to_json(list(box_key ORDER BY box_key)[:{_MAX_EXAMPLES}])::VARCHAR FROM ({missed})",
    )
    return Audit(int(kept), int(empty), int(boxes), int(count), json.loads(examples or "[]") or [])


def _once(key: str, parent: str) -> str:
    """The key's columns and the parent's, none of them twice."""
    return key if parent in key.split(", ") else f"{key}, {parent}"
