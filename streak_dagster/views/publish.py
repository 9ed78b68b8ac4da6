"""The views are kept in step with the tables, in the transaction that publishes one.

What differs from what was made before is made anew, and nothing else. A view that can't be made is left out,
which is said and remembered; the table is published all the same. What people made themselves in
``streak_views`` is never replaced.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple

from streak_dagster.views import memory
from streak_dagster.views.answers import ALL_ANSWERS
from streak_dagster.views.as_of import refresh_macros, with_gone_fields
from streak_dagster.views.by_hand import create_tables_by_hand
from streak_dagster.views.definition import Definition
from streak_dagster.views.deletions import refresh_deletions
from streak_dagster.views.naming import name_pipelines_and_fields
from streak_dagster.views.past import PastSources
from streak_dagster.views.pipelines import typed_view
from streak_dagster.views.sources import SCHEMA, Sources
from streak_dagster.views.trial import refusals
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.ddl import literal, quoted
from streak_dagster.warehouse.opening import is_ambiguous
from streak_dagster.warehouse.typed_numbers import as_number_sql

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from streak_dagster.views.remembering import Remembered
    from streak_dagster.warehouse.session import Session

MACRO = "as_number"
MAX_COMMENTS = 400
"""Comments on columns that one transaction makes.

DuckDB keeps a copy of the whole view for each, 140 kB where it has 73 columns: 50 such views took 500 MB.
"""
_AMBIGUOUS = (
    "No view was made: in a database called {name}, DuckDB can't tell the schema {name} from the database "
    "itself. Give the file another name, for example STREAK_DUCKDB_PATH=data/crm.duckdb."
)


class Recorded(NamedTuple):
    """A view as it was made last, a line of ``streak_meta.views``; ``problem`` is why a later one wasn't."""

    kind: str
    sql: str
    comment: str | None
    columns: str | None
    shape: str | None
    problem: str | None


def refresh_views(session: Session, now: int | None = None) -> list[str]:
    """Make, replace and drop the views that aren't as due, inside the caller's transaction.

    Returns a sentence for each view that can't be made, for the log; empty where all is well. ``now`` is in
    milliseconds since 1970 UTC. Raises duckdb.Error only for what is wrong with the database itself.
    """
    if is_ambiguous(session.catalog):
        return [_AMBIGUOUS.format(name=session.catalog)]
    now = time.time_ns() // 1_000_000 if now is None else now
    memory.prepare(session)
    session.create_schema(SCHEMA)
    create_tables_by_hand(session)
    sources = Sources.of(session)
    memory.remember_stages(session, sources, now)
    there, recorded = _there(session), _recorded(session)
    # Whoever replaces a view loses its comment, so what has the comment that ours got is ours.
    ours = {name for name, each in recorded.items() if each.comment and there.get(name) == each.comment}
    known, fields = name_pipelines_and_fields(session, sources, now, foreign=there.keys() - ours)
    due, problems = _due(known, fields, sources)
    for definition in due:
        if definition.name in there and definition.name not in ours:
            problems[definition.name] = (
                f"something else has that name in {SCHEMA}, and was left as it is. Rename or drop it."
            )
    possible = [each for each in due if each.name not in problems]
    # Of a view that isn't ours any more nothing stands.
    standing = {name: each for name, each in recorded.items() if name in ours}
    problems |= _make(session, sources, possible, standing)
    _comment(session, [each for each in possible if each.name not in problems])
    _drop(session, recorded, ours, due_names={each.name for each in due} | problems.keys())
    _note_problems(session, problems, recorded)
    said = [f"The view {SCHEMA}.{name} wasn't made: {why}" for name, why in problems.items()]
    past = PastSources.like(sources)
    then = _due(known, with_gone_fields(fields), past)[0] if past.kept else []
    said += refresh_macros(session, past, [each for each in then if each.name not in problems])
    return said + refresh_deletions(session, sources)


def _due(
    pipelines: Sequence[Remembered], fields: Mapping[str, Sequence[Remembered]], sources: Sources
) -> tuple[list[Definition], dict[str, str]]:
    """The views of the pipelines and of the ready answers, and why some can't be written down."""
    answers, problems = _answers(sources)
    return [*(typed_view(each, fields.get(each.key, []), sources) for each in pipelines), *answers], problems


def _there(session: Session) -> dict[str, str | None]:
    """Every view and table of ``streak_views``, with its comment."""
    rows = session.execute(
        "SELECT view_name, comment FROM duckdb_views() WHERE database_name = current_database() "
        "AND schema_name = $schema UNION ALL SELECT table_name, comment || ' (a table)' FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name = $schema",
        {"schema": SCHEMA},
    )
    return dict(rows.fetchall())


def _recorded(session: Session) -> dict[str, Recorded]:
    rows = session.execute(
        "SELECT name, kind, sql, comment, columns, shape, problem "
        f"FROM {session.qualified('views', meta.SCHEMA)}"
    )
    return {name: Recorded(*rest) for name, *rest in rows.fetchall()}


def _answers(sources: Sources) -> tuple[list[Definition], dict[str, str]]:
    """The ready answers, and why some of them can't be written down."""
    found, problems = [], {}
    names = {each.name for each in ALL_ANSWERS}
    for each in ALL_ANSWERS:
        try:
            sql = each.filled({name: _relation(name, sources, names) for name in each.reads}, sources.now)
        except KeyError as error:
            problems[each.name] = f"it reads {error}, which is no table and no answer"
            continue
        columns = tuple((column.name, column.description) for column in each.columns)
        comment = f"{each.question}\n\n{each.description}"
        found.append(Definition(each.name, "answer", sql, comment, columns, sources.shape(each.reads)))
    return found, problems


def _relation(name: str, sources: Sources, answers: Collection[str]) -> str:
    return sources.answer(name) if name in answers else sources.relation(name)


def _is_as_due(due: Definition, was: Recorded | None) -> bool:
    return was is not None and (due.sql, due.shape, None) == (was.sql, was.shape, was.problem)


def _macro(catalog: str = "") -> str:
    """The statement of the macro that reads numbers in text."""
    target = f"{quoted(catalog)}.{SCHEMA}" if catalog else SCHEMA
    return f"CREATE OR REPLACE MACRO {target}.{MACRO}(text) AS ({as_number_sql('text')})"


def _make(
    session: Session, sources: Sources, possible: Sequence[Definition], standing: Mapping[str, Recorded]
) -> dict[str, str]:
    """Make those of the ``possible`` views that differ. Returns why some can't be made, by name."""
    wanted = [each for each in possible if not _is_as_due(each, standing.get(each.name))]
    if wanted:
        tried = _with_those_read(wanted, possible)
        refused = refusals(session, sources, [_macro()], tried)
    else:
        refused = {}
    _make_macro(session)
    for each in wanted:
        if each.name not in refused:
            target = session.qualified(each.name, SCHEMA)
            session.execute(f"CREATE OR REPLACE VIEW {target} AS {each.sql}")
            session.execute(f"COMMENT ON VIEW {target} IS {literal(each.comment)}")
            _record(session, each.name, (each.kind, each.sql, each.comment, "{}", each.shape))
    return {each.name: refused[each.name] for each in wanted if each.name in refused}


def _with_those_read(wanted: Sequence[Definition], possible: Sequence[Definition]) -> dict[str, str]:
    """The queries of the ``wanted`` views and of those that they read, however deep, which come first."""
    needed = {each.name for each in wanted}
    queries = [each.sql for each in wanted]
    for each in reversed(possible):
        if each.name not in needed and any(f"{SCHEMA}.{quoted(each.name)}" in query for query in queries):
            needed.add(each.name)
            queries.append(each.sql)
    return {each.name: each.sql for each in possible if each.name in needed}


def _make_macro(session: Session) -> None:
    name, macro = f"{MACRO}()", _macro()
    was = _recorded(session).get(name)
    if was is None or was.sql != macro:
        session.execute(_macro(session.catalog))
        _record(session, name, ("macro", macro, None, None, None))


def _comment(session: Session, made: Sequence[Definition]) -> None:
    """Say in comments what each view and column is, as far as it isn't said; the rest the next time."""
    left, recorded = MAX_COMMENTS, _recorded(session)
    for due in made:
        target, was = session.qualified(due.name, SCHEMA), recorded[due.name]
        told = json.loads(was.columns or "{}")
        missing = [(column, meaning) for column, meaning in due.columns if told.get(column) != meaning][:left]
        left -= len(missing)
        for column, meaning in missing:
            session.execute(f"COMMENT ON COLUMN {target}.{quoted(column)} IS {literal(meaning)}")
        if due.comment != was.comment:
            session.execute(f"COMMENT ON VIEW {target} IS {literal(due.comment)}")
        if missing or due.comment != was.comment:
            said = json.dumps({**told, **dict(missing)}, ensure_ascii=False)
            _record(session, due.name, (due.kind, due.sql, due.comment, said, due.shape))


def _record(session: Session, name: str, values: tuple[str | None, ...]) -> None:
    target = session.qualified("views", meta.SCHEMA)
    session.execute(f"DELETE FROM {target} WHERE name = ?", [name])
    session.execute(f"INSERT INTO {target} VALUES (?, ?, ?, ?, ?, ?, now(), NULL)", [name, *values])


def _drop(session: Session, recorded: Mapping[str, Recorded], ours: set[str], due_names: set[str]) -> None:
    """Drop the views of ours that are no longer due; what became somebody else's is only forgotten."""
    for name in recorded.keys() - due_names - {f"{MACRO}()"}:
        if name in ours:
            session.execute(f"DROP VIEW {session.qualified(name, SCHEMA)}")
        session.execute(f"DELETE FROM {session.qualified('views', meta.SCHEMA)} WHERE name = ?", [name])


def _note_problems(session: Session, problems: Mapping[str, str], recorded: Mapping[str, Recorded]) -> None:
    target = session.qualified("views", meta.SCHEMA)
    for name, why in problems.items():
        if name not in recorded:
            session.execute(f"INSERT INTO {target} (name, kind, sql) VALUES (?, 'none', '')", [name])
        if name not in recorded or recorded[name].problem != why:
            session.execute(f"UPDATE {target} SET problem = ? WHERE name = ?", [why, name])
