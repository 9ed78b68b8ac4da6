"""The names in the SQL of an answer become what stands for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streak_dagster.views.sources import SCHEMA
from streak_dagster.warehouse.ddl import quoted

if TYPE_CHECKING:
    from collections.abc import Collection

    from streak_dagster.views.sources import Sources


def fill(sql: str, sources: Sources, answers: Collection[str]) -> str:
    """``{deals}`` becomes the view of that answer, ``{teams}`` the table, or an empty one.

    Raises KeyError with the name of what is neither.
    """

    def relation(match: re.Match[str]) -> str:
        name = match[1]
        return f"{SCHEMA}.{quoted(name)}" if name in answers else sources.relation(name)

    return re.sub(r"\{(\w+)\}", relation, sql)
