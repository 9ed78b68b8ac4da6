"""``streak-dagster forget``: one person out of the copy, and kept out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from streak_dagster.terminal import typed

if TYPE_CHECKING:
    from streak_dagster.cli.face import Face
    from streak_dagster.sync.hashing import Hasher
    from streak_dagster.warehouse.database import Database


@click.command(
    short_help="Remove one person from the copy, and keep them out.",
    epilog="Exit status: 0 where the person was (or would be) removed, 1 where nobody was found.",
)
@click.argument("person")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--yes", is_flag=True, help="Don't ask before.")
@click.pass_obj
def command(face: Face, person: str, *, dry_run: bool, yes: bool) -> int:
    """Remove PERSON, an e-mail address or the key of a contact or user; - reads it from the input."""
    from streak_dagster.after_refresh import page_of  # noqa: PLC0415 - brings DuckDB with it, as the next
    from streak_dagster.forgetting import forget  # noqa: PLC0415

    database, settings = face.database, face.settings
    given = sys.stdin.readline() if person == "-" else typed(person)
    hasher = _hasher(database)
    if dry_run or not yes:
        would = forget(database, given, dry_run=True, hasher=hasher, report=face.note)
        print("\n".join(would.lines()))
        if dry_run:
            return 0 if would.found else 1
        if not _confirmed(face, asked_on_input=person == "-"):
            return 1
    done = forget(
        database,
        given,
        hasher=hasher,
        report=face.note,
        serve=settings.serve,
        page=page_of(settings.report_path, settings.timezone, settings.refresh_minutes, settings.exclude),
    )
    print("\n".join(done.lines()))
    return 0 if done.found else 1


def _confirmed(face: Face, *, asked_on_input: bool) -> bool:
    if asked_on_input or not sys.stdin.isatty():
        face.note("nothing was done, as nobody could be asked. Say --yes.")
        return False
    print("This can't be undone. Forget them? [y/N] ", end="", flush=True)
    agreed = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not agreed:
        print("Nothing was done.")
    return agreed


def _hasher(database: Database) -> Hasher | None:
    """What made the hashes in the database, where its key is known."""
    from streak_dagster.sync.hashing import Hasher  # noqa: PLC0415
    from streak_dagster.warehouse.hash_key import kept_key  # noqa: PLC0415

    given = os.environ.get("STREAK_HASH_KEY", "").strip()
    if given:
        return Hasher(given.encode())
    return Hasher(kept_key(database.hash_key_path)) if database.hash_key_path.exists() else None
