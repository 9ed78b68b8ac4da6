"""How each table is read of Streak, in a session that has begun, whoever began it and wherever it runs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from streak_dagster.sync.selection import PipelineSelection
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import PIPELINE_BOXES, PIPELINES, Kind
from streak_dagster.warehouse.published import published_pipelines, unlisted_boxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streak_dagster.assets.session import RefreshSession
    from streak_dagster.resources import StreakResource, WarehouseResource
    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.warehouse.database import Database
    from streak_dagster.warehouse.published import PipelineSize


def read(
    session: RefreshSession, streak: StreakResource, warehouse: WarehouseResource, database: Database
) -> Fetched:
    """What Streak has of the session's table. Raises the ApiError that ended it; what came stays spooled."""
    table, published = session.table, session.published
    if table.kind is Kind.DERIVED:
        return session.refresher.derive(table)
    if table is PIPELINES:
        return read_pipelines(session, streak, warehouse)
    if table is PIPELINE_BOXES:
        return read_boxes(session, streak, database, published_pipelines(database))
    if table.is_planned:
        assert published.plan is not None, "a mode asks for a plan"
        return session.refresher.fetch_planned(table, published.plan, session.spool)
    if table.changed_since is not None:
        assert published.since is not None, "a mode asks for a moment"
        return session.refresher.fetch_since(table, published.parents, published.since, session.spool)
    return session.fetch([Parent(key) for key in published.parents] if table.parent else (Parent(),))


def read_pipelines(session: RefreshSession, streak: StreakResource, warehouse: WarehouseResource) -> Fetched:
    """The pipelines that are wanted; those that vanished from the list are asked for by key."""
    fetched = session.fetch()
    selection = PipelineSelection(streak.pipelines, session.spool)
    unwanted = selection.unwanted(session.refresher.report)
    vanished = [key for key in session.published.keys if key not in selection.listed]
    fetched, refused = session.refresher.confirm_rows(fetched, vanished)
    selection.refuse_lost_permission(refused, warehouse.max_shrink)
    return replace(fetched, unwanted=unwanted)


def read_boxes(
    session: RefreshSession, streak: StreakResource, database: Database, pipelines: Sequence[PipelineSize]
) -> Fetched:
    """The boxes of these pipelines; those of ``database`` that no list shows are asked for by key."""
    fetched = session.fetch(counted(pipelines))
    missing = {}
    if not session.published.is_replaced:
        spool = session.spool
        missing = unlisted_boxes(database, spool.rows_path, spool.largest_object, unread=fetched.unreadable)
    wanted = {key for key, *_ in pipelines}
    if streak.pipelines:  # boxes of those that aren't copied any more go, wherever they are
        missing = {pipeline: keys for pipeline, keys in missing.items() if pipeline in wanted}
    return session.refresher.confirm_boxes(fetched, missing, wanted)


def counted(pipelines: Sequence[PipelineSize]) -> list[Parent]:
    """The pipelines with the number of boxes that each is said to hold, so that pages are asked at once."""
    return [
        Parent(key, next((told for told in (count, hint, _in_stages(stages)) if told is not None), None))
        for key, count, hint, stages in pipelines
    ]


def _in_stages(stages: str | None) -> int | None:
    """The boxes of all stages together; None where a stage doesn't say."""
    by_key = json.loads(stages) if stages else None
    held = [stage for stage in by_key.values() if isinstance(stage, dict)] if isinstance(by_key, dict) else []
    counts = [stage["boxCount"] for stage in held if isinstance(stage.get("boxCount"), int)]
    return sum(counts) if counts and len(counts) == len(held) else None
