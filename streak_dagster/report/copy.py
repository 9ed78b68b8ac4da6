"""The database as a report reads it: what is there, and the two tables that most sections are reckoned from.

Nothing of it is written: the tables are temporary, and hold a few columns of each box.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from streak_dagster.report import words
from streak_dagster.warehouse import ddl, history

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import TypeVar

    from streak_dagster.warehouse.session import Session

    T = TypeVar("T")

VIEWS = "streak_views"
BOXES = "report_boxes"
"""A row a box: where it is, whose, since when, and for how long nobody touched it."""
EVENTS = "report_events"
"""A row for each time that a box was created, moved, won, lost or deleted in the last ``WEEKS`` weeks."""
WEEKS = 12
"""Weeks that the page tells of, the present one included."""
LATELY = 28
"""Days that count as lately in the headline."""
UNTOUCHED = 30
"""Days after which a box counts as one that nobody touches, as in ``streak_views.stage_age``."""

_BOXES = f"""
SELECT key, pipeline, pipeline_key, stage, stage_key, stage_order, outcome, owners, created, days_untouched,
  days_in_stage
FROM {VIEWS}.deals"""

_WEEK = "date_trunc('week', make_timestamp(epoch_us({moment})))::DATE"
"""The Monday of a moment's week in UTC, whatever the session's time zone."""

_EVENTS = f"""
WITH event AS (
  SELECT key, pipeline_key, created AS moment, 'created' AS kind FROM {BOXES}
  UNION ALL
  SELECT key, pipeline_key, entered, kind FROM (
    SELECT key, pipeline_key, entered, CASE outcome WHEN 'open' THEN 'moved' ELSE outcome END AS kind,
      row_number() OVER (PARTITION BY key ORDER BY entered) AS place
    FROM {VIEWS}.deal_stages
  ) WHERE kind <> 'moved' OR place > 1
  UNION ALL {{gone}}
)
SELECT key, pipeline_key, moment, kind, {_WEEK.format(moment="moment")} AS week FROM event
WHERE {_WEEK.format(moment="moment")} >= {_WEEK.format(moment="now()")} - {7 * (WEEKS - 1)}
  AND moment <= now()"""

_GONE = f"""
SELECT key, pipeline_key, deleted_at AS moment, 'deleted' AS kind
FROM {history.SCHEMA}.deletions WHERE table_name = 'pipeline_boxes'
UNION ALL
SELECT gone.key, any_value(gone.pipeline_key), any_value(box.creation_timestamp), 'created'
FROM {history.SCHEMA}.deletions AS gone JOIN {history.SCHEMA}.pipeline_boxes AS box ON box.key = gone.key
WHERE gone.table_name = 'pipeline_boxes' AND gone.returned_at IS NULL GROUP BY gone.key"""

_NOTHING = "SELECT NULL, NULL, NULL, NULL WHERE false"


class Unknown:
    """A section that has nothing to show, and the sentence that says why."""

    def __init__(self, why: str) -> None:
        self.why = why


class Copy:
    """An open database, as if the tables that are ``excluded`` from copying now weren't there.

    ``report_boxes`` and ``report_events`` are made at their first use.
    """

    def __init__(self, session: Session, excluded: Collection[str] = ()) -> None:
        self.session = session
        found = session.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
            "WHERE database_name = current_database() UNION ALL "
            "SELECT schema_name || '.' || view_name FROM duckdb_views() "
            "WHERE database_name = current_database()"
        )
        self.there = {str(name) for (name,) in found.fetchall()}
        self.there -= {f"{ddl.SCHEMA}.{name}" for name in excluded}
        self._made: set[str] = set()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """What a query finds, by column; texts on one line each. Raises duckdb.Error."""
        found = self.session.execute(query, values)
        names = [each[0] for each in found.description or ()]
        return [
            {
                name: words.plain(value) if isinstance(value, str) else value
                for name, value in zip(names, row, strict=True)
            }
            for row in found.fetchall()
        ]

    def section(
        self, read: Callable[[Copy], T], *, views: Sequence[str], tables: Sequence[str] = ()
    ) -> T | Unknown:
        """What ``read`` finds, or why there is nothing to find.

        ``tables`` are those of schema ``streak`` without which the ``views`` answer, and say nothing.
        """
        lacking = [each for each in tables if f"{ddl.SCHEMA}.{each}" not in self.there]
        if lacking:
            names = " and ".join(lacking)
            verb = "isn't" if len(lacking) == 1 else "aren't"
            return Unknown(f"{names} {verb} copied, so nothing is known of this.")
        lacking = [each for each in views if f"{VIEWS}.{each}" not in self.there]
        if lacking:
            return Unknown(f"The view {VIEWS}.{lacking[0]} isn't there: the next refresh makes it.")
        try:
            return read(self)
        except duckdb.Error as error:
            why = words.short(words.plain(str(error)), 200)
            return Unknown(f"DuckDB can't read this: {why}")

    def boxes(self) -> str:
        """The name of the table of boxes, which is made at its first use. Raises duckdb.Error."""
        if BOXES not in self._made:
            self.session.execute(f"CREATE OR REPLACE TEMPORARY TABLE {BOXES} AS {_BOXES}")
            self._made.add(BOXES)
        return BOXES

    def events(self) -> str:
        """The name of the table of events. Raises duckdb.Error."""
        if EVENTS not in self._made:
            self.boxes()
            has_past = {f"{history.SCHEMA}.deletions", f"{history.SCHEMA}.pipeline_boxes"} <= self.there
            query = _EVENTS.format(gone=_GONE if has_past else _NOTHING)
            self.session.execute(f"CREATE OR REPLACE TEMPORARY TABLE {EVENTS} AS {query}")
            self._made.add(EVENTS)
        return EVENTS
