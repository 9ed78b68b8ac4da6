"""What the tables must hold, worked out from the sandbox's answers without the code under test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from streak_dagster.sandbox import Variants, Workspace
from streak_dagster.sandbox.http import shapes
from streak_dagster.sandbox.http.routes import activity
from streak_dagster.tables import ALL_TABLES, snake_case
from streak_dagster_tests.support.fewer import copied
from streak_dagster_tests.support.field_values import Known, decoded

Sent = dict[str, Any]
NAMED_KEYS = {
    "users": "userKey",
    "pipelines": "pipelineKey",
    "pipeline_boxes": "boxKey",
    "box_comments": "commentKey",
    "box_threads": "gmailThreadKey",
    "box_files": "fileKey",
    "snippets": "snippetKey",
    "newsfeed": "newsfeedItemKey",
}
PARENT = {
    "team_members": "teamKey",
    "users": "teamKey",
    "contact_fields": "teamKey",
    "organization_fields": "teamKey",
    "pipeline_stages": "pipelineKey",
    "pipeline_fields": "pipelineKey",
    "box_comments": "boxKey",
    "box_meetings": "boxKey",
    "box_tasks": "boxKey",
    "box_threads": "boxKey",
    "box_files": "boxKey",
    "box_contacts": "boxKey",
    "box_organizations": "boxKey",
    "box_stage_history": "boxKey",
    "box_field_values": "boxKey",
}
KEYS = {
    "team_members": ("teamKey", "userKey"),
    "contact_fields": ("teamKey", "key"),
    "organization_fields": ("teamKey", "key"),
    "pipeline_stages": ("pipelineKey", "key"),
    "pipeline_fields": ("pipelineKey", "key"),
    "box_threads": ("boxKey", "key"),
    "box_contacts": ("boxKey", "contactKey"),
    "box_organizations": ("boxKey", "organizationKey"),
    "box_stage_history": ("boxKey", "position"),
    "box_field_values": ("boxKey", "fieldKey"),
}


def sent(workspace: Workspace, variants: Variants) -> dict[str, list[Sent]]:
    """Every object of every table as the sandbox sends it, with its parent's key and place filled in."""
    boxes = list(_boxes(workspace, variants))
    teams = [shapes.shape_team(each, variants) for each in workspace.teams()]
    found: dict[str, list[tuple[str | None, int | None, Sent]]] = {
        "teams": [(None, None, each) for each in teams],
        "snippets": [(None, None, shapes.shape_snippet(each, variants)) for each in workspace.snippets()],
        "contacts": [
            (None, None, shapes.shape_contact(each, variants))
            for team in workspace.teams()
            for each in workspace.contacts(team["key"])
        ],
        "organizations": [
            (None, None, shapes.shape_contact(each, variants))
            for team in workspace.teams()
            for each in workspace.organizations(team["key"])
        ],
        "newsfeed": list(_entries(workspace, variants)),
        "webhooks": [(None, None, shapes.finish(each, variants)) for each in workspace.webhooks()],
        "pipelines": [
            (None, None, shapes.shape_pipeline(each, variants, version=1)) for each in workspace.pipelines()
        ],
        "pipeline_stages": list(_stages(workspace, variants)),
        "pipeline_fields": [
            (pipeline["key"], place, shapes.shape_field(each, variants))
            for pipeline in workspace.pipelines()
            for place, each in enumerate(workspace.fields(pipeline["key"]))
        ],
        "pipeline_boxes": [(None, None, each) for each in boxes],
        "team_members": [(team["key"], None, each) for team in teams for each in team["members"]],
        "users": [
            (team["key"], None, _without_secret(shapes.shape_user(each, variants)))
            for team in teams
            for each in workspace.users()
        ],
        "contact_fields": list(_team_fields(teams, "contactSettings")),
        "organization_fields": list(_team_fields(teams, "organizationSettings")),
        "box_contacts": list(_links(boxes, "contacts", "contactKey")),
        "box_organizations": list(_links(boxes, "organizations", "organizationKey")),
        "box_stage_history": [
            (_key(box), place, each)
            for box in boxes
            for place, each in enumerate(box.get("stageHistoryEntries") or [])
        ],
        "box_field_values": list(_field_values(workspace, variants)),
        **{table: list(_children(workspace, variants, table)) for table in _CHILDREN},
    }
    return {table: [_complete(table, *each) for each in objects] for table, objects in found.items()}


_CHILDREN: dict[str, tuple[Callable[[Workspace, str], list[Sent]], Callable[[Sent, Variants], Sent]]] = {
    "box_comments": (Workspace.comments, shapes.shape_comment),
    "box_meetings": (Workspace.meetings, shapes.finish),
    "box_tasks": (Workspace.tasks, shapes.shape_task),
    "box_threads": (Workspace.threads, shapes.shape_thread),
    "box_files": (Workspace.files, shapes.shape_file),
}


def _children(workspace: Workspace, variants: Variants, table: str) -> Iterator[tuple[str, None, Sent]]:
    read, shape = _CHILDREN[table]
    for pipeline in workspace.pipelines():
        for box in workspace.boxes(pipeline["key"]):
            for each in read(workspace, box["key"]):
                yield box["key"], None, shape(each, variants)


def _entries(workspace: Workspace, variants: Variants) -> Iterator[tuple[str, None, Sent]]:
    """Those that the pipelines' feeds show now."""
    for pipeline in workspace.pipelines():
        for each in activity.newest(activity.pipeline_events(workspace, pipeline["key"])):
            yield pipeline["key"], None, shapes.finish(each, variants, "newsfeedItemKey")


def _boxes(workspace: Workspace, variants: Variants) -> Iterator[Sent]:
    for pipeline in workspace.pipelines():
        types = {field["key"]: field["type"] for field in pipeline["fields"]}

        def types_of(_: str, types: dict[str, str] = types) -> dict[str, str]:
            return types

        for box in workspace.boxes(pipeline["key"]):
            yield shapes.shape_box(box, variants, types_of)


def _without_secret(user: Sent) -> Sent:
    return {name: value for name, value in user.items() if name != "intercomHmac"}


def _team_fields(teams: list[Sent], settings: str) -> Iterator[tuple[str, None, Sent]]:
    for team in teams:
        for each in team[settings]["fields"].values():
            yield team["key"], None, each


def _key(box: Sent) -> str:
    return str(box.get("key") or box["boxKey"])


def _links(boxes: list[Sent], name: str, key: str) -> Iterator[tuple[str, None, Sent]]:
    """What boxes list under a name, its key called as the column is."""
    for box in boxes:
        for link in box.get(name) or []:
            yield _key(box), None, {key if part == "key" else part: value for part, value in link.items()}


def _field_values(workspace: Workspace, variants: Variants) -> Iterator[tuple[str, None, Sent]]:
    """Those of boxes, decoded; nothing names what a table that isn't there would name."""
    known = Known(_names(workspace))
    for box in _boxes(workspace, variants):
        pipeline = box["pipelineKey"]
        definitions = {each["key"]: each for each in workspace.fields(pipeline)}
        for key, value in (box.get("fields") or {}).items():
            if value is not None:
                told = decoded(definitions.get(key), value, known)
                yield (
                    box.get("key") or box["boxKey"],
                    None,
                    {"fieldKey": key, "pipelineKey": pipeline, **told},
                )


def _names(workspace: Workspace) -> dict[str, dict[str, str]]:
    """What people, contacts and organizations are called, by key, where their tables are declared."""
    declared = {table.name for table in ALL_TABLES}
    names: dict[str, dict[str, str]] = {}
    if declared & {"team_members", "users"}:
        people = {each["key"]: each["displayName"] for each in workspace.users()}
        by_mail = {each["email"]: each["displayName"] for each in workspace.users()}
        names["PERSON"] = by_mail | people
    for team in workspace.teams():
        if "contacts" in declared:
            names["TEAM_CONTACT"] = {
                each["key"]: " ".join(filter(None, (each["givenName"], each["familyName"])))
                or next(iter(each["emailAddresses"]), "")
                for each in workspace.contacts(team["key"])
            }
        if "organizations" in declared:
            every = workspace.organizations(team["key"])
            names["TEAM_ORGANIZATION"] = {each["key"]: each["name"] or "" for each in every}
    return names


def _stages(workspace: Workspace, variants: Variants) -> Iterator[tuple[str, int | None, Sent]]:
    for pipeline in workspace.pipelines():
        order = pipeline["stageOrder"]
        for stage in workspace.stages(pipeline["key"]):
            place = order.index(stage["key"]) if stage["key"] in order else None
            yield pipeline["key"], place, shapes.shape_stage(stage, variants)


def _complete(table: str, parent: str | None, place: int | None, record: Sent) -> Sent:
    """Both names of the key, the key that was asked by, and the place."""
    full = {name: value for name, value in record.items() if value is not None}
    named = NAMED_KEYS.get(table)
    if named is not None:
        key = full.get("key", full.get(named))
        full |= {"key": key, named: key}
    if table in PARENT:
        full[PARENT[table]] = parent
    if place is not None:
        full["position"] = place
    return full


def stored(database: Path, table: str) -> list[dict[str, Any]]:
    """The rows of one table; see ``rows_of``."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return rows_of(connection, table)


def rows_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """The table's rows as plain values: times in milliseconds, JSON parsed."""
    ((catalog,),) = connection.execute("SELECT current_database()").fetchall()
    name = f'"{catalog}".streak."{table}"'
    columns = connection.execute(f"DESCRIBE {name}").fetchall()
    selected = ", ".join(
        f'epoch_ms("{column}") AS "{column}"' if kind == "TIMESTAMP WITH TIME ZONE" else f'"{column}"'
        for column, kind, *_ in columns
    )
    rows = connection.execute(f"SELECT {selected} FROM {name}").fetchall()
    return [
        {
            column: json.loads(value) if kind == "JSON" and value is not None else value
            for (column, kind, *_), value in zip(columns, row, strict=True)
        }
        for row in rows
    ]


def differences(database: Path, workspace: Workspace, variants: Variants) -> list[str]:
    """Every way in which what is copied isn't what the sandbox sent; empty when it is."""
    found: list[str] = []
    wanted_of = sent(workspace, variants)
    assert set(wanted_of) == {table.name for table in ALL_TABLES}, "sent says nothing of a table"
    with duckdb.connect(str(database), read_only=True) as connection:
        rows_by_table = {each.name: rows_of(connection, each.name) for each in copied()}
    for table, rows in rows_by_table.items():
        records = wanted_of[table]
        key = KEYS.get(table, ("key",))
        by_key = {tuple(row[snake_case(part)] for part in key): row for row in rows}
        wanted = {tuple(record[part] for part in key): record for record in records}
        if len(by_key) != len(rows):
            found.append(f"{table}: a key stands twice")
        found += [f"{table}: {each} is missing" for each in wanted.keys() - by_key.keys()]
        if table != "newsfeed":  # what was listed once stays
            found += [f"{table}: {each} is too much" for each in by_key.keys() - wanted.keys()]
        for each in wanted.keys() & by_key.keys():
            found += [f"{table} {each}: {what}" for what in _row_differences(by_key[each], wanted[each])]
    return found


def _row_differences(row: dict[str, Any], record: Sent) -> Iterator[str]:
    extra = row["_extra"] or {}
    columns = {snake_case(name): name for name in record}
    for column, name in columns.items():
        value = record[name]
        if column in row and row[column] is not None:
            if _is_in_seconds(row[column], value):
                if extra.get(name) != value:
                    yield f"{name} was sent in seconds, {value!r}, and isn't kept so"
            elif not _same(row[column], value):
                yield f"{column} is {row[column]!r}, sent {value!r}"
        elif name not in extra or extra[name] != value:
            yield f"{name} was sent as {value!r} and is nowhere"
    for column, value in row.items():
        if value is not None and column not in columns and column not in ("_synced_at", "_extra"):
            yield f"{column} is {value!r}, but wasn't sent"


def _is_in_seconds(stored_value: Any, sent_value: Any) -> bool:
    return isinstance(sent_value, int) and sent_value > 10**9 and bool(stored_value == sent_value * 1000)


def _same(stored_value: Any, sent_value: Any) -> bool:
    if stored_value == sent_value:
        return True
    if isinstance(sent_value, dict) and set(sent_value) == {"value"}:
        return bool(stored_value == sent_value["value"])
    if isinstance(sent_value, bool):  # in a column of text, as of a team that shares e-mail by yes or no
        return bool(stored_value == json.dumps(sent_value))
    return isinstance(sent_value, str) and str(stored_value) == sent_value
