"""The database's own memory, in schema ``streak_meta``: its format, whose data it holds, its refreshes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from streak_dagster.errors import AccountMismatchError, DatabaseUnusableError
from streak_dagster.tables import PIPELINES
from streak_dagster.warehouse.ddl import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

SCHEMA = "streak_meta"
FORMAT = 1
"""Counts up when this package stores something that an older one would misread."""
SAMPLE = "sandbox"
"""The account by which the built-in sample is known; any real account may replace it."""

COPY_OF = "copy_of"
"""The table by which a copy for readers says which database it is of; see ``warehouse.readers_file``."""

_TABLES = {
    "format": "version INTEGER NOT NULL",
    "account": "fingerprint VARCHAR NOT NULL, since TIMESTAMP WITH TIME ZONE NOT NULL",
    "refreshes": (
        "table_name VARCHAR NOT NULL, run_id VARCHAR, started_at TIMESTAMP WITH TIME ZONE NOT NULL, "
        "published_at TIMESTAMP WITH TIME ZONE NOT NULL, declaration VARCHAR NOT NULL, rows BIGINT NOT NULL, "
        "inserted BIGINT NOT NULL, updated BIGINT NOT NULL, deleted BIGINT NOT NULL, calls BIGINT NOT NULL, "
        "seconds DOUBLE NOT NULL, mode VARCHAR NOT NULL, explained BIGINT, parents BIGINT"
    ),
    # With which fingerprint (``mark``) of the box, and by which declaration, its children were read last.
    "readings": (
        "table_name VARCHAR NOT NULL, box_key VARCHAR NOT NULL, mark VARCHAR NOT NULL, "
        "declaration VARCHAR NOT NULL"
    ),
    # Up to when, by Streak's clock, the rows of each parent are published; see ``warehouse.saved_until``.
    "saved_until": (
        "table_name VARCHAR NOT NULL, parent_key VARCHAR NOT NULL, "
        "saved_until TIMESTAMP WITH TIME ZONE NOT NULL, declaration VARCHAR NOT NULL"
    ),
    # The latest moment that a version of a table's rows began or ended at; see ``warehouse.moments``.
    "published_until": "table_name VARCHAR NOT NULL, until TIMESTAMP WITH TIME ZONE NOT NULL",
    # When the list of each parent was last read whole; with an empty parent, all of a table's lists.
    "seen": (
        "table_name VARCHAR NOT NULL, parent_key VARCHAR NOT NULL, seen_at TIMESTAMP WITH TIME ZONE NOT NULL"
    ),
    # The boxes, pipelines or teams that the last refresh of a table couldn't read.
    "unread": "table_name VARCHAR NOT NULL, parent_key VARCHAR NOT NULL, reason VARCHAR NOT NULL",
    # What a changed refresh would have missed, measured by each complete one.
    "audits": (
        "table_name VARCHAR NOT NULL, run_id VARCHAR, published_at TIMESTAMP WITH TIME ZONE NOT NULL, "
        "boxes_kept BIGINT NOT NULL, boxes_empty BIGINT NOT NULL, boxes_missed BIGINT NOT NULL, "
        "rows_missed BIGINT NOT NULL, examples JSON NOT NULL"
    ),
    # Pipelines that Streak lists and STREAK_PIPELINES leaves out, at the last refresh of the pipelines.
    "left_out_pipelines": "pipeline_key VARCHAR NOT NULL",
    # Since when the entries of each pipeline's newsfeed are whole, and where some are missing.
    "newsfeed_coverage": (
        "pipeline_key VARCHAR NOT NULL, whole_since TIMESTAMP WITH TIME ZONE, "
        "is_from_the_beginning BOOLEAN NOT NULL, last_read_at TIMESTAMP WITH TIME ZONE NOT NULL, "
        "gaps BIGINT NOT NULL, last_gap_from TIMESTAMP WITH TIME ZONE, last_gap_to TIMESTAMP WITH TIME ZONE, "
        "last_gap_found_at TIMESTAMP WITH TIME ZONE"
    ),
    # How far each column was filled by the last publication, and by the last that filled it well.
    "columns": (
        "table_name VARCHAR NOT NULL, column_name VARCHAR NOT NULL, rows BIGINT NOT NULL, "
        "filled BIGINT NOT NULL, published_at TIMESTAMP WITH TIME ZONE NOT NULL, "
        "filled_at TIMESTAMP WITH TIME ZONE, filled_share DOUBLE"
    ),
    # Which key the hashes of personal data are of (NULL: it is as sent), and which columns are left out.
    "withheld": "table_name VARCHAR NOT NULL, hashed_by VARCHAR, left_out VARCHAR[] NOT NULL",
    # Who was erased, by keyed hashes alone, and where a refresh still met them; see ``erasures``.
    "erasures": (
        "id VARCHAR NOT NULL, since TIMESTAMP WITH TIME ZONE NOT NULL, salt VARCHAR NOT NULL, "
        "kind VARCHAR NOT NULL, digest VARCHAR NOT NULL, size BIGINT NOT NULL"
    ),
    "erasures_met": (
        "id VARCHAR NOT NULL, table_name VARCHAR NOT NULL, read_at TIMESTAMP WITH TIME ZONE NOT NULL, "
        "met BOOLEAN NOT NULL"
    ),
    # What the options of dropdown and tag fields are, or were last, called; see ``option_names``.
    "option_names": (
        "pipeline_key VARCHAR NOT NULL, field_key VARCHAR NOT NULL, option_key VARCHAR NOT NULL, "
        "name VARCHAR, is_present BOOLEAN NOT NULL, first_seen TIMESTAMP WITH TIME ZONE NOT NULL, "
        "last_seen TIMESTAMP WITH TIME ZONE NOT NULL"
    ),
}

KEPT_DAYS = 450
"""For how long refreshes and audits are kept: longer than STREAK_COMPLETE_EVERY may be (9,999 hours)."""
KEPT_ALWAYS = 10
"""The newest of each table that are kept however old they are."""

_LATER = {("refreshes", "explained"): "BIGINT", ("refreshes", "parents"): "BIGINT"}
"""Columns that a database made by an earlier version lacks."""


def check_format(session: Session) -> None:
    """Raises DatabaseUnusableError for a database that a newer version of this package wrote.

    A database without ``streak_meta`` is new, or of before it existed; its tables are replaced whole.
    """
    if not session.has_table("format", SCHEMA):
        return
    (version,) = session.one_row(f"SELECT max(version) FROM {session.qualified('format', SCHEMA)}")
    if version is not None and version > FORMAT:
        raise DatabaseUnusableError(
            f"The database {session.catalog} has format {version}, which a newer streak_dagster wrote; this "
            f"one knows format {FORMAT}. Update streak_dagster, or set STREAK_DUCKDB_PATH to another file."
        )


def refuse_copy(session: Session) -> None:
    """Raises DatabaseUnusableError for a copy for readers, before anything is published into it.

    It would be gone with the next refresh of the database that the copy is of.
    """
    if not session.has_table(COPY_OF, SCHEMA):
        return
    query = (
        f"SELECT d.path, c.database FROM {session.qualified(COPY_OF, SCHEMA)} AS c, duckdb_databases() AS d "
        "WHERE d.database_name = current_database()"
    )
    for path, of in session.execute(query).fetchall():
        if Path(path).name != of:  # one that was put back into the place of a lost database is that now
            raise DatabaseUnusableError(
                f"{path} is the copy of {of} for readers, which each refresh replaces. "
                f"Set STREAK_DUCKDB_PATH to {Path(path).with_name(of)}."
            )


def prepare(session: Session) -> None:
    """Make what is missing of ``streak_meta``, inside the caller's transaction."""
    check_format(session)
    refuse_copy(session)
    session.create_schema(SCHEMA)
    for name, columns in _TABLES.items():
        session.execute(f"CREATE TABLE IF NOT EXISTS {session.qualified(name, SCHEMA)} ({columns})")
    for (name, column), kind in _LATER.items():
        if column not in session.columns(name, SCHEMA):
            session.execute(f"ALTER TABLE {session.qualified(name, SCHEMA)} ADD COLUMN {column} {kind}")
    form = session.qualified("format", SCHEMA)
    session.execute(f"INSERT INTO {form} SELECT {FORMAT} WHERE NOT EXISTS (FROM {form})")


def known_account(session: Session) -> str | None:
    """The account whose data the database holds; None for a new one."""
    if not session.has_table("account", SCHEMA):
        return None
    query = f"SELECT fingerprint FROM {session.qualified('account', SCHEMA)} ORDER BY since DESC LIMIT 1"
    row = session.execute(query).fetchone()
    return str(row[0]) if row is not None else None


def remember_account(session: Session, account: str, *, in_place_of: str | None) -> None:
    """Note whose data this is from now on.

    ``in_place_of`` is the account that was found before and may be replaced. Raises
    AccountMismatchError where another one came in between.
    """
    known = known_account(session)
    if known == account:
        return
    if known not in (None, SAMPLE, in_place_of):
        raise AccountMismatchError(
            "While this refresh ran, another account was published into the database. Nothing was changed. "
            "Give each account a database of its own with STREAK_DUCKDB_PATH."
        )
    target = session.qualified("account", SCHEMA)
    # After all others, also after one that was stamped by a clock that went ahead.
    latest = f"SELECT max(since) + INTERVAL 1 MILLISECOND FROM {target}"
    session.execute(f"INSERT INTO {target} SELECT ?, greatest(now(), ({latest}))", [account])


def owner_of(session: Session, table: str) -> str | None:
    """The account whose rows a table holds: the one that the database had when it was published last."""
    if not session.has_table("account", SCHEMA) or not session.has_table("refreshes", SCHEMA):
        return known_account(session)
    row = session.execute(
        # The time of a publication is kept in milliseconds.
        f"SELECT fingerprint FROM {session.qualified('account', SCHEMA)} "
        "WHERE date_trunc('milliseconds', since) <= (SELECT max(published_at) "
        f"FROM {session.qualified('refreshes', SCHEMA)} WHERE table_name = ?) ORDER BY since DESC LIMIT 1",
        [table],
    ).fetchone()
    return str(row[0]) if row is not None else known_account(session)


def may_replace(owner: str | None, account: str, *, any_account: bool) -> bool:
    """Whether the rows of ``owner`` are another's than ``account``'s, and may go without being asked for."""
    return owner not in (None, account) and (any_account or owner == SAMPLE)


def complete_is_due(session: Session, table: str, seconds: float) -> bool:
    """Whether the last complete refresh of a table began more than ``seconds`` ago.

    Where there was none, the first refresh of any kind counts; a table that was never read isn't due. A
    refresh of the future was stamped by a clock that was put right since, and counts as long ago.
    """
    if not session.has_table("refreshes", SCHEMA):
        return False
    source = session.qualified("refreshes", SCHEMA)
    (due,) = session.one_row(
        "SELECT coalesce(max(started_at) FILTER (mode = 'complete' AND started_at <= now()), "
        f"min(started_at)) NOT BETWEEN now() - to_seconds(?) AND now() FROM {source} WHERE table_name = ?",
        [seconds, table],
    )
    return bool(due)


def record(session: Session, table: str, values: dict[str, Any]) -> None:
    """Add a line to a table of ``streak_meta``; ``values`` by column, times in milliseconds."""
    target = session.qualified(table, SCHEMA)
    names = ", ".join(quoted(name) for name in values)
    marks = ", ".join("make_timestamptz(? * 1000)" if name.endswith("_at") else "?" for name in values)
    session.execute(f"INSERT INTO {target} ({names}) VALUES ({marks})", list(values.values()))


def remember_unread(session: Session, table: str, reasons: Mapping[str, str]) -> None:
    """Note which parents the last refresh of a table couldn't read, and why, in place of those of before."""
    target = session.qualified("unread", SCHEMA)
    known = f"SELECT parent_key, reason FROM {target} WHERE table_name = ? ORDER BY rowid"
    if session.execute(known, [table]).fetchall() == list(reasons.items()):
        return
    session.execute(f"DELETE FROM {target} WHERE table_name = ?", [table])
    session.execute(
        f"INSERT INTO {target} SELECT ?, unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
        [table, list(reasons), list(reasons.values())],
    )


def remember_left_out(session: Session, table: Table, unwanted: Collection[str]) -> None:
    """Note which pipelines are there and aren't copied, where the table is theirs."""
    if table is not PIPELINES:
        return
    target = session.qualified("left_out_pipelines", SCHEMA)
    session.execute(f"DELETE FROM {target}")
    session.execute(f"INSERT INTO {target} SELECT unnest(?::VARCHAR[])", [list(unwanted)])


def left_out(session: Session) -> list[str]:
    """The keys of those pipelines; needs ``prepare``."""
    found = session.execute(f"SELECT pipeline_key FROM {session.qualified('left_out_pipelines', SCHEMA)}")
    return [key for (key,) in found.fetchall()]


def forget_old(session: Session, table: str) -> None:
    """Forget a table's refreshes and audits of before ``KEPT_DAYS``, inside the caller's transaction.

    The newest ``KEPT_ALWAYS`` stay, complete refreshes and others counted apart: they show whose rows the
    table holds, and when it was complete. Three years at every half hour were 13 MB; where 450 days
    of them are kept, this takes 20 ms a publication.
    """
    for name, kinds in (("refreshes", "mode = 'complete'"), ("audits", "true")):
        target = session.qualified(name, SCHEMA)
        session.execute(
            f"DELETE FROM {target} WHERE table_name = ? AND published_at < now() - to_days({KEPT_DAYS}) "
            "AND rowid NOT IN (SELECT rowid FROM (SELECT rowid, "
            f"row_number() OVER (PARTITION BY {kinds} ORDER BY published_at DESC, rowid DESC) AS place "
            f"FROM {target} WHERE table_name = ?) WHERE place <= {KEPT_ALWAYS})",
            [table, table],
        )
