"""Who was erased: remembered in ``streak_meta`` by keyed hashes alone, until Streak has forgotten them, too.

The key of the hashes, the salt, is random and stands beside them. So a database that is moved, restored or
filled from another machine never lets a person in again for want of a file. Who holds the database can try
whether a name that they guess was erased; nobody can read one out of it.

Each complete refresh of a table notes whether it met the person. Once every published list was read as a
whole since the erasure and met nobody, the erasure is dropped: whoever comes back later is let in.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from streak_dagster.errors import PublishRefusedError
from streak_dagster.sync.erased import Erasures, Identifier
from streak_dagster.tables import ALL_TABLES, Kind
from streak_dagster.warehouse import meta

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

NAME, MET = "erasures", "erasures_met"


def known_erasures(session: Session) -> Erasures:
    """Who is kept out; nobody where no erasure is remembered."""
    if not session.has_table(NAME, meta.SCHEMA):
        return Erasures()
    found = session.execute(
        f"SELECT salt, id, kind, digest, size FROM {session.qualified(NAME, meta.SCHEMA)} ORDER BY ALL"
    ).fetchall()
    if not found:
        return Erasures()
    return Erasures(bytes.fromhex(found[0][0]), tuple(Identifier(*row[1:]) for row in found))


def new_salt() -> bytes:
    """The key of the digests of a database's first erasure."""
    return secrets.token_bytes(32)


def remember_erasure(session: Session, salt: bytes, identifiers: Sequence[Identifier]) -> None:
    """Note who is kept out from now on, inside the caller's transaction; needs ``meta.prepare``.

    An erasure that is known is taken up anew: what refreshes met of it before doesn't count.
    """
    target, met = session.qualified(NAME, meta.SCHEMA), session.qualified(MET, meta.SCHEMA)
    for erasure in {each.erasure for each in identifiers}:
        session.execute(f"DELETE FROM {met} WHERE id = ?", [erasure])
        session.execute(f"UPDATE {target} SET since = now() WHERE id = ?", [erasure])
    for each in identifiers:
        session.execute(
            f"INSERT INTO {target} SELECT $id, now(), $salt, $kind, $digest, $size WHERE NOT EXISTS "
            f"(FROM {target} WHERE id = $id AND kind = $kind AND digest = $digest)",
            {
                "id": each.erasure,
                "salt": salt.hex(),
                "kind": each.kind,
                "digest": each.digest,
                "size": each.size,
            },
        )


def refuse_unknown_erasures(session: Session, table: Table, known: Collection[str]) -> None:
    """Raise PublishRefusedError where somebody was erased after a refresh began, who may be in its rows."""
    unknown = set(known_erasures(session).ids).difference(known)
    if unknown:
        raise PublishRefusedError(
            f"Somebody was erased from the database while {table.name} was read, and may be in what Streak "
            "answered. Nothing was published, and the answers are removed. Materialize it again."
        )


def note_met(session: Session, table: Table, started_at: int, met: Collection[str]) -> None:
    """Note which erasures a complete refresh met somebody of, and drop those that no list meets any more.

    ``started_at`` is when the refresh began (ms): one that began before the erasure says nothing.
    """
    ids = known_erasures(session).ids
    if not ids:
        return
    target = session.qualified(MET, meta.SCHEMA)
    session.execute(f"DELETE FROM {target} WHERE table_name = ?", [table.name])
    session.execute(
        f"INSERT INTO {target} SELECT id, ?, make_timestamptz(? * 1000), list_contains(?::VARCHAR[], id) "
        "FROM (SELECT unnest(?::VARCHAR[]) AS id)",
        [table.name, started_at, sorted(met), list(ids)],
    )
    _drop_forgotten(session)


def _drop_forgotten(session: Session) -> None:
    """Drop the erasures of whom each published list was read since, as a whole, and met nobody."""
    lists = [
        each.name for each in ALL_TABLES if each.kind is not Kind.DERIVED and session.has_table(each.name)
    ]
    erasures, met = session.qualified(NAME, meta.SCHEMA), session.qualified(MET, meta.SCHEMA)
    found = session.execute(
        f"SELECT id FROM (SELECT id, max(since) AS since FROM {erasures} GROUP BY id) JOIN {met} USING (id) "
        "WHERE NOT met AND read_at >= since AND list_contains(?::VARCHAR[], table_name) "
        "GROUP BY id HAVING count(DISTINCT table_name) = ?",
        [lists, len(lists)],
    ).fetchall()
    for (erasure,) in found:
        session.execute(f"DELETE FROM {erasures} WHERE id = ?", [erasure])
        session.execute(f"DELETE FROM {met} WHERE id = ?", [erasure])
