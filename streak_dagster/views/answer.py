"""How a ready answer is declared: a view over all pipelines that answers what people ask of a CRM.

An answer is data. From it come the view in the schema ``streak_views``, its comments, its asset and its
section in ``docs/views.md``. Its SQL names a table as ``{pipeline_boxes}``, all versions of its rows as
``{pipeline_boxes_versions}``, another answer as ``{deals}`` and the moment at which it is read as ``{now}``;
whoever makes the view says what stands there, so that a table that isn't copied can be an empty one, and the
whole answer that of an earlier time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_RELATION = re.compile(r"\{(\w+)\}")
"""A name that is filled in. Nothing else in the SQL of an answer is in braces."""
VERSIONS = "_versions"
"""Behind a table's name: all versions of its rows."""


def versioned(name: str) -> str | None:
    """The table whose versions a name of ``reads`` stands for; None for any other name."""
    return name.removesuffix(VERSIONS) if name.endswith(VERSIONS) else None


@dataclass(frozen=True)
class AnswerColumn:
    """One column of an answer.

    ``personal`` marks data about a person, which is kept out of previews. ``type`` is DuckDB's spelling of
    what the column holds; a test compares it with the view.
    """

    name: str
    description: str
    personal: bool = False
    type: str = "VARCHAR"


@dataclass(frozen=True)
class Answer:
    """One view of ``streak_views``: what it answers, its columns in order, and the SQL.

    ``question`` is what a person would ask. ``description`` is Markdown whose first line makes sense alone;
    it says what counts and what doesn't. ``example`` is one query that anybody can run as it is. ``reads``
    are the tables of ``streak`` and ``streak_meta``, the versions of tables and the other answers that the
    SQL names.
    """

    name: str
    description: str
    question: str
    example: str
    columns: tuple[AnswerColumn, ...]
    sql: str
    reads: tuple[str, ...]

    def __post_init__(self) -> None:
        named = set(_RELATION.findall(self.sql)) - {"now"}
        if named != set(self.reads) or len(self.reads) != len(named):
            raise ValueError(f"answer {self.name} reads {sorted(named)}, and declares {sorted(self.reads)}")
        if len({column.name for column in self.columns}) != len(self.columns):
            raise ValueError(f"answer {self.name} declares a column twice")

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The tables and other answers that the SQL names: versions of rows come with their table."""
        return tuple(dict.fromkeys(versioned(name) or name for name in self.reads))

    def filled(self, relations: Mapping[str, str], now: str = "now()") -> str:
        """The SQL with what stands for each name of ``reads``: a table's name, or a query in parentheses.

        ``now`` is the moment at which the answer is read. Raises KeyError where a name is missing.
        """
        filling = {**relations, "now": now}
        return _RELATION.sub(lambda match: filling[match[1]], self.sql)
