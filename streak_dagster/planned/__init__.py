"""What a refresh would cost, said before it is made, by the code that plans the refresh itself.

``scratch`` copies what planning reads of the database into one that is thrown away, ``planner`` begins each
table's refresh there and counts the calls that would follow, ``rows`` is what comes of it. Nothing is
published, and no spool is left.
"""

from __future__ import annotations

from streak_dagster.planned.planner import plan_of
from streak_dagster.planned.rows import Plan, PlannedTable

__all__ = ["Plan", "PlannedTable", "plan_of"]
