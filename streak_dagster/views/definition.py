"""One view, as it shall be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """The view ``streak_views.<name>``: its query, and what its comments say.

    ``kind`` is ``pipeline`` or ``answer``; ``columns`` are the comments of the columns, in order. ``shape``
    is that of the tables in the query (``Sources.shape``).
    """

    name: str
    kind: str
    sql: str
    comment: str
    columns: tuple[tuple[str, str], ...]
    shape: str
