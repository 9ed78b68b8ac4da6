"""Webhooks: addresses that Streak calls when something happens."""

from __future__ import annotations

from .columns import text, timestamp
from .model import Endpoint, FurtherList, Kind, Table
from .pipelines import PIPELINES
from .teams import TEAMS

WEBHOOKS = Table(
    name="webhooks",
    description=(
        "The webhooks of pipelines and teams, one row a webhook: the event, and the address that is told.\n\n"
        "Read with one call for each pipeline and each team. Others saw these lists; Streak doesn't document "
        "them, and a key may lack the right to see them. No refresh fails for a list that isn't there: the "
        "check `every_pipeline_and_team_was_read` warns, and the rows known before stay."
    ),
    primary_key=("key",),
    group="workspace",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v2/pipelines/{parent}/webhooks"),
    parent=PIPELINES,
    parent_column="pipeline_key",
    also=(FurtherList(Endpoint("v2/teams/{parent}/webhooks"), TEAMS, "team_key"),),
    optional=True,
    latest_by=("last_saved_timestamp", "creation_date"),
    called=(("event",),),
    preview=("key", "event", "pipeline_key", "team_key", "creation_date", "last_saved_timestamp"),
    columns=(
        text("key", "Streak's key of the webhook, an opaque text."),
        text(
            "event",
            "What is told, such as BOX_CREATE or TASK_DUE for a pipeline, CONTACT_UPDATE for a team; a "
            "webhook tells one kind of event.",
        ),
        text(
            "targetUrl",
            "Address that Streak calls, whole as it was set up: a secret of the receiver may stand in it.",
            personal=True,
        ),
        text(
            "pipelineKey",
            "Key of the pipeline whose events are told; NULL for a webhook of a team.",
            references="pipelines.key",
        ),
        text(
            "teamKey",
            "Key of the team whose contacts and organizations are told of; NULL for a webhook of a pipeline.",
            references="teams.key",
        ),
        text("userKey", "Key of the user who set the webhook up.", references="users.key"),
        timestamp("creationDate", "When the webhook was set up."),
        timestamp(
            "lastSavedTimestamp",
            "When Streak last wrote the webhook to its database, for any reason.",
        ),
    ),
)
