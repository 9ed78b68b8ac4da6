"""What happened in the workspace that is made by hand, refresh by refresh."""

from __future__ import annotations

from typing import Any

from streak_dagster.tables import ALL_TABLES
from streak_dagster_tests.support.refreshes import Refreshes
from streak_dagster_tests.views.workspace import WORKSPACE, ago

Tables = dict[str, list[dict[str, Any]]]

FIELDS: list[dict[str, Any]] = [
    {"pipeline_key": "p1", "key": "1001", "name": "Size", "type": "TEXT_INPUT", "position": 0},
    {"pipeline_key": "p1", "key": "1002", "name": "Close date", "type": "DATE", "position": 1},
]
VALUE: dict[str, Any] = {
    "pipeline_key": "p1",
    "field_key": "1001",
    "field_name": "Size",
    "field_type": "TEXT_INPUT",
}
VALUES: list[dict[str, Any]] = [
    {**VALUE, "box_key": "b1", "value": "large", "value_text": "large"},
    {**VALUE, "box_key": "b2", "value": "small", "value_text": "small"},
    {
        "pipeline_key": "p1",
        "box_key": "b1",
        "field_key": "1002",
        "field_name": "Close date",
        "field_type": "DATE",
        "value_timestamp": ago(1),
    },
]


def beginning() -> Tables:
    """The first copy."""
    names = {table.name for table in ALL_TABLES}
    tables = {name: [dict(row) for row in rows] for name, rows in WORKSPACE.items() if name in names}
    for place, entry in enumerate(tables["box_stage_history"]):
        entry["position"] = place
    tables["pipelines"].append({"key": "p2", "name": "Support"})
    tables["pipeline_fields"] = [dict(row) for row in FIELDS]
    tables["box_field_values"] = [dict(row) for row in VALUES]
    return tables


def change(rows: list[dict[str, Any]], *key: str, **values: Any) -> None:
    """Other values for the row whose first columns are ``key``."""
    (row,) = [each for each in rows if tuple(each.values())[: len(key)] == key]
    row.update(values)


def remove(tables: Tables, name: str, **values: Any) -> None:
    """Take out the rows with these values."""
    tables[name] = [row for row in tables[name] if any(row.get(each) != it for each, it in values.items())]


def remove_box(tables: Tables, key: str) -> None:
    """Take out a box and whatever is on it."""
    remove(tables, "pipeline_boxes", key=key)
    for name in tables:
        if name.startswith("box_"):
            remove(tables, name, box_key=key)


def play(refreshes: Refreshes) -> None:
    """Four refreshes, each written down as ``t0`` to ``t3``."""
    tables = beginning()
    refreshes.publish(tables, keep="t0")

    change(tables["pipeline_stages"], "p1", "5001", name="Prospect")
    tables["pipeline_stages"].append({"pipeline_key": "p1", "key": "5005", "name": "Signed", "position": 4})
    change(
        tables["pipeline_boxes"],
        "b1",
        stage_key="5005",
        last_stage_change_timestamp=ago(0.1),
        name="Alpha II",
    )
    change(tables["box_tasks"], "t1", status="DONE", last_status_change_date=ago(0.1))
    change(tables["team_members"], "t", "u1", display_name="Ada L.")
    change(tables["pipeline_fields"], "p1", "1001", name="Weight")
    change(
        tables["box_field_values"], "p1", "1001", "Size", "TEXT_INPUT", "b1", value="huge", value_text="huge"
    )
    remove(tables, "box_comments", key="c1")
    refreshes.publish(tables, keep="t1")

    remove(tables, "pipeline_stages", pipeline_key="p1", key="5004")
    remove_box(tables, "b2")
    change(tables["pipelines"], "p1", name="Deals in all")
    remove(tables, "pipeline_fields", key="1002")
    remove(tables, "box_field_values", field_key="1002")
    tables["pipeline_boxes"].append(
        {"key": "b6", "name": "Zeta", "pipeline_key": "p1", "stage_key": "5001", "creation_timestamp": ago(0)}
    )
    tables["box_comments"] = beginning()["box_comments"]
    refreshes.publish(tables, keep="t2")

    for box in ("b4", "b5"):
        remove_box(tables, box)
    remove(tables, "pipelines", key="p2")
    remove(tables, "pipeline_stages", pipeline_key="p2")
    tables["pipeline_stages"].append(
        {"pipeline_key": "p1", "key": "5004", "name": "Gone for good", "position": 3}
    )
    refreshes.publish(tables, keep="t3")
