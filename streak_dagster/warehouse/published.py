"""What the database held before a refresh: whose data, which rows, and rows to be kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streak_dagster.sync.erased import Erasures
from streak_dagster.sync.plan import SincePlan
from streak_dagster.tables import Kind
from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.ddl import literal, quoted, quoted_list
from streak_dagster.warehouse.erasures import known_erasures
from streak_dagster.warehouse.plain import plain_tables
from streak_dagster.warehouse.planning import plan_reading
from streak_dagster.warehouse.saved_until import plan_since
from streak_dagster.warehouse.session import missing_table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from streak_dagster.sync.plan import ReadingPlan
    from streak_dagster.tables import Table
    from streak_dagster.warehouse.database import Database
    from streak_dagster.warehouse.session import Session


BOXES_OF_PIPELINES = ("box_count", "box_count_hint", "stages")
"""What pipelines say of how many boxes they hold, and how many in each stage (JSON)."""
PipelineSize = tuple[str, int | None, int | None, str | None]
"""A pipeline's key, and these columns of it."""


@dataclass(frozen=True)
class PlanRequest:
    """How a table that has modes is to be refreshed: ``changed``, unless its last complete one is too old.

    ``complete_after`` is that age in seconds. ``declaration`` is the fingerprint that rows must have been
    read by to be kept, ``path`` where the plan of a planned table is written.
    """

    declaration: str
    path: Path
    changed: bool
    complete_after: float
    report: Callable[[str], None]


@dataclass(frozen=True)
class Snapshot:
    """What the database held as a refresh began, seen in one opening of the file.

    ``account`` is whose data it held, None for a new database, and ``teams`` are the keys of that account's
    teams, where it isn't the one that refreshes. ``is_replaced`` says that the rows of the refreshed table
    are another account's and may go; else ``keys`` are those of a list of the account whose rows are asked
    for by key. ``parents`` are the keys of the rows by which a table is listed, where all are asked, and
    ``also`` those of each of its further lists; ``plan`` says which of them to fetch, where one was
    requested, and ``since`` from when on their lists can be asked.
    ``plain`` are the tables whose personal data isn't hashed by the key that is asked for. ``defined`` has
    the JSON by which each row of the parent defines the custom fields of the table's rows. People who were
    ``erased`` are kept out of what is read.
    """

    account: str | None = None
    teams: frozenset[str] = frozenset()
    is_replaced: bool = False
    keys: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    also: tuple[tuple[str, ...], ...] = ()
    plan: ReadingPlan | None = None
    since: SincePlan | None = None
    plain: tuple[str, ...] = ()
    defined: Mapping[str, str] = field(default_factory=dict)
    erased: Erasures = field(default_factory=Erasures)


def take_snapshot(
    database: Database,
    table: Table,
    account: str,
    *,
    any_account: bool,
    plan: PlanRequest | None = None,
    report: Callable[[str], None] | None = None,
    hashed_by: str | None = None,
) -> Snapshot:
    """Look at what is published before the first call of a refresh of ``table`` by ``account``.

    ``any_account`` says that rows of another account may be replaced; those of the sample always may.
    ``report`` gets a line where another process holds the database. ``hashed_by`` names the key by which
    personal data is to be hashed, None where it isn't. Raises DatabaseUnusableError for a newer format or a
    copy for readers, and TableMissingError where the parent of the table isn't there.
    """
    if not database.exists():
        _refuse_missing_parent(database, table, None)
        return Snapshot(since=SincePlan(changed=False))
    with database.connect(read_only=True, report=report) as session:
        meta.check_format(session)
        meta.refuse_copy(session)
        _refuse_missing_parent(database, table, session)
        known = meta.known_account(session)
        replaced = meta.may_replace(meta.owner_of(session, table.name), account, any_account=any_account)
        # Boxes are too many to be held: which of them no list shows is found in DuckDB (``unlisted_boxes``).
        changed = plan is not None and table.is_planned and _may_be_changed(session, table, plan)
        asked_by_key = table.kind is Kind.ACCOUNT_LIST and table.row is not None
        by_each_parent = table.is_listed_by_parent and not table.is_planned
        return Snapshot(
            known,
            _teams(session, known) if known not in (None, account) else frozenset(),
            replaced,
            _keys(session, table.name) if asked_by_key and not replaced else (),
            _keys(session, table.parent.name) if table.parent and by_each_parent else (),
            tuple(_keys(session, each.parent.name) for each in table.also),
            plan_reading(session, table, plan.declaration, plan.path, changed=changed)
            if plan and table.is_planned
            else None,
            plan_from(session, table, account, plan) if plan and table.changed_since else None,
            plain_tables(session, hashed_by) if hashed_by else (),
            _defined(session, table) if hashed_by else {},
            known_erasures(session),
        )


def plan_from(session: Session, table: Table, account: str, request: PlanRequest) -> SincePlan:
    """From when on each list of ``table`` can be asked, as ``request`` wants it."""
    changed = _may_be_changed(session, table, request)
    return plan_since(session, table, account, request.declaration, changed=changed)


def _refuse_missing_parent(database: Database, table: Table, session: Session | None) -> None:
    for needed in (*table.parents, *table.joined):
        if not (session and session.has_table(needed.name)):
            raise missing_table(database.location, ddl.SCHEMA, needed.name)


def _may_be_changed(session: Session, table: Table, request: PlanRequest) -> bool:
    if request.changed and meta.complete_is_due(session, table.name, request.complete_after):
        request.report(f"{table.name}: the last complete refresh is too old, so this is one")
        return False
    return request.changed


def _keys(session: Session, table: str) -> tuple[str, ...]:
    """The ``key`` of every row that a table holds now."""
    if "key" not in session.columns(table):
        return ()
    found = session.execute(f'SELECT "key" FROM {session.qualified(table)} ORDER BY ALL').fetchall()
    return tuple(key for (key,) in found)


def _defined(session: Session, table: Table) -> dict[str, str]:
    """The definitions of custom fields of a table's rows, by the key of the parent's row that has them."""
    column = next((each.defined_by for each in table.columns if each.defined_by), None)
    if column is None or table.parent is None or column not in session.columns(table.parent.name):
        return {}
    query = (
        f'SELECT "key", {quoted(column)}::VARCHAR FROM {session.qualified(table.parent.name)} '
        f"WHERE {quoted(column)} IS NOT NULL"
    )
    return dict(session.execute(query).fetchall())


def _teams(session: Session, account: str | None) -> frozenset[str]:
    """The keys of the teams whose data the database holds: ``teams``, or the teams of its pipelines.

    ``teams`` may be left out of what is copied; then it isn't there, or is an earlier account's.
    """
    for table, column in (("teams", "key"), ("pipelines", "team_key")):
        if session.has_table(table) and meta.owner_of(session, table) == account:
            query = (
                f"SELECT DISTINCT {quoted(column)} FROM {session.qualified(table)} "
                f"WHERE {quoted(column)} IS NOT NULL"
            )
            found = {str(key) for (key,) in session.execute(query).fetchall()}
            if found:
                return frozenset(found)
    return frozenset()


def published_pipelines(database: Database) -> list[PipelineSize]:
    """The pipelines, with what they say of how many boxes they hold."""
    with database.connect(read_only=True) as session:
        names = quoted_list(["key", *BOXES_OF_PIPELINES])
        query = f'SELECT {names} FROM {session.qualified("pipelines")} ORDER BY "key"'
        return session.execute(query).fetchall()


def unlisted_boxes(
    database: Database, rows: Path, largest_object: int, *, unread: Collection[str] = ()
) -> dict[str, list[str]]:
    """Boxes that the table holds and a spool doesn't: their keys, by the pipeline they were in.

    Of pipelines that are ``unread`` nothing is known: neither that their boxes are missing, nor that a box
    of another pipeline moved there.
    """
    if not database.exists():
        return {}
    with database.connect(read_only=True) as session:
        if not session.has_table("pipeline_boxes"):
            return {}
        session.execute("SET threads = 1")  # every further one takes buffers of its own to read JSON
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


def keep_published_rows(session: Session, table: Table, by: str, instead: Mapping[str, str]) -> None:
    """Put the published rows whose ``by``, a column or an expression, is in table ``kept`` into ``incoming``.

    A row that came in the meantime is newer, wherever it came from: a box may have moved from a pipeline
    that can't be read to one that can. What stands ``instead`` of a column's value is said by
    ``plain.emptied``.
    """
    selected = ", ".join(
        f"TRY_CAST({instead.get(name, quoted(name))} AS {kind}) AS {quoted(name)}"
        for name, kind in ddl.column_types(table).items()
    )
    key = ", ".join(f"{quoted(name)}::VARCHAR" for name in table.primary_key)
    session.execute(
        f"INSERT INTO incoming BY NAME SELECT {selected} FROM {session.qualified(table.name)} "
        f"WHERE ({by})::VARCHAR IN (SELECT parent FROM kept) "
        f"AND ({key}) NOT IN (SELECT ({key}) FROM incoming)"
    )
