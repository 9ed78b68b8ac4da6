"""What a publication changed in a table, as a few rows for people in which nobody is named.

Dagster keeps what it shows for years, so there is nothing personal in them: pipelines, stages and fields by
name, boxes by their link. ``streak_views.recent_changes`` tells the names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from streak_dagster.tables import BOX_FIELD_VALUES, PIPELINE_BOXES, PIPELINES
from streak_dagster.views.answers.watched import WATCHED
from streak_dagster.views.link import LINK
from streak_dagster.warehouse import history, meta
from streak_dagster.warehouse.ddl import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.session import Session

ROWS = 5
_LOOKED_AT = 1000
"""Versions among which those are looked for that tell most."""
_MAX_WORDS = 5
_CHANGES = {"insert": "added", "update": "changed", "delete": "removed"}
_WORDS = {each.table: {name: shown.word for name, shown in each.columns.items()} for each in WATCHED}


class _Version(NamedTuple):
    change: str
    changed: Sequence[str] | None
    name: str | None
    box: str | None
    pipeline: str | None
    stage: str | None
    stage_before: str | None


def recent_changes_preview(session: Session, table: Table, changes: int) -> list[dict[str, Any]]:
    """The newest of the ``changes`` that were just published, those that people make before all others.

    Each is a dict of one set of columns. Empty where no history is kept, and of a first publication. Call it
    after the views were refreshed, which remember the names of stages.
    """
    if not changes or not session.columns(table.name, history.SCHEMA):
        return []
    found = _newest(session, table, changes)
    boxes = _pipelines_of_boxes(session, [each.box for each in found if each.pipeline is None])
    places = [each.pipeline or boxes.get(each.box or "") for each in found]
    pipelines = _names(session, "pipeline_names", ("pipeline_key",), [(place,) for place in places])
    stages = _names(
        session,
        "stage_names",
        ("pipeline_key", "stage_key"),
        [
            (place, stage)
            for place, each in zip(places, found, strict=True)
            for stage in (each.stage_before, each.stage)
        ],
    )
    rows = []
    for each, place in zip(found, places, strict=True):
        row: dict[str, Any] = {"change": _CHANGES[each.change], "what changed": _words(table, each.changed)}
        if _name_column(table):
            row["name"] = each.name
        if place is not None or any(places):
            row["pipeline"] = pipelines.get((place,), place)
        if "stage_key" in table.by_name:
            now, was = (stages.get((place, key), key) for key in (each.stage, each.stage_before))
            row["stage"] = now if each.stage_before in (None, each.stage) else f"{was} -> {now}"
        if any(other.box for other in found):
            row["box"] = f"[open]({LINK}{each.box})" if each.box else None
        rows.append(row)
    return rows


def former_versions(session: Session, table: Table) -> int | None:
    """How many versions that ended are kept, tombstones included; None where there is no history."""
    if not history.has_history(session, table):
        return None
    (count,) = session.one_row(f"SELECT count(*) FROM {history.past(session, table)}")
    return int(count)


def _newest(session: Session, table: Table, changes: int) -> list[_Version]:
    versions = session.qualified(table.name, history.SCHEMA)
    key = [quoted(name) for name in table.primary_key]
    words = list(_WORDS.get(table.name, {}))
    box = "key" if table is PIPELINE_BOXES else _has(table, "box_key")
    pipeline = "key" if table is PIPELINES else _has(table, "pipeline_key")
    stage = _has(table, "stage_key")
    read = {"name": _name_column(table), "box": box, "pipeline": pipeline, "stage": stage}
    columns = ", ".join(
        f"{quoted(name) if name else 'NULL::VARCHAR'} AS {alias}" for alias, name in read.items()
    )
    before, joined = "NULL::VARCHAR", ""
    if stage:
        before = f"was.{quoted(stage)}"
        same = " AND ".join(f"was.{name} = now.{name}" for name in key)
        joined = f"LEFT JOIN {versions} AS was ON {same} AND was._valid_to = now._valid_from "
    rows = session.execute(
        f"SELECT now._change, now._changed, now.name, now.box, now.pipeline, now.stage, {before} "
        f"FROM (SELECT {', '.join(key)}, {columns}, _valid_from, _change, _changed FROM {versions} "
        "WHERE _seen_before IS NOT NULL OR _change <> 'insert' ORDER BY _valid_from DESC LIMIT ?) AS now "
        f"{joined}ORDER BY now._change <> 'update' OR list_has_any(now._changed, ?::VARCHAR[]) DESC, "
        f"now._valid_from DESC, {', '.join(f'now.{name}' for name in key)} LIMIT ?",
        [min(changes, _LOOKED_AT), words, ROWS],
    ).fetchall()
    return [_Version(*row) for row in rows]


def _has(table: Table, column: str) -> str | None:
    return column if column in table.by_name else None


def _name_column(table: Table) -> str | None:
    """The column that says what a row is called, where that isn't personal."""
    if table is BOX_FIELD_VALUES:
        return "field_name"
    return "name" if "name" in table.by_name and not table.by_name["name"].personal else None


def _words(table: Table, changed: Sequence[str] | None) -> str | None:
    """What changed of a row: what people change, or else every column."""
    if not changed:
        return None
    known = _WORDS.get(table.name, {})
    words = list(dict.fromkeys(known[name] for name in changed if name in known))
    words = words or [name.strip("_").replace("_", " ") for name in changed]
    more = f" and {len(words) - _MAX_WORDS} more" if len(words) > _MAX_WORDS else ""
    return ", ".join(words[:_MAX_WORDS]) + more


def _pipelines_of_boxes(session: Session, boxes: Iterable[str | None]) -> dict[str, str]:
    keys = [key for key in boxes if key]
    if not keys or not {"key", "pipeline_key"} <= session.columns(PIPELINE_BOXES.name).keys():
        return {}
    found = session.execute(
        f"SELECT key, pipeline_key FROM {session.qualified(PIPELINE_BOXES.name)} "
        "WHERE key IN (SELECT unnest(?::VARCHAR[]))",
        [keys],
    )
    return dict(found.fetchall())


def _names(
    session: Session, memory: str, key: tuple[str, ...], wanted: Iterable[tuple[str | None, ...]]
) -> dict[tuple[str | None, ...], str]:
    """What ``streak_meta`` remembers as the names of pipelines or stages, by their keys."""
    pipelines = [each[0] for each in wanted if each[0]]
    if not pipelines or not session.columns(memory, meta.SCHEMA):
        return {}
    found = session.execute(
        f"SELECT {', '.join(key)}, name FROM {session.qualified(memory, meta.SCHEMA)} "
        "WHERE name IS NOT NULL AND pipeline_key IN (SELECT unnest(?::VARCHAR[]))",
        [pipelines],
    )
    return {tuple(row[:-1]): row[-1] for row in found.fetchall()}
