"""What the thirteen tables must hold, from the sandbox's workspace itself, and what a contestant's hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from streak_dagster.sandbox import generated_workspace

from .lists import LISTS, List
from .server import SEED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streak_dagster.sandbox import Workspace

    from .server import Server

EDITED = 100
"""One box in so many is edited."""
Rows = list[tuple[Any, ...]]


class Truth:
    """The same workspace as the server's, made of the same seed and edited by the same edits."""

    def __init__(self, boxes: int) -> None:
        self.workspace = generated_workspace(boxes, SEED)
        self._rows: dict[str, Rows] | None = None

    def edit(self, server: Server) -> int:
        """Rename one box in a hundred and comment on it, here and there; returns how many boxes."""
        keys = [box for each in self.workspace.pipelines() for box in self.workspace.box_keys(each["key"])]
        chosen = keys[::EDITED]
        for key in chosen:
            for do, arguments in (
                ("update_box", {"key": key, "name": "Renamed"}),
                ("add_comment", {"box_key": key, "message": "Added"}),
            ):
                server.edit(do, **arguments)
                getattr(self.workspace, do)(**arguments)
        self._rows = None
        return len(chosen)

    def rows(self) -> dict[str, Rows]:
        """Of each table, sorted, the key of every row and one value."""
        if self._rows is None:
            self._rows = {each.table: sorted(_of(self.workspace, each)) for each in LISTS}
        return self._rows

    def differences(self, database: Path, schema: str) -> list[str]:
        """Where a copy isn't the truth: a sentence a table; none where everything is right."""
        told = []
        with duckdb.connect(str(database), read_only=True) as connection:
            for each in LISTS:
                wanted = self.rows()[each.table]
                try:
                    found = _read(connection, each, schema)
                except duckdb.CatalogException:
                    told.append(f"{each.table} doesn't exist; it has {len(wanted):,} rows")
                    continue
                if found != wanted:
                    wrong = len(set(wanted) ^ set(found))
                    told.append(f"{each.table}: {len(found):,} rows for {len(wanted):,}, {wrong:,} differ")
        return told


def _read(connection: duckdb.DuckDBPyConnection, each: List, schema: str) -> Rows:
    columns = [*each.key, *([each.value] if each.value else [])]
    found = connection.execute(f"SELECT {', '.join(columns)} FROM {schema}.{each.table}").fetchall()
    return sorted(tuple(map(_text, row)) for row in found)


def _of(workspace: Workspace, each: List) -> Iterator[tuple[Any, ...]]:
    for parent, sent in _sent(workspace, each):
        values = [parent if name == each.parent_column else sent[_camel(name)] for name in each.key]
        yield tuple(map(_text, [*values, *([sent.get(each.value)] if each.value else [])]))


def _sent(workspace: Workspace, each: List) -> Iterator[tuple[str | None, dict[str, Any]]]:
    whole = {
        "teams": workspace.teams, "pipelines": workspace.pipelines, "users": workspace.users,
        "snippets": workspace.snippets,
    }  # fmt: skip
    below = {
        "pipeline_fields": workspace.fields, "pipeline_boxes": workspace.boxes,
        "contacts": workspace.contacts, "organizations": workspace.organizations,
        "box_comments": workspace.comments, "box_meetings": workspace.meetings,
        "box_tasks": workspace.tasks, "box_threads": workspace.threads, "box_files": workspace.files,
    }  # fmt: skip
    if each.table in whole:
        for sent in whole[each.table]():
            yield None, sent
        return
    parents = [team["key"] for team in workspace.teams()]
    if each.parent != "teams":
        parents = [pipeline["key"] for pipeline in workspace.pipelines()]
    if each.parent == "pipeline_boxes":
        parents = [box for pipeline in parents for box in workspace.box_keys(pipeline)]
    for parent in parents:
        for sent in below[each.table](parent):
            yield parent, sent


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _text(value: Any) -> str:
    return "" if value is None else str(value)
