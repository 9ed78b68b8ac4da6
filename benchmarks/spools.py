"""What the benchmarks of publishing publish: spools of boxes, as a walk would have left them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1024 * 1024
"""Bytes that a reader must be ready to take as one line."""
_BOXES = """
  'agxzfm1haWxmb29nYWVy' || md5(i::VARCHAR) AS key, 'pipeline-' || i % 50 AS pipeline_key,
  CASE WHEN {moved} THEN '5999' ELSE (5001 + i % 7)::VARCHAR END AS stage_key, 'Company ' || i AS name,
  'Notes of company ' || i || ', which are a sentence long.' AS notes, 'user-' || i % 30 AS creator_key,
  1600000000000 + i * 1000 AS creation_timestamp, 1700000000000 + i AS last_updated_timestamp,
  1700000000000 + i + {moved}::INT AS last_saved_timestamp, i % 9 AS comment_count, i % 5 AS task_total,
  i % 3 AS gmail_thread_count, json_object('1001', i % 1000, '1002', 'text ' || i, '1003', i) AS fields,
  [{{'stageKey': '5001', 'lastEntryToStageTs': i, 'timeInStageMs': i}}] AS stage_history_entries,
  [{{'key': 'contact-' || i, 'isStarred': false}}] AS contacts, {now} AS _synced_at"""


def make(rows: int, changed: int, first: Path, second: Path) -> None:
    """Two spools of boxes; in the second one, one of so many ``changed``: another stage, saved later."""
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        for path, moved in ((first, "false"), (second, f"(i % {changed} = 0)")):
            chosen = _BOXES.format(moved=moved, now=time.time_ns() // 1_000_000)
            connection.execute(f"COPY (SELECT {chosen} FROM range({rows}) AS r(i)) TO '{path}' (FORMAT json)")
            time.sleep(0.01)
