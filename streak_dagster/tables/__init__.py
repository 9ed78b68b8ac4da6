"""What is copied: one declaration a table, in the order in which data flows.

Everything that knows a column (DDL, projection, assets, checks, documentation) reads it from here.

Here belongs what can be said of a table without doing anything: names, types, keys, descriptions, the
endpoint, the kind. ``model`` says what a declaration may hold, and ``docs`` writes ``docs/tables.md`` of it.
How a value is read belongs to ``sync.projection``, SQL to ``warehouse.ddl``, assets to ``assets``. Nothing
here imports another package of ours.
"""

from __future__ import annotations

from .box_comments import BOX_COMMENTS
from .box_contacts import BOX_CONTACTS
from .box_field_values import BOX_FIELD_VALUES
from .box_files import BOX_FILES
from .box_meetings import BOX_MEETINGS
from .box_organizations import BOX_ORGANIZATIONS
from .box_stage_history import BOX_STAGE_HISTORY
from .box_tasks import BOX_TASKS
from .box_threads import BOX_THREADS
from .columns import EXTRA, SECRETS, SYNCED_AT, Column, ColumnType, snake_case
from .contact_fields import CONTACT_FIELDS
from .contacts import CONTACTS
from .model import ChangedSince, Endpoint, FurtherList, Kind, Members, Paging, Row, Table, Window
from .newsfeed import NEWSFEED
from .organization_fields import ORGANIZATION_FIELDS
from .organizations import ORGANIZATIONS
from .pipeline_boxes import PIPELINE_BOXES
from .pipeline_fields import PIPELINE_FIELDS
from .pipeline_stages import PIPELINE_STAGES
from .pipelines import PIPELINES
from .snippets import SNIPPETS
from .team_members import TEAM_MEMBERS
from .teams import TEAMS
from .users import USERS
from .webhooks import WEBHOOKS

ALL_TABLES: tuple[Table, ...] = (
    TEAMS,
    TEAM_MEMBERS,
    USERS,
    PIPELINES,
    PIPELINE_STAGES,
    PIPELINE_FIELDS,
    PIPELINE_BOXES,
    BOX_COMMENTS,
    BOX_MEETINGS,
    BOX_TASKS,
    BOX_THREADS,
    BOX_FILES,
    BOX_CONTACTS,
    BOX_ORGANIZATIONS,
    BOX_STAGE_HISTORY,
    BOX_FIELD_VALUES,
    CONTACTS,
    ORGANIZATIONS,
    CONTACT_FIELDS,
    ORGANIZATION_FIELDS,
    SNIPPETS,
    WEBHOOKS,
    NEWSFEED,
)
"""Every table, parents before the tables that are read by their keys."""

_BY_NAME = {each.name: each for each in ALL_TABLES}


def table(name: str) -> Table:
    """The declaration of a table; ``KeyError`` names the tables that exist."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise KeyError(f"no table {name!r}; there are {', '.join(_BY_NAME)}") from None


__all__ = [
    "ALL_TABLES",
    "BOX_COMMENTS",
    "BOX_CONTACTS",
    "BOX_FIELD_VALUES",
    "BOX_FILES",
    "BOX_MEETINGS",
    "BOX_ORGANIZATIONS",
    "BOX_STAGE_HISTORY",
    "BOX_TASKS",
    "BOX_THREADS",
    "CONTACTS",
    "CONTACT_FIELDS",
    "EXTRA",
    "NEWSFEED",
    "ORGANIZATIONS",
    "ORGANIZATION_FIELDS",
    "PIPELINES",
    "PIPELINE_BOXES",
    "PIPELINE_FIELDS",
    "PIPELINE_STAGES",
    "SECRETS",
    "SNIPPETS",
    "SYNCED_AT",
    "TEAMS",
    "TEAM_MEMBERS",
    "USERS",
    "WEBHOOKS",
    "ChangedSince",
    "Column",
    "ColumnType",
    "Endpoint",
    "FurtherList",
    "Kind",
    "Members",
    "Paging",
    "Row",
    "Table",
    "Window",
    "snake_case",
    "table",
]
