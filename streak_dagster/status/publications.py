"""The last publication of each table, as the database remembers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from streak_dagster.errors import DatabaseLockedError
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streak_dagster.warehouse.session import Session

PATIENCE = 3.0
"""Seconds to wait for whoever holds the database: publishing a table seldom takes longer."""


@dataclass(frozen=True)
class Publication:
    """What was published of a table, when, and what that changed; ``refresh`` is its mode."""

    at: datetime
    rows: int
    inserted: int
    updated: int
    deleted: int
    refresh: str


@dataclass(frozen=True)
class Publications:
    """The last one of each table; ``note`` says where they were read in place of the database, or why not."""

    tables: Mapping[str, Publication] = field(default_factory=dict)
    note: str = ""
    known: bool = True


def read_publications(location: str, lock_wait: float) -> Publications:
    """What the database at ``location`` remembers, or its copy for readers where another process holds it.

    Raises DatabaseUnusableError for what is no database of ours.
    """
    database = Database(location, lock_wait=min(lock_wait, PATIENCE))
    if not database.exists():
        return Publications()
    try:
        return Publications(_read(database))
    except DatabaseLockedError as error:
        held = str(error).partition("; waited")[0]
    served = Database(str(database.served_path), lock_wait=0)
    if served.exists():
        try:
            return Publications(_read(served), f"{held}, so this is what {served.path.name} shows.")
        except DatabaseLockedError:
            pass
    return Publications(note=f"{held}, so what it holds isn't known now.", known=False)


def _read(database: Database) -> dict[str, Publication]:
    with database.connect(read_only=True) as session:
        meta.check_format(session)
        return _latest(session)


def _latest(session: Session) -> dict[str, Publication]:
    if not session.has_table("refreshes", meta.SCHEMA):
        return {}
    found = session.execute(
        "SELECT table_name, epoch_ms(published_at), rows, inserted, updated, deleted, mode "
        f"FROM {session.qualified('refreshes', meta.SCHEMA)} QUALIFY row_number() OVER "
        "(PARTITION BY table_name ORDER BY published_at DESC, rowid DESC) = 1"
    ).fetchall()
    return {
        name: Publication(datetime.fromtimestamp(at / 1000, timezone.utc), *figures)
        for name, at, *figures in found
    }
