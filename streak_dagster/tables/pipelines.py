"""Streak pipelines: a process such as sales or hiring, with its stages and custom fields."""

from __future__ import annotations

from .columns import flag, integer, nested, text, timestamp
from .model import Endpoint, Kind, Row, Table

PIPELINES = Table(
    name="pipelines",
    description=(
        "Every pipeline that the key's user can see, with its sharing rules.\n\n"
        "One row is one pipeline. All of them come in a single call. A pipeline that is no longer listed may "
        "have been deleted, or the user may have lost access to it: the API doesn't tell the two apart. Its "
        "stages and fields are also tables of their own, pipeline_stages and pipeline_fields."
    ),
    primary_key=("key",),
    group="pipelines",
    kind=Kind.ACCOUNT_LIST,
    row=Row("pipeline", "pipelines", "v1/pipelines/{key}"),
    endpoint=Endpoint("v1/pipelines"),
    latest_by=("last_saved_timestamp", "last_updated_timestamp"),
    called=(("name",),),
    preview=("key", "name", "team_key", "box_count", "creation_timestamp", "last_updated_timestamp"),
    columns=(
        text(
            "key",
            "Streak's key of the pipeline, an opaque text.",
            aliases=("pipelineKey",),
        ),
        text(
            "teamKey",
            "Key of the team that the pipeline belongs to; NULL in older answers.",
            references="teams.key",
        ),
        text("name", "What the pipeline is called, for example Sales or Hiring."),
        text("description", "What the pipeline is for, as its users wrote it down.", personal=True),
        text("icon", "Name of the picture that Streak shows beside the pipeline."),
        text("creatorKey", "Key of the user who created the pipeline.", references="users.key"),
        text(
            "creationSourceType",
            "What created the pipeline: HUMAN, SYSTEM_ONBOARDING or AI_PIPELINE_CREATOR.",
        ),
        text(
            "stageColorTheme",
            "Colour theme of the stages, for example DEFAULT, RAINBOW_SATURATED or GREYSCALE.",
        ),
        text(
            "defaultPermissionSetName",
            "Permission set that applies where acl_entries names no other, for example "
            "__editAllPermissionSet__.",
        ),
        flag("teamWide", "Whether the pipeline is shared with the whole team."),
        flag("sharingRestrictedToTeam", "Whether the pipeline may be shared with members of the team only."),
        timestamp("creationTimestamp", "When the pipeline was created."),
        timestamp("lastUpdatedTimestamp", "When somebody last changed the pipeline."),
        timestamp(
            "lastSavedTimestamp",
            "When Streak last wrote the pipeline to its database, for any reason.",
        ),
        timestamp(
            "formulasLastUpdatedTimestamp",
            "When a formula field of the pipeline was last redefined, after which the value in every box "
            "may be another.",
        ),
        integer("boxCount", "Number of boxes in the pipeline, as Streak counts them."),
        integer("boxCountHint", "Number of boxes as Streak remembers it, presumably a cached estimate."),
        nested(
            "stages",
            "The stages under their keys, each with its name, colours and number of boxes; pipeline_stages "
            "has them as rows.",
            shape=(
                "{<stage key>: {key, name, color: {foregroundColor, backgroundColor}, "
                "isColorFromTheme?, boxCount?}}"
            ),
        ),
        nested(
            "stageOrder",
            "List of the stage keys in the order in which Streak shows them.",
            shape="[<stage key>]",
        ),
        nested(
            "fields",
            "List of the custom fields in their stored order; pipeline_fields has them as rows.",
            shape=(
                "[{key, name, type, defaultValue?, lastUpdatedTimestamp: ms, "
                "lastDefaultValueUpdatedTimestamp: ms, dropdownSettings: {items: [{key, name}]}, "
                "tagSettings: {tags: [{key, tag}]}}]"
            ),
        ),
        nested(
            "aclEntries",
            "List of the people who have rights of their own in the pipeline: permission set, user key, "
            "names, e-mail address and image. Older answers give only an e-mail address and whether it is "
            "the owner.",
            personal=True,
            shape=(
                "[{userKey, permissionSetName, email, displayName, fullName, image, givenName?, "
                "userType?, isReadOnly?}] or [{email, isOwner}]"
            ),
        ),
        nested(
            "customPermissionSets",
            "Permission sets that the team has defined for the pipeline, under their names, each with what "
            "it allows.",
            shape=(
                "{<name>: {permissions: [{entityType, action, conditionalCheck, params?}], userAssignable?}}"
            ),
        ),
        nested(
            "roundRobinAssignmentUsers",
            "List of the users to whom new boxes are assigned in turn; its members aren't documented, so it "
            "is treated as personal.",
            personal=True,
            shape="[<not documented>]",
        ),
        text(
            "pipelineKey",
            "The same value as key, under the name that Streak's version 1 also gives it.",
            aliases=("key",),
        ),
        flag(
            "orgWide",
            "Whether the whole organization shares the pipeline, presumably the older form of team_wide.",
        ),
        flag(
            "sharingRestrictedToOrg",
            "Whether only the organization may be given access, presumably the older form of "
            "sharing_restricted_to_team.",
        ),
        nested(
            "owner",
            "E-mail address of the pipeline's owner, as an object; older answers only.",
            personal=True,
            shape="{email, isOwner}",
        ),
    ),
)
