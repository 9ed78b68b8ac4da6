"""What the database held before a refresh: whose data, which rows, and rows to be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.database import Database
    from streak_dagster.warehouse.session import Session


def published_account(database: Database, report: Callable[[str], None] | None = None) -> str | None:
    """The account whose data the database holds; None for a new one. Checks the format, too.

    ``report`` is told who holds the database, where it has to be waited for.
    """
    if not database.exists():
        return None
    with database.connect(read_only=True, report=report) as session:
        meta.check_format(session)
        return meta.known_account(session)


def is_replaced(database: Database, table: str, account: str, *, any_account: bool) -> bool:
    """Whether ``account`` replaces what a table holds of the sample or, if so allowed, of ``any_account``."""
    if not database.exists():
        return False
    with database.connect(read_only=True) as session:
        return meta.may_replace(meta.owner_of(session, table), account, any_account=any_account)


def published_keys(database: Database, table: str) -> list[str]:
    """The ``key`` of every row that a table holds now."""
    if not database.exists():
        return []
    with database.connect(read_only=True) as session:
        if not session.has_table(table):
            return []
        name = session.qualified(table)
        return [key for (key,) in session.execute(f'SELECT "key" FROM {name} ORDER BY ALL').fetchall()]


def published_teams(database: Database) -> set[str]:
    """The keys of the teams whose data the database holds: ``teams``, or the teams of its pipelines.

    ``teams`` may be left out of what is copied; then it isn't there, or is that of an account before.
    """
    if not database.exists():
        return set()
    with database.connect(read_only=True) as session:
        account = meta.known_account(session)
        for table, column in (("teams", "key"), ("pipelines", "team_key")):
            if session.has_table(table) and meta.owner_of(session, table) == account:
                name = session.qualified(table)
                query = f"SELECT DISTINCT {quoted(column)} FROM {name} WHERE {quoted(column)} IS NOT NULL"
                found = {str(key) for (key,) in session.execute(query).fetchall()}
                if found:
                    return found
    return set()


def unlisted_boxes(
    database: Database, rows: Path, largest_object: int, *, unread: Collection[str] = ()
) -> dict[str, list[str]]:
    """Boxes that the table holds and a spool doesn't: their keys, by the pipeline they were in.

    Of pipelines that are ``unread`` nothing is known: neither that their boxes are missing, nor that a
    box which was in another one is there to stay.
    """
    if not database.exists():
        return {}
    with database.connect(read_only=True) as session:
        if not session.has_table("pipeline_boxes"):
            return {}
        name = session.qualified("pipeline_boxes")
        listed = (
            f"SELECT \"key\" FROM read_json({literal(str(rows))}, format = 'newline_delimited', "
            f"columns = {{'key': 'VARCHAR', 'pipeline_key': 'VARCHAR'}}, "
            f"maximum_object_size = {largest_object}) "
            'WHERE "pipeline_key" NOT IN (SELECT unnest($unread::VARCHAR[]))'
        )
        found = session.execute(
            f'SELECT "pipeline_key", "key" FROM {name} ANTI JOIN ({listed}) AS listed USING ("key") '
            'WHERE "pipeline_key" NOT IN (SELECT unnest($unread::VARCHAR[])) ORDER BY ALL',
            {"unread": list(unread)},
        ).fetchall()
    missing: dict[str, list[str]] = {}
    for pipeline, key in found:
        missing.setdefault(pipeline, []).append(key)
    return missing


def keep_published_rows(session: Session, table: Table, columns: dict[str, str], by: str) -> None:
    """Put the published rows whose column ``by`` is in table ``kept`` into ``incoming``.

    A row that came in the meantime is newer, wherever it came from: a box may have moved from a pipeline
    that can't be read to one that can. ``columns`` are the published table's, with types. What the
    declaration no longer knows goes to ``_extra``; what it didn't know then stays there until the row is
    read again.
    """
    kinds = ddl.column_types(table)
    lost = [name for name in columns if name not in kinds]
    selected = [
        f"TRY_CAST({quoted(name)} AS {kind}) AS {quoted(name)}"
        if name in columns
        else f"NULL AS {quoted(name)}"
        for name, kind in kinds.items()
        if name != ddl.EXTRA
    ]
    extra = quoted(ddl.EXTRA) if ddl.EXTRA in columns else "NULL"
    if lost:
        members = ", ".join(f"{literal(name)}, {quoted(name)}" for name in lost)
        # Merging into an empty object leaves out what is NULL.
        kept = f"json_merge_patch('{{}}', json_object({members}))"
        extra = f"nullif(json_merge_patch({kept}, coalesce({extra}, '{{}}'))::VARCHAR, '{{}}')::JSON"
    selected.append(f"{extra} AS {quoted(ddl.EXTRA)}")
    name = session.qualified(table.name)
    came = ""
    if set(table.primary_key) <= columns.keys():
        key = ", ".join(f"{quoted(name)}::VARCHAR" for name in table.primary_key)
        came = f"AND ({key}) NOT IN (SELECT ({key}) FROM incoming)"
    session.execute(
        f"INSERT INTO incoming BY NAME SELECT {', '.join(selected)} FROM {name} "
        f"WHERE {quoted(by)}::VARCHAR IN (SELECT parent FROM kept) {came}"
    )
