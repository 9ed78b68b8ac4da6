"""The macros ``streak_at.<table or view>(as_of)``, which read what there was at a moment, are kept in step.

One stands for each table that has a history, and for each view, with the same columns. What differs is made
anew, in the transaction of a publication. DuckDB looks up what a macro reads when it is called, so a table
that is replaced costs none of them anything. What people made themselves in ``streak_at`` is never replaced.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from streak_dagster.views import memory
from streak_dagster.views.past import PARAMETER, SCHEMA, table_as_of, view_as_of
from streak_dagster.views.pipelines import KIND
from streak_dagster.views.sources import SCHEMA as VIEWS
from streak_dagster.warehouse import ddl
from streak_dagster.warehouse.ddl import literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from streak_dagster.views.definition import Definition
    from streak_dagster.views.past import PastSources
    from streak_dagster.views.remembering import Remembered
    from streak_dagster.warehouse.session import Session

SUFFIX = "_pipeline"
"""Behind the name of a pipeline's macro where a table or an answer has it: as of then a pipeline called
Contacts is ``streak_at.contacts_pipeline``."""

_FOREIGN = "macros of somebody else"
"""What a publication leaves word of for the next one."""


class Macro(NamedTuple):
    """A macro as it shall be: its name, its query, and what its comment says."""

    name: str
    query: str
    comment: str

    @property
    def digest(self) -> str:
        return memory.digest_of(self.query, self.comment)


def refresh_macros(session: Session, sources: PastSources, views: Sequence[Definition]) -> list[str]:
    """Make, replace and drop the macros that aren't as due, inside the caller's transaction.

    ``views`` are those that there are, with their SQL as of then. Returns a sentence for each macro whose
    name somebody else uses, for the log. Needs ``memory.prepare``.
    """
    wanted = {f"{SCHEMA}.{each.name}": each for each in _wanted(sources, views)}
    made = {
        name: each for name, each in memory.made_of_history(session).items() if name.startswith(f"{SCHEMA}.")
    }
    differing = {name: each for name, each in wanted.items() if made.get(name) != (each.digest, each.comment)}
    gone = made.keys() - wanted.keys()
    foreign: frozenset[str] | None = session.known.get(_FOREIGN)
    if differing or gone:
        session.create_schema(SCHEMA)
        foreign = _foreign(session, made) if foreign is None else foreign
    if foreign is not None:
        session.leaves = {**session.leaves, _FOREIGN: foreign}
    if foreign is None or not (differing or gone):
        return []
    for name in gone - foreign:
        session.execute(f"DROP MACRO TABLE IF EXISTS {_target(session, name)}")
    possible = {name: each for name, each in differing.items() if name not in foreign}
    for name, each in possible.items():
        target = _target(session, name)
        session.execute(f"CREATE OR REPLACE MACRO {target}({PARAMETER}) AS TABLE {each.query}")
        session.execute(f"COMMENT ON MACRO TABLE {target} IS {literal(each.comment)}")
    memory.note_made(session, {name: (each.digest, each.comment) for name, each in possible.items()}, gone)
    return [
        f"The macro {name} wasn't made: something else has that name, and was left as it is. "
        "Rename or drop it."
        for name in differing.keys() & foreign
    ]


def with_gone_fields(fields: Mapping[str, Sequence[Remembered]]) -> dict[str, list[Remembered]]:
    """The fields, by pipeline, those that are gone as if they weren't: once they had values."""
    return {key: [replace(each, gone_since=None) for each in of_one] for key, of_one in fields.items()}


def _wanted(sources: PastSources, views: Sequence[Definition]) -> Iterable[Macro]:
    """The macros of the tables, the answers and the pipelines."""
    taken = set()
    for table in sources.kept:
        taken.add(table.name)
        said = f"The table {ddl.SCHEMA}.{table.name} as it was at a moment. {table.description}"
        yield Macro(table.name, table_as_of(table, sources.versions[table.name]), said)
    if not taken:
        return
    for view in sorted(views, key=lambda each: each.kind == KIND):
        name = _free(view.name, taken) if view.kind == KIND else view.name
        taken.add(name)
        said = f"The view {VIEWS}.{view.name} as it was at a moment. {view.comment}"
        yield Macro(name, view_as_of(view.sql), said)


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += SUFFIX
    return name


def _target(session: Session, name: str) -> str:
    return session.qualified(name.removeprefix(f"{SCHEMA}."), SCHEMA)


def _foreign(session: Session, made: Mapping[str, tuple[str, str]]) -> frozenset[str]:
    """The macros of ``streak_at`` that somebody else made. A look at each function of DuckDB, 15 ms.

    Whoever replaces a macro loses its comment, so what has the comment that ours got is ours.
    """
    there = _there(session)
    return frozenset(there.keys() - {name for name, (_, said) in made.items() if there.get(name) == said})


def _there(session: Session) -> dict[str, str | None]:
    """Every macro of ``streak_at``, with its comment, by its full name."""
    rows = session.execute(
        "SELECT schema_name || '.' || function_name, any_value(comment) FROM duckdb_functions() "
        "WHERE database_name = current_database() AND schema_name = ? GROUP BY ALL",
        [SCHEMA],
    )
    return dict(rows.fetchall())
