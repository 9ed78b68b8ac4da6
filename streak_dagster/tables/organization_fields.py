"""The custom fields that a team gives its organizations, taken out of the team itself."""

from __future__ import annotations

from .contact_fields import team_field_columns
from .model import Kind, Members, Table
from .teams import TEAMS

ORGANIZATION_FIELDS = Table(
    name="organization_fields",
    description=(
        "The custom fields that a team gives its organizations, one row for each field of each team.\n\n"
        "The rows are taken out of teams.organization_settings and cost no call. A field key is unique only "
        "inside its team, so join on team_key and key. They say what the values in organizations.fields mean."
    ),
    primary_key=("team_key", "key"),
    group="workspace",
    kind=Kind.DERIVED,
    members=Members("organization_settings", within="fields"),
    parent=TEAMS,
    parent_column="team_key",
    latest_by=("last_updated_timestamp",),
    called=(("name",),),
    preview=("team_key", "key", "name", "type", "last_updated_timestamp"),
    columns=team_field_columns("organizations"),
)
