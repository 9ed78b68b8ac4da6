"""The custom fields that a team gives its contacts, taken out of the team itself."""

from __future__ import annotations

from .columns import Column, nested, text, timestamp
from .model import Kind, Members, Table
from .teams import TEAMS


def team_field_columns(many: str) -> tuple[Column, ...]:
    """What a team says of a field that its ``many`` (contacts, organizations) have."""
    return (
        text("teamKey", f"Key of the team whose {many} have the field.", references="teams.key"),
        text(
            "key",
            f"Key of the field, unique only inside its team; {many} hold their values under it.",
            aliases=("fieldKey",),
        ),
        text("name", "What the field is called, for example Region."),
        text("type", f"Kind of value that the field of {many} takes, as type of pipeline_fields."),
        timestamp("lastUpdatedTimestamp", "When the definition of the field last changed."),
        timestamp("lastDefaultValueUpdatedTimestamp", "When the default value of the field last changed."),
        nested(
            "defaultValue",
            f"Value that {many} have until somebody sets one; NULL where there is none.",
            shape="<text>",
        ),
        nested(
            "dropdownSettings",
            "Options of a DROPDOWN field, each with its key and name; else NULL.",
            shape="{items: [{key, name}]}",
        ),
        nested(
            "tagSettings",
            "Tags of a TAG field, each with its key and the tag itself; else NULL.",
            shape="{tags: [{key, tag}]}",
        ),
    )


CONTACT_FIELDS = Table(
    name="contact_fields",
    description=(
        "The custom fields that a team gives its contacts, one row for each field of each team.\n\n"
        "The rows are taken out of teams.contact_settings and cost no call. A field key is unique "
        "only inside its team, so join on team_key and key. They say what the values in contacts.fields mean."
    ),
    primary_key=("team_key", "key"),
    group="workspace",
    kind=Kind.DERIVED,
    members=Members("contact_settings", within="fields"),
    parent=TEAMS,
    parent_column="team_key",
    latest_by=("last_updated_timestamp",),
    called=(("name",),),
    preview=("team_key", "key", "name", "type", "last_updated_timestamp"),
    columns=team_field_columns("contacts"),
)
