"""The assets, one small file a family. Each names its table, and how its rows are fetched.

Here belongs the Dagster end of a refresh: which asset there is (found by its table's name), what it loads,
and the order of its steps (``session``). ``base`` makes the spec of an asset from its declaration.

How Streak is asked belongs to ``sync``, how a table is replaced to ``warehouse`` and ``io_manager``. An asset
that is longer than a screen does something that belongs there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.assets.activity import box_comments, box_files, box_meetings, box_tasks, box_threads
from streak_dagster.assets.box_lists import box_contacts, box_organizations, box_stage_history
from streak_dagster.assets.boxes import pipeline_boxes
from streak_dagster.assets.contacts import contacts, organizations
from streak_dagster.assets.field_values import box_field_values
from streak_dagster.assets.pipelines import newsfeed, pipeline_fields, pipeline_stages, pipelines
from streak_dagster.assets.team_fields import contact_fields, organization_fields
from streak_dagster.assets.workspace import snippets, team_members, teams, users, webhooks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streak_dagster.assets.base import TableAsset
    from streak_dagster.tables import Table

ALL_ASSETS = [
    teams,
    team_members,
    users,
    pipelines,
    pipeline_stages,
    pipeline_fields,
    pipeline_boxes,
    box_comments,
    box_meetings,
    box_tasks,
    box_threads,
    box_files,
    box_contacts,
    box_organizations,
    box_stage_history,
    box_field_values,
    contacts,
    organizations,
    contact_fields,
    organization_fields,
    snippets,
    webhooks,
    newsfeed,
]


def assets_of(tables: Sequence[Table]) -> list[TableAsset]:
    """The assets of these tables, which aren't an account's yet."""
    return [each for each in ALL_ASSETS if each.table in tables]
