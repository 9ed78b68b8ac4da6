"""Whose data it is, of when, and whether that is late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.report import words
from streak_dagster.warehouse import ddl, meta

if TYPE_CHECKING:
    from datetime import datetime, timedelta, tzinfo

    from streak_dagster.report.copy import Copy

LATE = 1.5
"""Times the interval after which a table is late, as for Dagster's freshness: a refresh takes time, too."""


@dataclass(frozen=True)
class Origin:
    """``latest`` and ``oldest`` are when the first and the last of the tables were published."""

    teams: tuple[str, ...]
    is_sample: bool
    latest: datetime | None
    oldest: datetime | None
    oldest_table: str | None
    has_tables: bool = True

    @property
    def whose(self) -> str:
        return ", ".join(self.teams) or ("The sample" if self.is_sample else "Streak")


@dataclass(frozen=True)
class Freshness:
    """``state`` is good or late, or none where nobody said how often it should be copied."""

    state: str
    label: str
    sentence: str


def origin(copy: Copy, zone: tzinfo) -> Origin:
    """From the tables that are copied. One that no longer is may be as old as it likes."""
    teams: tuple[str, ...] = ()
    if f"{ddl.SCHEMA}.teams" in copy.there and "name" in copy.session.columns("teams"):
        found = copy.rows(
            f"SELECT name::VARCHAR AS name FROM {ddl.SCHEMA}.teams WHERE trim(name) <> '' "
            "ORDER BY name LIMIT 5"
        )
        teams = tuple(words.short(each["name"], 60) for each in found)
    has_tables = any(each.startswith(f"{ddl.SCHEMA}.") for each in copy.there)
    is_sample = meta.known_account(copy.session) == meta.SAMPLE
    if f"{meta.SCHEMA}.refreshes" not in copy.there:
        return Origin(teams, is_sample, None, None, None, has_tables)
    published = [
        (each["published"], each["table_name"])
        for each in copy.rows(
            "SELECT table_name, epoch_us(max(published_at)) AS published "
            f"FROM {meta.SCHEMA}.refreshes GROUP BY table_name ORDER BY ALL"
        )
        if f"{ddl.SCHEMA}.{each['table_name']}" in copy.there
    ]
    if not published:
        return Origin(teams, is_sample, None, None, None, has_tables)
    (oldest, table), (latest, _) = min(published), max(published)
    return Origin(teams, is_sample, words.at(latest, zone), words.at(oldest, zone), table)


def freshness(found: Origin, now: datetime, interval: timedelta | None) -> Freshness:
    """The age of the oldest table, against the ``interval`` at which all of them should be copied."""
    if not found.has_tables:
        return Freshness("late", "no data", "No table was copied yet.")
    if found.oldest is None:
        return Freshness("none", "age unknown", "When the tables were copied isn't recorded.")
    seconds = (now - found.oldest).total_seconds()
    age = words.span(seconds)
    if interval is None:
        return Freshness("none", f"{age} old", f"The oldest table, {found.oldest_table}, is {age} old.")
    every = words.span(interval.total_seconds())
    due = f"a refresh is due every {every.removeprefix('1 ')}."
    if seconds <= LATE * interval.total_seconds():
        until = words.moment(found.oldest + LATE * interval)
        # The file stays as it is where refreshes end, so it says itself when it is no longer true.
        told = f"Every table was copied within the last {age}; {due} After {until} this page is out of date."
        return Freshness("good", "up to date", told)
    return Freshness("late", "late", f"The oldest table, {found.oldest_table}, is {age} old, but {due}")
