"""An account made by hand for the report: more pipelines than are drawn, more follow-ups than are listed.

Names try to break out of the page. Times are days and an hour before now, so that no count of complete days
depends on when a test runs.
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from streak_dagster.warehouse import meta
from streak_dagster_tests.support.refreshes import Refreshes
from streak_dagster_tests.views.workspace import ago

EVIL = "<script>alert(1)</script>"
EVIL_PIPELINE = '"><img src=x onerror=alert(1)>'
EVIL_STAGE = "</title></text></svg>{{ 7*7 }}\x07]]>"
EVIL_PERSON = "O'Neil & <b>Söhne</b>"
PIPELINES = {"p0": "Sales", "p1": EVIL_PIPELINE, **{f"p{n}": f"Small {n}" for n in range(2, 10)}}
STAGES = ("Lead", EVIL_STAGE, "Won", "Lost")
BOXES_OF = {"p0": 40, "p1": 12, **{f"p{n}": 1 for n in range(2, 9)}}
"""How many boxes each pipeline has; ``p9`` has none."""

Rows = list[dict[str, Any]]


def _boxes() -> Rows:
    return [
        {
            "key": f"{pipeline}-{n}",
            "name": EVIL if n == 38 else f"Company {n} of {pipeline}",
            "pipeline_key": pipeline,
            "stage_key": f"500{n % 4}",
            "creation_timestamp": ago(n * 2 + 0.1),
            "last_stage_change_timestamp": ago(n + 0.1),
            "last_updated_timestamp": ago(n + 0.1),
            "assigned_to_sharing_entries": [{"userKey": f"u{n % 3}"}] if n % 5 else [],
        }
        for pipeline, many in BOXES_OF.items()
        for n in range(many)
    ]


def tables() -> dict[str, Rows]:
    """The account as it is copied first."""
    boxes = _boxes()
    return {
        "teams": [{"key": "t", "name": "Tern & <Tiller>"}],
        "team_members": [
            {"team_key": "t", "user_key": "u0", "display_name": "Ada"},
            {"team_key": "t", "user_key": "u1", "display_name": EVIL_PERSON},
            {"team_key": "t", "user_key": "u2", "display_name": "Cleo"},
        ],
        "pipelines": [{"key": key, "name": name} for key, name in PIPELINES.items()],
        "pipeline_stages": [
            {"pipeline_key": key, "key": f"500{place}", "name": name, "position": place}
            for key in PIPELINES
            for place, name in enumerate(STAGES)
        ],
        "pipeline_fields": [
            {"pipeline_key": "p0", "key": "1001", "name": "Deal size", "type": "TEXT_INPUT", "position": 0}
        ],
        "pipeline_boxes": boxes,
        "box_stage_history": [
            {"box_key": box["key"], "position": 0, "stage_key": "5000", "last_entry_to_stage_ts": entered}
            for box in boxes
            if (entered := box["creation_timestamp"])
        ],
        "box_tasks": [
            {
                "key": f"task{n}",
                "box_key": f"p0-{n}",
                "text": f"Call <i>{n}</i>",
                "status": "DONE" if n == 39 else "NOT_DONE",
                "due_date": ago(n - 10.5),
                "assigned_to_sharing_entries": [{"userKey": f"u{n % 3}"}] if n % 4 else [],
            }
            for n in range(40)
        ],
        "box_field_values": [
            {
                "pipeline_key": "p0",
                "box_key": f"p0-{n}",
                "field_key": "1001",
                "field_name": "Deal size",
                "field_type": "TEXT_INPUT",
                "value_text": str(n * 1000.5),
                "value_number": n * 1000.5,
            }
            for n in range(40)
        ],
    }


def make(path: Path, *, age: timedelta = timedelta(hours=1)) -> None:
    """Copy it twice: at the second time a box is gone, and another has a new name. ``age`` is said of all."""
    refreshes = Refreshes(path)
    account = tables()
    refreshes.publish(account)
    for name in ("box_stage_history", "box_tasks", "box_field_values"):
        account[name] = [row for row in account[name] if row["box_key"] != "p0-7"]
    account["pipeline_boxes"] = [row for row in account["pipeline_boxes"] if row["key"] != "p0-7"]
    account["pipeline_boxes"][1]["name"] = "Renamed & Söhne"
    refreshes.publish(account)
    published = time.time_ns() // 1_000_000 - round(age.total_seconds() * 1000)
    with refreshes.database.transaction() as session:
        for place, name in enumerate(account):
            counts = dict.fromkeys(("rows", "inserted", "updated", "deleted", "calls", "seconds"), 0)
            moments = {"started_at": published - place, "published_at": published - place}
            said = {"table_name": name, "declaration": "", "mode": "complete"}
            meta.record(session, "refreshes", {**said, **moments, **counts})
