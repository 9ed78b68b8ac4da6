"""``streak_history.deletions``: what went, when, and what it was called, over all tables.

A row that is gone has left a tombstone in ``streak_meta.past_<table>``, with the values that it had last.
What STREAK_PIPELINES leaves out is there and only isn't copied, so it isn't told as deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.tables import ALL_TABLES, PIPELINE_BOXES, PIPELINES
from streak_dagster.views import memory
from streak_dagster.views.definition import Definition
from streak_dagster.warehouse import history, meta
from streak_dagster.warehouse.called import name_of, named_by, shortened
from streak_dagster.warehouse.ddl import column_types, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streak_dagster.tables import Table
    from streak_dagster.views.sources import Sources
    from streak_dagster.warehouse.session import Session

NAME = "deletions"
KIND = "history"
COMMENT = "What went, when, and what it was called: a row for each time that a row of any table was deleted."
COLUMNS = (
    ("table_name", "The table of schema streak that the row was in."),
    ("key", "Key of the row; where it has several columns, their values with slashes between them."),
    (
        "name",
        (
            "What the row was called last: a name, a file's name, a subject, the first words of a text, or "
            "what the contact is called that it names; NULL where it had none."
        ),
    ),
    ("box_key", "Key of the box that it is, or was on; NULL where it was on none."),
    ("box", "What that box is called, or was called last."),
    ("pipeline_key", "Key of the pipeline that it is, or was in; NULL where it was in none."),
    ("pipeline", "What that pipeline is called, or was called last."),
    ("deleted_at", "Since when it is known to be gone."),
    (
        "seen_before",
        "When it was last seen: it went between then and deleted_at. NULL where that isn't known.",
    ),
    ("returned_at", "When it was there again; NULL while it is gone."),
)
"""Each column with its meaning. ``name`` and ``box`` may be personal."""
_LEFT_OUT = "left_out_pipelines"
_FULL_NAME = f"{history.SCHEMA}.{NAME}"


def deletions(sources: Sources) -> Definition | None:
    """The view over the tables whose history is kept; None where there are none."""
    kept = [each for each in ALL_TABLES if _has_tombstones(each, sources)]
    if not kept:
        return None
    naming = {each.name: each for _, each in filter(None, map(named_by, kept))}
    named = [
        f"SELECT {literal(name)} AS table_name, key, name FROM ({_last_known(each, sources)})"
        for name, each in naming.items()
    ]
    named.append(
        "SELECT NULL::VARCHAR AS table_name, NULL::VARCHAR AS key, NULL::VARCHAR AS name WHERE false"
    )
    query = (
        f"WITH gone AS ({' UNION ALL '.join(map(_gone, kept))}), "
        f"box AS ({_last_known(PIPELINE_BOXES, sources, 'pipeline_key')}), "
        f"pipeline AS ({_last_known(PIPELINES, sources)}), named AS ({' UNION ALL '.join(named)}), "
        "deletion AS (SELECT gone.* EXCLUDE (name, pipeline_key), coalesce(gone.name, named.name) AS name, "
        "box.name AS box, coalesce(gone.pipeline_key, box.pipeline_key) AS pipeline_key "
        "FROM gone LEFT JOIN box ON box.key = gone.box_key "
        "LEFT JOIN named ON named.table_name = gone.named_in AND named.key = gone.named_by) "
        f"SELECT deletion.table_name, deletion.key, {shortened('deletion.name')} AS name, deletion.box_key, "
        f"{shortened('deletion.box')} AS box, deletion.pipeline_key, "
        f"{shortened('pipeline.name')} AS pipeline, "
        "deletion.deleted_at, deletion.seen_before, deletion.returned_at "
        "FROM deletion LEFT JOIN pipeline ON pipeline.key = deletion.pipeline_key"
    )
    if _LEFT_OUT in sources.memory:
        query += (
            f" WHERE NOT EXISTS (SELECT 1 FROM {meta.SCHEMA}.{_LEFT_OUT} AS l "
            "WHERE l.pipeline_key = deletion.pipeline_key)"
        )
    return Definition(NAME, KIND, query, COMMENT, COLUMNS, shape="")


def refresh_deletions(session: Session, sources: Sources) -> list[str]:
    """Make the view, or drop it, where it isn't as due, inside the caller's transaction.

    It isn't tried beside the database, as other views are: it reads tables that are as they are declared.
    Returns a sentence where somebody else uses its name, for the log. Needs ``memory.prepare``.
    """
    due = deletions(sources)
    made = memory.made_of_history(session).get(_FULL_NAME)
    digest = memory.digest_of(repr(due))
    if made == ((digest, COMMENT) if due else None):
        return []
    target = session.qualified(NAME, history.SCHEMA)
    if not _is_ours(session, made):
        return [f"The view {_FULL_NAME} wasn't made: something else has that name, and was left as it is."]
    if due is None:
        session.execute(f"DROP VIEW IF EXISTS {target}")
        memory.note_made(session, {}, gone=[_FULL_NAME])
        return []
    session.execute(f"CREATE OR REPLACE VIEW {target} AS {due.sql}")
    session.execute(f"COMMENT ON VIEW {target} IS {literal(COMMENT)}")
    for column, meaning in due.columns:
        session.execute(f"COMMENT ON COLUMN {target}.{quoted(column)} IS {literal(meaning)}")
    memory.note_made(session, {_FULL_NAME: (digest, COMMENT)})
    return []


def _is_ours(session: Session, made: tuple[str, str] | None) -> bool:
    """Whether nothing has the name, or what we made: who replaces a view loses its comment."""
    found = session.execute(
        "SELECT comment FROM duckdb_views() WHERE database_name = current_database() "
        "AND schema_name = $schema AND view_name = $name UNION ALL SELECT NULL FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name = $schema AND table_name = $name",
        {"schema": history.SCHEMA, "name": NAME},
    ).fetchall()
    return all(made is not None and comment == made[1] for (comment,) in found)


def _past(table: Table) -> str:
    return f"{history.PAST}{table.name}"


def _has_tombstones(table: Table, sources: Sources) -> bool:
    """Whether there is a past; the view of all versions has the columns of the table of those that ended."""
    return _is_as_declared(sources.versions.get(table.name, {}), table, history.VERSION_COLUMNS)


def _is_as_declared(
    columns: Mapping[str, str], table: Table, further: Mapping[str, str] | None = None
) -> bool:
    """Whether a table has all declared columns, and the ``further`` ones, with their types."""
    return columns.items() >= {**column_types(table), **(further or {})}.items()


def _gone(table: Table) -> str:
    """The query of a table's tombstones."""
    key = ", ".join(quoted(name) for name in table.primary_key)
    column, other = named_by(table) or ("NULL", None)
    return (
        f"SELECT {literal(table.name)} AS table_name, concat_ws(' / ', {key}) AS key, "
        f"{name_of(table)} AS name, {literal(other.name) if other else 'NULL::VARCHAR'} AS named_in, "
        f"{column}::VARCHAR AS named_by, {_key_in(table, PIPELINE_BOXES, 'box_key')} AS box_key, "
        f"{_key_in(table, PIPELINES, 'pipeline_key')} AS pipeline_key, _valid_from AS deleted_at, "
        f"_seen_before AS seen_before, _valid_to AS returned_at FROM {meta.SCHEMA}.{quoted(_past(table))} "
        "WHERE _change = 'delete'"
    )


def _key_in(table: Table, other: Table, column: str) -> str:
    """The key of the row of another table that a row belongs to, or is."""
    if table is other:
        return "key"
    return column if column in table.by_name else "NULL::VARCHAR"


def _last_known(table: Table, sources: Sources, *further: str) -> str:
    """The query of the key and the name of every row that there is, or was, as it was last."""
    asked = f"SELECT key, {', '.join([f'{name_of(table)} AS name', *further])} FROM"
    queries = [f"{asked} {sources.relation(table.name)}"]
    if not _is_as_declared(sources.tables.get(table.name, {}), table):
        # An earlier version made it, or it isn't there.
        queries = [
            f"SELECT {', '.join(f'NULL::VARCHAR AS {each}' for each in ('key', 'name', *further))} LIMIT 0"
        ]
    if _has_tombstones(table, sources):
        queries.append(f"{asked} {meta.SCHEMA}.{quoted(_past(table))} WHERE _valid_to IS NULL")
    return " UNION ALL ".join(f"({each})" for each in queries)
