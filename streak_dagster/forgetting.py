"""``streak-dagster forget``: one person out of the copy, out of its past, and out of what comes later.

The order makes it safe to be killed anywhere, and to do again: the tables, with the note who is kept out, in
one transaction; then answers that wait to be published; then the file is rewritten, so that no free part of
it holds what was there; then what was copied out of it, for readers and into the report, is made anew.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from streak_dagster.after_refresh import after_erasure
from streak_dagster.errors import SettingsError, TableMissingError
from streak_dagster.sync.erased import ADDRESS, HASH, KEY, NAME, Erasures
from streak_dagster.sync.spool_folders import discard_all
from streak_dagster.views.publish import refresh_views
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.erase import Removed, elsewhere, erase
from streak_dagster.warehouse.erasures import known_erasures, new_salt, remember_erasure
from streak_dagster.warehouse.persons import Person, find_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from streak_dagster.after_refresh import Page
    from streak_dagster.sync.hashing import Hasher
    from streak_dagster.warehouse.database import Database
    from streak_dagster.warehouse.session import Session

MEMORY = "1GB"
"""DuckDB's memory while it erases: more than publishing has, as it writes wide rows of all tables."""
_KEY = re.compile(r"[\w~-]{8,500}", re.ASCII)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True)
class Forgotten:
    """What was removed, or would be.

    ``removed`` are the tables; ``keys``, ``addresses`` and ``names`` by how many the person was looked for,
    and ``shared`` how many addresses of theirs stay because others have them, too. ``known`` says that they
    had been erased before. ``spools`` are answers that were cut short and removed, ``held`` those that a
    refresh works with now: it will not be published. ``elsewhere`` still names them, and isn't ours.
    A file was ``rewritten``; what MotherDuck keeps of its past is its own. ``copies`` says what became of the
    copy for readers and of the report.
    """

    removed: tuple[Removed, ...]
    keys: int
    addresses: int
    names: int
    shared: int
    known: bool
    spools: int
    held: int
    elsewhere: tuple[str, ...]
    dry_run: bool
    rewritten: bool = False
    copies: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        return bool(self.removed) or self.known

    def lines(self) -> list[str]:
        """It in words, without a word that says who it is."""
        would = "would be " if self.dry_run else ""
        lines = [
            f"Looked for by {self.addresses} address(es), {self.keys} key(s) and {self.names} full name(s)."
        ]
        lines += [
            f"{each.table}: {each.rows:,} rows {would}removed, {each.values:,} values {would}blanked"
            for each in self.removed
        ]
        if not self.removed:
            lines.append("Nothing more of them was found." if self.known else "Nobody is known here by that.")
        if self.shared:
            lines.append(
                f"{self.shared} address(es) of theirs stay, because others have them, too. "
                "Forget each by itself where it is to go."
            )
        if self.spools:
            lines.append(
                f"{self.spools} refresh(es) that were cut short {would}removed: Streak is asked anew."
            )
        if self.held:
            lines.append(
                f"{self.held} refresh(es) are under way: they will not be published, and then their answers "
                "are removed."
            )
        if self.elsewhere:
            lines.append(f"Not ours to change, and still naming them: {', '.join(self.elsewhere)}.")
        if not self.dry_run:
            if self.rewritten:
                lines.append("The file was rewritten, so that no free part of it holds what was there.")
            lines += self.copies
            lines.append("Refreshes keep them out, until Streak itself has forgotten them.")
        return lines


def forget(
    database: Database,
    given: str,
    *,
    dry_run: bool = False,
    hasher: Hasher | None = None,
    report: Callable[[str], None] | None = None,
    serve: bool = True,
    page: Page | None = None,
) -> Forgotten:
    """Remove the person whom ``given``, an e-mail address or a key of a contact or user, names.

    ``hasher`` makes the hashes that the database has in place of personal data. ``report`` gets a line where
    another process holds the database. The copy for readers, where there is one, is made anew, or removed
    unless there is to be one (``serve``); the report, ``page``, is written anew. Raises
    SettingsError for what is neither, TableMissingError where there is no copy, DatabaseLockedError and
    DatabaseUnusableError.
    """
    given = given.strip()
    if not (_ADDRESS if "@" in given else _KEY).fullmatch(given):
        raise SettingsError("That is neither an e-mail address nor a key of Streak's: nothing was done.")
    if not database.exists():
        raise TableMissingError(f"{database.location} doesn't exist, so there is nothing to forget.")
    also = [hasher.text(given)] if hasher and "@" in given else []
    if dry_run:
        with database.connect(read_only=True, report=report) as session:
            forgotten = _forget(session, given, also, write=False)
        spools, held = discard_all(database.spool_root, remove=False)
        return replace(forgotten, spools=spools, held=held)
    with database.transaction(report=report) as session:  # by itself: tables are read as they were committed
        _refuse_other_data(session)
        meta.prepare(session)
    with replace(database, memory_limit=MEMORY).transaction(report=report) as session:
        forgotten = _forget(session, given, also, write=True)
    spools, held = discard_all(database.spool_root)
    database.renew(report)
    copies = after_erasure(database, serve=serve, report=page)
    return replace(forgotten, spools=spools, held=held, rewritten=database.is_file, copies=tuple(copies))


def _forget(session: Session, given: str, also: list[str], *, write: bool) -> Forgotten:
    _refuse_other_data(session)
    before = known_erasures(session)
    person = find_person(session, given, also)
    people, known = _identified(before, person, given)
    if write:
        remember_erasure(session, people.salt, people.identifiers)
    removed = erase(session, people, person.pattern, write=write)
    if write and removed:
        refresh_views(session)
    return Forgotten(
        tuple(removed),
        len(person.keys),
        len(person.addresses),
        len(person.names),
        len(person.shared),
        known,
        0,
        0,
        tuple(elsewhere(session, people, person.pattern)),
        dry_run=not write,
    )


def _refuse_other_data(session: Session) -> None:
    if not session.has_table("format", meta.SCHEMA):
        raise TableMissingError(f"{session.catalog} holds no copy of Streak's data: nothing was done.")
    meta.check_format(session)
    meta.refuse_copy(session)


def _identified(before: Erasures, person: Person, given: str) -> tuple[Erasures, bool]:
    """The person by digests, those of an earlier erasure among them; and whether there was one."""
    salt = before.salt or new_salt()
    known = before.known(ADDRESS if "@" in given else KEY, given)
    erasure = known or secrets.token_hex(8)
    blank = Erasures(salt)
    texts = [
        *((KEY, each) for each in person.keys),
        *((ADDRESS, each) for each in person.addresses),
        *((ADDRESS if HASH.fullmatch(each) else NAME, each) for each in person.names),
    ]
    found = {each for kind, text in texts if (each := blank.identify(erasure, kind, text)) is not None}
    found |= {each for each in before.identifiers if each.erasure == erasure}
    return Erasures(salt, tuple(sorted(found, key=lambda each: (each.kind, each.digest)))), known is not None
