"""What stands for tables, names and other answers in the SQL of a view that is read as of an earlier time.

A view as of then is a macro, ``streak_at.<view>(as_of)``. DuckDB 1.4 loses the common table expressions of a
macro that DuckDB 2 stored, and those of a view's subqueries. So the macro holds its SQL as text, for
``query()``, in which ``{as_of}`` becomes the moment before it is read. That of a table is simple enough to be
stored as it is.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from streak_dagster.tables import ALL_TABLES
from streak_dagster.views.answer import versioned
from streak_dagster.views.sources import Sources
from streak_dagster.warehouse import ddl, history
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streak_dagster.tables import Table

SCHEMA = "streak_at"
PARAMETER = "as_of"
"""The parameter of every macro. A macro's parameter takes the place of columns, so no table may have one of
that name."""
_MOMENT = "{as_of}"
_COPIED = {table.name: table for table in ALL_TABLES}
_CALLED_BY_TABLE = {
    # What streak_meta remembers of names, the table that says them, and which of its columns say what.
    "stage_names": (
        "pipeline_stages",
        {"pipeline_key": "pipeline_key", "stage_key": "key"},
        {"name": "name", "position": "position"},
    ),
    "pipeline_names": ("pipelines", {"pipeline_key": "key"}, {"name": "name"}),
}


class PastSources(Sources):
    """The sources of a macro's SQL, in which ``{as_of}`` is the moment of which everything is read."""

    @classmethod
    def like(cls, sources: Sources) -> PastSources:
        """The same tables, as they were."""
        return cls(**{each.name: getattr(sources, each.name) for each in fields(sources)})

    @property
    def kept(self) -> tuple[Table, ...]:
        """The tables that have a history, in the order of their declaration."""
        return tuple(table for name, table in _COPIED.items() if name in self.versions and self.has(name))

    @property
    def now(self) -> str:
        return _MOMENT

    def answer(self, name: str) -> str:
        return _called(name)

    def relation(self, name: str) -> str:
        """What stands for a table as of then.

        Of a table without a history those of its present rows that were read by then. What ``streak_meta``
        remembers of names is what it remembered then, as far as history tells. What users write there
        themselves has no past.
        """
        if versioned(name) is not None:
            return (
                "(SELECT * REPLACE (CASE WHEN _valid_to <= {as_of} THEN _valid_to END AS _valid_to) "
                f"FROM {super().relation(name)} WHERE _valid_from <= {_MOMENT})"
            )
        if name in _COPIED and name in self.versions and self.has(name):
            return _called(name)
        now = super().relation(name)
        if name in _CALLED_BY_TABLE:
            return self._names(name, now)
        if self.has(name):
            return f"(SELECT * FROM {now} WHERE {quoted(ddl.SYNCED_AT)} <= {_MOMENT})"
        return now

    def shape(self, names: Iterable[str]) -> str:  # noqa: ARG002 - of views alone
        """Nothing: what a macro reads is looked up when it is called."""
        return ""

    def _names(self, memory: str, now: str) -> str:
        """What was remembered of names: the last that history knew by then, else the last that is known.

        A row that is gone is remembered by its tombstone, which has the values that it had last.
        """
        table, keys, values = _CALLED_BY_TABLE[memory]
        if table not in self.versions:
            return f"(SELECT * FROM {now} WHERE first_seen <= {_MOMENT})"
        same = " AND ".join(f"was.{quoted(theirs)} = m.{quoted(ours)}" for ours, theirs in keys.items())
        columns = {
            ours: f"coalesce(was.{quoted(theirs)}, m.{quoted(ours)})"
            for ours, theirs in {**keys, **values}.items()
        }
        if "is_present" in self.memory[memory]:
            columns["is_present"] = "coalesce(was._change <> 'delete', false)"
        replaced = ", ".join(f"{expression} AS {quoted(name)}" for name, expression in columns.items())
        known = f"(SELECT * FROM {history.SCHEMA}.{quoted(table)} WHERE {_was_valid(_MOMENT)})"
        return (
            f"(SELECT m.* REPLACE ({replaced}) FROM {now} AS m FULL JOIN {known} AS was ON {same} "
            f"WHERE was._change IS NOT NULL OR m.first_seen <= {_MOMENT})"
        )


def table_as_of(table: Table, there: Mapping[str, str]) -> str:
    """The query of a table's rows as of the macro's parameter: its own columns, in order.

    Of those, its history has the ones that are ``there``; what a newer declaration added is NULL.
    """
    moment = f"{PARAMETER}::TIMESTAMPTZ"
    columns = (
        quoted(name) if name in there else f"NULL::{kind} AS {quoted(name)}"
        for name, kind in ddl.column_types(table).items()
    )
    return (
        f"SELECT {', '.join(columns)} FROM {history.SCHEMA}.{quoted(table.name)} "
        f"WHERE {_was_valid(moment)} AND _change <> 'delete'"
    )


def view_as_of(query: str) -> str:
    """The query of a macro whose SQL is the text ``query``, ``{as_of}`` being its parameter."""
    microseconds = f"coalesce(epoch_us({PARAMETER}::TIMESTAMPTZ)::VARCHAR, 'NULL')"
    moment = f"'make_timestamptz(' || {microseconds} || '::BIGINT)'"
    return f"FROM query(replace({literal(query)}, {literal(_MOMENT)}, {moment}))"


def _called(name: str) -> str:
    return f"{SCHEMA}.{quoted(name)}({_MOMENT})"


def _was_valid(moment: str) -> str:
    return f"_valid_from <= {moment} AND (_valid_to IS NULL OR _valid_to > {moment})"
