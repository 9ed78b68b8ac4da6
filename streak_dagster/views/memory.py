"""What ``streak_meta`` remembers for the views: stages, and the names that pipelines and fields got."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from streak_dagster.views.remembering import DAY, Remembered
from streak_dagster.warehouse import meta

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from streak_dagster.views.sources import Sources
    from streak_dagster.warehouse.session import Session

_MOMENT = "TIMESTAMP WITH TIME ZONE"
_SPAN = f"first_seen {_MOMENT} NOT NULL, last_seen {_MOMENT} NOT NULL"
TABLES = {
    "pipeline_names": (
        f"pipeline_key VARCHAR NOT NULL, view_name VARCHAR NOT NULL, name VARCHAR, {_SPAN}, "
        f"gone_since {_MOMENT}, account VARCHAR"
    ),
    "field_names": (
        "pipeline_key VARCHAR NOT NULL, field_key VARCHAR NOT NULL, column_name VARCHAR NOT NULL, "
        f"name VARCHAR, type VARCHAR, value_type VARCHAR, {_SPAN}, gone_since {_MOMENT}"
    ),
    "stage_names": (
        "pipeline_key VARCHAR NOT NULL, stage_key VARCHAR NOT NULL, name VARCHAR, position BIGINT, "
        f"is_present BOOLEAN NOT NULL, {_SPAN}"
    ),
    # The views that this package made, as it made them; ``problem`` is why the last one couldn't be made.
    "views": (
        "name VARCHAR NOT NULL, kind VARCHAR NOT NULL, sql VARCHAR NOT NULL, comment VARCHAR, "
        f"columns JSON, shape VARCHAR, made_at {_MOMENT}, problem VARCHAR"
    ),
    # What this package made of the history, by its full name; ``digest`` is of how it was made.
    "history_views": (
        "name VARCHAR NOT NULL, digest VARCHAR NOT NULL, comment VARCHAR NOT NULL, "
        f"made_at {_MOMENT} NOT NULL"
    ),
}
"""Tables of ``streak_meta`` by name, each with its columns."""


def prepare(session: Session) -> None:
    """Make what is missing, inside the caller's transaction."""
    session.create_schema(meta.SCHEMA)
    for name, columns in TABLES.items():
        session.execute(f"CREATE TABLE IF NOT EXISTS {session.qualified(name, meta.SCHEMA)} ({columns})")


def remember_stages(session: Session, sources: Sources, now: int) -> None:
    """Note the stages that are there, under the name and the place that they have now; forget none.

    A stage that was removed keeps its last name: boxes' histories lead to it.
    """
    if not sources.has("pipeline_stages"):
        return
    memory, stages = session.qualified("stage_names", meta.SCHEMA), session.qualified("pipeline_stages")
    same = "s.pipeline_key = m.pipeline_key AND s.key = m.stage_key"
    values = {"now": now * 1000, "day": DAY * 1000}
    session.execute(
        f"UPDATE {memory} AS m SET is_present = false WHERE is_present AND NOT EXISTS "
        f"(SELECT 1 FROM {stages} AS s WHERE {same})"
    )
    session.execute(
        f"UPDATE {memory} AS m SET name = coalesce(s.name, m.name), position = s.position, "
        f"is_present = true, last_seen = make_timestamptz($now) FROM {stages} AS s WHERE {same} "
        "AND (NOT m.is_present "
        "OR m.name IS DISTINCT FROM coalesce(s.name, m.name) OR m.position IS DISTINCT FROM s.position "
        "OR epoch_us(m.last_seen) <= $now - $day)",
        values,
    )
    session.execute(
        f"INSERT INTO {memory} SELECT s.pipeline_key, s.key, s.name, s.position, true, "
        f"make_timestamptz($now), make_timestamptz($now) FROM {stages} AS s "
        f"WHERE NOT EXISTS (SELECT 1 FROM {memory} AS m WHERE {same})",
        {"now": now * 1000},
    )


def known_pipelines(session: Session) -> tuple[list[Remembered], dict[str, str | None]]:
    """The pipelines that have a view, and the account by whose key each was seen last."""
    rows = session.execute(
        "SELECT pipeline_key, view_name, name, epoch_ms(first_seen), epoch_ms(last_seen), "
        f"epoch_ms(gone_since), account FROM {session.qualified('pipeline_names', meta.SCHEMA)}"
    ).fetchall()
    return [Remembered(*row[:6]) for row in rows], {row[0]: row[6] for row in rows}


def known_fields(session: Session) -> dict[str, list[Remembered]]:
    """The fields that have a column, by pipeline."""
    found: dict[str, list[Remembered]] = {}
    rows = session.execute(
        "SELECT pipeline_key, field_key, column_name, name, epoch_ms(first_seen), epoch_ms(last_seen), "
        f"epoch_ms(gone_since), type, value_type FROM {session.qualified('field_names', meta.SCHEMA)} "
        "ORDER BY rowid"
    ).fetchall()
    for pipeline, *field in rows:
        found.setdefault(pipeline, []).append(Remembered(*field))
    return found


def store_pipelines(
    session: Session, pipelines: Sequence[Remembered], account: Mapping[str, str | None]
) -> None:
    """Keep these pipelines, and no others."""
    target = session.qualified("pipeline_names", meta.SCHEMA)
    session.execute(f"DELETE FROM {target}")
    session.execute(
        f"INSERT INTO {target} SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), "
        f"{_moments(3)}, unnest(?::VARCHAR[])",
        [
            [each.key for each in pipelines],
            [each.given for each in pipelines],
            [each.label for each in pipelines],
            *_spans(pipelines),
            [account.get(each.key) for each in pipelines],
        ],
    )


def store_fields(session: Session, changed: Mapping[str, Sequence[Remembered]]) -> None:
    """Keep these fields of some pipelines, in place of those that they had."""
    if not changed:
        return
    target = session.qualified("field_names", meta.SCHEMA)
    session.execute(
        f"DELETE FROM {target} WHERE pipeline_key IN (SELECT unnest(?::VARCHAR[]))", [list(changed)]
    )
    fields = [each for of_one in changed.values() for each in of_one]
    session.execute(
        f"INSERT INTO {target} SELECT {', '.join(['unnest(?::VARCHAR[])'] * 6)}, {_moments(3)}",
        [
            [pipeline for pipeline, of_one in changed.items() for _ in of_one],
            [each.key for each in fields],
            [each.given for each in fields],
            [each.label for each in fields],
            [each.type for each in fields],
            [each.value_type for each in fields],
            *_spans(fields),
        ],
    )


def digest_of(*texts: str) -> str:
    """What tells apart how something was made."""
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=16).hexdigest()


def made_of_history(session: Session) -> dict[str, tuple[str, str]]:
    """What was made of the history: its digest and its comment, by its full name."""
    rows = session.execute(
        f"SELECT name, digest, comment FROM {session.qualified('history_views', meta.SCHEMA)}"
    )
    return {name: (digest, comment) for name, digest, comment in rows.fetchall()}


def note_made(session: Session, made: Mapping[str, tuple[str, str]], gone: Collection[str] = ()) -> None:
    """Note what was made anew of the history, and what there isn't any more."""
    target = session.qualified("history_views", meta.SCHEMA)
    session.execute(f"DELETE FROM {target} WHERE name IN (SELECT unnest(?::VARCHAR[]))", [[*made, *gone]])
    session.execute(
        f"INSERT INTO {target} SELECT {', '.join(['unnest(?::VARCHAR[])'] * 3)}, now()",
        [list(made), [digest for digest, _ in made.values()], [comment for _, comment in made.values()]],
    )


def forget_stages(session: Session, pipelines: Collection[str]) -> None:
    """Forget the stages of pipelines that belong to another account."""
    if pipelines:
        session.execute(
            f"DELETE FROM {session.qualified('stage_names', meta.SCHEMA)} "
            "WHERE pipeline_key IN (SELECT unnest(?::VARCHAR[]))",
            [list(pipelines)],
        )


def _moments(count: int) -> str:
    return ", ".join(["make_timestamptz(unnest(?::BIGINT[]) * 1000)"] * count)


def _spans(each: Sequence[Remembered]) -> list[list[int | None]]:
    return [
        [one.first_seen for one in each],
        [one.last_seen for one in each],
        [one.gone_since for one in each],
    ]
