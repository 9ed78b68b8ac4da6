"""The database: whether it can be written, who has it open, whose data it holds, and the room left."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from streak_dagster.doctor.findings import Finding, Mark, failed
from streak_dagster.doctor.words import ago, size
from streak_dagster.errors import StreakDagsterError
from streak_dagster.tables import ALL_TABLES, Paging
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.holders import holder_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from streak_dagster.settings import Settings
    from streak_dagster.warehouse.session import Session

_LITTLE_ROOM = 500_000_000
_NO_ROOM = 20_000_000
"""Bytes. The sample takes 13 MB while it is copied."""
_LONG = {each.name for each in ALL_TABLES if each.endpoint and each.endpoint.paging is Paging.CURSOR}


class DatabaseLook:
    """One look at the database; ``account``, ``teams`` and ``rows`` are what it holds, once seen.

    Nothing is made and nothing changed, and nobody is kept from it: it is opened for reading, and only where
    nobody writes it.
    """

    def __init__(self, settings: Settings) -> None:
        self._database = Database(settings.database, lock_wait=0)
        self._settings = settings
        self.is_there = False
        self.account: str | None = None
        self.teams: frozenset[str] = frozenset()
        self.rows: dict[str, int] = {}

    def look(self) -> Iterator[Finding]:
        """What the file, its folder and its disk say."""
        if not self._database.is_file:
            yield Finding(
                "database", Mark.OK, f"{self._database.location}, which isn't a file of this machine."
            )
            return
        place = self._place()
        yield place
        # Before DuckDB opens it here: to look closes the file, and so ends this process' own locks on it.
        holder = holder_of(self._database.path)
        if holder is not None:
            facts = {"pid": holder.pid, "program": holder.program, "writes": holder.writes}
            does = "writes it, and nobody else can open it meanwhile" if holder.writes else "reads it"
            text = f"{str(holder).capitalize()} {does}."
            copy = self._database.served_path.name
            advice = f"Until that is closed, no refresh can publish: let it read {copy} in its place."
            yield Finding("held by", Mark.WARN, text, "" if holder.writes else advice, facts)
        if self.is_there and place.mark is Mark.OK and not (holder and holder.writes):
            yield from self._contents()
        yield self._for_readers()
        yield self._room()

    def _place(self) -> Finding:
        """Whether the file can be written, or made."""
        path = self._database.path
        self.is_there = self._database.exists()
        folder = next(each for each in path.parents if each.exists())
        if not self.is_there and folder != path.parent:
            writable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
        else:
            writable = True
            try:
                self._database.check()
            except StreakDagsterError as error:
                return failed("database", error)
        if not writable:
            text = f"{path} can't be made: {folder} is no folder that can be written."
            return Finding("database", Mark.FAIL, text, "Set STREAK_DUCKDB_PATH to a file in one.")
        if not self.is_there:
            return Finding(
                "database", Mark.OK, f"{path} isn't there yet, and can be made.", facts={"bytes": 0}
            )
        taken = path.stat().st_size
        return Finding("database", Mark.OK, f"{path}, {size(taken)}, can be written.", facts={"bytes": taken})

    def _contents(self) -> Iterator[Finding]:
        with self._database.connect(read_only=True) as session:
            meta.check_format(session)
            self.account = meta.known_account(session)
            if session.has_table("teams"):
                found = session.execute(f"SELECT key FROM {session.qualified('teams')}").fetchall()
                self.teams = frozenset(key for (key,) in found)
            self.rows = {
                name: int(session.one_row(f"SELECT count(*) FROM {session.qualified(name)}")[0])
                for name in _LONG
                if session.has_table(name)
            }
            yield _copied(session)

    def _for_readers(self) -> Finding:
        """The file that BI tools are to read, which stands in nobody's way."""
        question = "for readers"
        served = self._database.served_path
        if not served.exists():
            text = "There is none yet." if self._settings.serve else "None: STREAK_SERVE=off."
            return Finding(question, Mark.OK, text, facts={"path": None})
        seconds = max(0.0, datetime.now(timezone.utc).timestamp() - served.stat().st_mtime)
        text = f"{served.name}, made {ago(seconds)}. Send BI tools there."
        return Finding(question, Mark.OK, text, facts={"path": str(served), "seconds_old": round(seconds)})

    def _room(self) -> Finding:
        path = self._database.path
        folder = next(each for each in path.parents if each.exists())
        free = shutil.disk_usage(folder).free
        needed = path.stat().st_size if self.is_there else 0
        facts = {"free_bytes": free}
        text = f"{size(free)} are free on its disk."
        if free < _NO_ROOM:
            return Finding("disk", Mark.FAIL, f"Only {text}", "Make room, or set STREAK_DUCKDB_PATH.", facts)
        if free < max(_LITTLE_ROOM, needed):
            advice = (
                "A refresh may need as much as the database has, for answers and for the file for readers."
            )
            return Finding("disk", Mark.WARN, f"Only {text}", advice, facts)
        return Finding("disk", Mark.OK, text, facts=facts)


def whose_data(look: DatabaseLook, account: str, teams: Collection[str] | None, *, allowed: bool) -> Finding:
    """Whether what the database holds is of the account that would be copied.

    ``teams`` are the keys of the teams that Streak showed, None where it showed none; ``allowed`` says that
    another account's data may go. As ``sync.account`` decides at a refresh.
    """
    facts = {"is_same_account": look.account == account}
    if look.account in (None, account):
        told = "of no account yet" if look.account is None else "of this account"
        return Finding("data", Mark.OK, f"It is {told}.", facts=facts)
    if look.account == meta.SAMPLE:
        text = "It is of the sample, which the account's will replace."
        return Finding("data", Mark.OK, text, facts=facts)
    if teams is None:
        return Finding(
            "data", Mark.WARN, "It was copied with another key, perhaps of the same account.", facts=facts
        )
    if look.teams & frozenset(teams):
        text = "It was copied with another key of the same account, and goes on with this one."
        return Finding("data", Mark.OK, text, facts={"is_same_account": True})
    text = "It is of another account than the key's"
    if allowed:
        advice = "The next refresh replaces it, as STREAK_ALLOW_ACCOUNT_CHANGE=1 says."
        return Finding("data", Mark.WARN, f"{text}.", advice, facts)
    advice = "Set STREAK_DUCKDB_PATH to another file for this account."
    return Finding("data", Mark.FAIL, f"{text}, so a refresh will refuse to replace it.", advice, facts)


def _copied(session: Session) -> Finding:
    """How much was copied, and when last."""
    question = "copy"
    if not session.has_table("refreshes", meta.SCHEMA):
        return Finding(question, Mark.OK, "Nothing was copied into it yet.", facts={"tables": 0})
    tables, latest = session.one_row(
        "SELECT count(DISTINCT table_name), epoch(max(published_at)) "
        f"FROM {session.qualified('refreshes', meta.SCHEMA)}"
    )
    if not tables:
        return Finding(question, Mark.OK, "Nothing was copied into it yet.", facts={"tables": 0})
    seconds = max(0.0, datetime.now(timezone.utc).timestamp() - latest)
    text = f"{tables} tables, the newest published {ago(seconds)}."
    return Finding(question, Mark.OK, text, facts={"tables": tables, "seconds_old": round(seconds)})
