"""The database at one moment, and what of it is asked for."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from streak_dagster.errors import ExportError
from streak_dagster.export import relations
from streak_dagster.query.opening import opened_to_read
from streak_dagster.warehouse import meta

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streak_dagster.export.relations import Relation
    from streak_dagster.warehouse.database import Database
    from streak_dagster.warehouse.session import Session


_MEMORY = "1GB"
"""DuckDB's, of which an export of 500,000 rows takes a fifth; views of many wide rows want more."""


@dataclass(frozen=True)
class Asked:
    """What is to be exported: ``patterns`` of names, as of when (None: now), and the time zone of times."""

    patterns: Sequence[str] = ()
    as_of: str | None = None
    zone: str = "UTC"


class Moments(NamedTuple):
    """Which database was read, when, as of when it is shown (None: as it was then), and how old it is.

    ``copied`` is the end of the last refresh, None where none is known. ``zone`` is how times are told.
    """

    database: str
    zone: str
    read: datetime
    as_of: datetime | None
    copied: datetime | None


class Chosen(NamedTuple):
    """The relations that are asked for, and the names of all there are."""

    relations: list[Relation]
    there: list[Relation]
    moments: Moments


@contextmanager
def reading(database: Database, report: Callable[[str], None] | None) -> Iterator[Session]:
    """The database at one moment, for reading. Raises WarehouseError."""
    with opened_to_read(database, report) as session:
        session.execute("BEGIN TRANSACTION READ ONLY")  # in which now() is one moment, too
        session.execute(f"SET memory_limit = '{_MEMORY}'")
        session.execute("SET threads = 1")  # every further one takes buffers of its own
        yield session


def choose(session: Session, database: str, asked: Asked) -> Chosen:
    """What is asked for. Raises ExportError, and SettingsError for a name that there isn't."""
    there = relations.relations_of(session)
    if not there:
        raise ExportError("The database has no table of Streak's yet. Run: streak-dagster run")
    chosen = relations.select(there, asked.patterns)
    read, copied = session.one_row(f"SELECT epoch_us(now()), {_last_refresh(session)}")
    moment = None
    if asked.as_of is not None:
        moment = _moment(session, asked.as_of, asked.zone)
        names = {each.full_name for each in chosen}
        then = relations.as_of(session, there, moment)
        chosen = [each for each in then if each.full_name in names]
        if not chosen:
            raise ExportError(
                "None of that has a past in this database: it is kept from the first refresh on, where "
                "STREAK_HISTORY is on."
            )
    moments = Moments(database, asked.zone, _instant(read), _maybe(moment), _maybe(copied))
    return Chosen(chosen, there, moments)


def _last_refresh(session: Session) -> str:
    if not session.has_table("refreshes", meta.SCHEMA):
        return "NULL::BIGINT"
    return f"(SELECT max(epoch_us(published_at)) FROM {session.qualified('refreshes', meta.SCHEMA)})"


def _moment(session: Session, text: str, zone: str) -> int:
    """Microseconds since 1970 UTC; a time that says no zone is one of ``zone``. Raises ExportError."""
    says_zone = "length($text) > 10 AND regexp_matches($text, '[zZ]$|:\\d\\d[^:]*[+-]\\d\\d(:?\\d\\d)?$')"
    try:
        (moment,) = session.one_row(
            f"SELECT epoch_us(CASE WHEN {says_zone} THEN $text::TIMESTAMPTZ "
            "ELSE timezone($zone, $text::TIMESTAMP) END)",
            {"text": text.strip(), "zone": zone},
        )
    except duckdb.Error as error:
        raise ExportError(
            f"{text!r} is no moment. One is 2026-11-01, '2026-11-01 09:30' or 2026-11-01T09:30:00Z."
        ) from error
    return int(moment)


def _instant(microseconds: int) -> datetime:
    return datetime.fromtimestamp(0, timezone.utc) + timedelta(microseconds=microseconds)


def _maybe(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _instant(microseconds)
