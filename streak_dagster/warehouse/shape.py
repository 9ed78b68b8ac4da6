"""A published table takes the shape of its declaration, and keeps what is its users' own.

What a newer declaration adds is NULL until the rows are read again; what it no longer knows goes to
``_extra``, by the column's name. Columns that nobody here declared are their users': they stay, behind ours.
A constraint that Streak's rows may break goes, and a unique index becomes a plain one.
DuckDB adds columns at the end only, and the declared ones come first in declared order: so a table of
another shape is made anew under its name, in the caller's transaction, and its indexes with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session


def known_columns(session: Session, table: Table) -> set[str]:
    """The columns that an earlier declaration had: what else a table has are its users' own.

    Needs ``meta.prepare``.
    """
    found = session.execute(
        f"SELECT column_name FROM {session.qualified('columns', meta.SCHEMA)} WHERE table_name = ?",
        [table.name],
    )
    return {name for (name,) in found.fetchall()}


def own_columns(session: Session, table: Table) -> dict[str, str]:
    """The columns that users added to the published table, with their types."""
    known = known_columns(session, table) | ddl.column_types(table).keys()
    return {name: kind for name, kind in session.columns(table.name).items() if name.lower() not in known}


def reshape(
    session: Session,
    table: Table,
    name: str,
    schema: str,
    further: Mapping[str, str],
    *,
    known: Collection[str] | None,
) -> frozenset[str]:
    """Make the table ``name``, or give it the declared columns and the ``further`` ones.

    Columns that are neither of these nor ``known`` from an earlier declaration are kept as they are; where
    ``known`` is None, none are. A row without what every row has now is left out. Returns the columns that
    came, went or are of another type; none where the table is new.
    """
    declared = {**ddl.column_types(table), **further}
    before = session.columns(name, schema)
    # DuckDB compares names in any case.
    ours = {each.lower() for each in (*declared, *(known or before))}
    # A column called rowid hides DuckDB's own numbers of rows; its values go to _extra.
    foreign = [each for each in before if each.lower() not in {*ours, "rowid"}]
    wanted = {**declared, **{each: before[each] for each in foreign}}
    if list(before.items()) == list(wanted.items()):
        # Each look-up takes some milliseconds: in the tables of the past nobody is expected to make anything.
        unfit = _refuses_rows if known is not None else _allows_null
        if not unfit(session, table, name, schema):
            return frozenset()
    target = session.qualified(name, schema)
    further = {**further, **{each: before[each] for each in foreign}}
    if not before:
        session.execute(ddl.create_table(session.catalog, table, name, schema, further))
        return frozenset()
    indexes = _indexes(session, name, schema)
    lost = before.keys() - wanted.keys()
    present = " AND ".join(f"{quoted(each)} IS NOT NULL" for each in sorted(table.required_columns))
    rows = f"SELECT * FROM (SELECT {_reshaped(wanted, before)} FROM {target}) WHERE {present}"
    with session.temporary("reshaped", rows):
        for index, _, _ in indexes:
            session.execute(f"DROP INDEX {session.qualified(index, schema)}")
        session.execute(ddl.create_table(session.catalog, table, name, schema, further))
        session.execute(f"INSERT INTO {target} SELECT * FROM reshaped")
    for _, statement, expressions in indexes:
        if not any(each in expressions for each in lost):
            session.execute(statement if _covers_key(table, expressions) else _not_unique(statement))
    return frozenset(each for each in before.keys() | wanted.keys() if before.get(each) != wanted.get(each))


def _reshaped(wanted: Mapping[str, str], before: Mapping[str, str]) -> str:
    """The columns to select from a table that has those of ``before`` to have the ``wanted`` ones."""
    there = {each.lower() for each in before}
    selected = {
        name: f"TRY_CAST({quoted(name)} AS {kind})" if name.lower() in there else f"NULL::{kind}"
        for name, kind in wanted.items()
    }
    selected[ddl.SYNCED_AT] = f"coalesce({selected[ddl.SYNCED_AT]}, now())"
    lost = [name for name in before if name.lower() not in {each.lower() for each in wanted}]
    # A value that the new type can't hold is kept in the same way as one that has no column any more.
    retyped = [name for name in wanted if name in before and before[name] != wanted[name] != "JSON"]
    if lost or retyped:
        members = [f"{literal(name)}, {quoted(name)}" for name in lost]
        members += [
            f"{literal(name)}, CASE WHEN {selected[name]} IS NULL THEN {quoted(name)} END" for name in retyped
        ]
        # Merging into an empty object leaves out what is NULL.
        kept = f"json_merge_patch('{{}}', json_object({', '.join(members)}))"
        extra = selected[ddl.EXTRA]
        selected[ddl.EXTRA] = (
            f"nullif(json_merge_patch({kept}, coalesce({extra}, '{{}}'))::VARCHAR, '{{}}')::JSON"
        )
    return ", ".join(f"{expression} AS {quoted(name)}" for name, expression in selected.items())


def _allows_null(session: Session, table: Table, name: str, schema: str) -> bool:
    """Whether a column that is never NULL may be, as in tables that others made."""
    found = session.one_row(
        "SELECT count(*) FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = ? "
        "AND table_name = ? AND is_nullable AND column_name IN (SELECT unnest(?::VARCHAR[]))",
        [schema, name, sorted(table.required_columns)],
    )
    return found != (0,)


def _refuses_rows(session: Session, table: Table, name: str, schema: str) -> bool:
    """Whether others made it so that it may refuse a row, or a column that is never NULL may be.

    It may by a constraint, a unique index or a generated column. Only that every row has what it must have,
    and its own key, holds of whatever is published.
    """
    constraints = session.execute(
        "SELECT constraint_type, constraint_column_names FROM duckdb_constraints() "
        "WHERE database_name = current_database() AND schema_name = ? AND table_name = ?",
        [schema, name],
    ).fetchall()
    filled = {
        each for kind, columns in constraints if kind in ("NOT NULL", "PRIMARY KEY") for each in columns
    }
    if not table.required_columns <= filled:
        return True
    if any(not _always_holds(table, kind, columns) for kind, columns in constraints):
        return True
    indexes = _indexes(session, name, schema)
    if any(_not_unique(each) != each and not _covers_key(table, of) for _, each, of in indexes):
        return True
    (generated,) = session.one_row(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = ? AND table_name = ? AND contains(sql, ' GENERATED ALWAYS AS')",
        [schema, name],
    )
    return bool(generated)


def _always_holds(table: Table, kind: str, columns: Collection[str]) -> bool:
    if kind == "NOT NULL":
        return set(columns) <= table.required_columns
    return kind in ("PRIMARY KEY", "UNIQUE") and set(columns) >= set(table.primary_key)


def _covers_key(table: Table, expressions: str) -> bool:
    return all(f"'{quoted(each)}'" in expressions for each in table.primary_key)


def _not_unique(statement: str) -> str:
    return statement.replace("CREATE UNIQUE INDEX", "CREATE INDEX", 1)


def _indexes(session: Session, name: str, schema: str) -> list[tuple[str, str, str]]:
    """The indexes of a table: name, statement, and what they are of, as text."""
    return session.execute(
        "SELECT index_name, sql, coalesce(expressions::VARCHAR, '') FROM duckdb_indexes() "
        "WHERE database_name = current_database() AND schema_name = ? AND table_name = ?",
        [schema, name],
    ).fetchall()


def say_what_it_is(session: Session, table: Table) -> None:
    """Comments on the table and its columns, as far as they don't say it yet."""
    told = dict(
        session.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE database_name = current_database() "
            "AND schema_name = ? AND table_name = ? UNION ALL SELECT '', comment FROM duckdb_tables() "
            "WHERE database_name = current_database() AND schema_name = ? AND table_name = ?",
            [ddl.SCHEMA, table.name, ddl.SCHEMA, table.name],
        ).fetchall()
    )
    for column, comment, statement in ddl.comments(session.catalog, table):
        if told.get(column) != comment:
            session.execute(statement)
