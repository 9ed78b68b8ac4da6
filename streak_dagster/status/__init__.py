"""How the copy stands: how old each table is, what the last refresh did, and what is to come.

Nothing here needs Dagster, asks Streak or writes anything. ``publications`` reads the database's own memory,
``runs`` what Dagster keeps of runs and daemons, ``budget`` the calls of the last minute, and ``look`` puts
them together.
"""

from __future__ import annotations

from streak_dagster.status.look import Status, TableStatus, look

__all__ = ["Status", "TableStatus", "look"]
