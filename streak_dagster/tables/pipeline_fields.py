"""The custom fields of every pipeline: what the values in ``pipeline_boxes.fields`` mean."""

from __future__ import annotations

from .columns import integer, nested, text, timestamp
from .model import Endpoint, Kind, Table
from .pipelines import PIPELINES

PIPELINE_FIELDS = Table(
    name="pipeline_fields",
    description=(
        "The custom fields that a pipeline gives its boxes, one row for each field of each pipeline.\n\n"
        "Read with one call for each pipeline. A field key such as 1001 is unique only inside its pipeline, "
        "so join on pipeline_key and key. The options of a dropdown or tag field are in dropdown_settings "
        "and tag_settings; boxes hold only the keys of those options."
    ),
    primary_key=("pipeline_key", "key"),
    group="pipelines",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v1/pipelines/{parent}/fields"),
    parent=PIPELINES,
    parent_column="pipeline_key",
    latest_by=("last_updated_timestamp",),
    called=(("name",),),
    preview=("pipeline_key", "key", "name", "type", "position", "last_updated_timestamp"),
    columns=(
        text(
            "pipelineKey",
            "Key of the pipeline whose boxes have the field.",
            references="pipelines.key",
        ),
        text(
            "key",
            "Key of the field, unique only inside its pipeline; boxes hold their values under it.",
            aliases=("fieldKey",),
        ),
        text("name", "What the field is called, for example Deal Size."),
        text(
            "type",
            "Kind of value that the field takes: TEXT_INPUT, DROPDOWN, CHECKBOX, DATE, PERSON, FORMULA, "
            "TAG, TEAM_CONTACT or TEAM_ORGANIZATION. It can't be changed later.",
        ),
        integer(
            "position",
            "Place of the field in the pipeline's stored order, counted from 0.",
            derived=True,
        ),
        timestamp("lastUpdatedTimestamp", "When the definition of the field last changed."),
        timestamp("lastDefaultValueUpdatedTimestamp", "When the default value of the field last changed."),
        nested(
            "defaultValue",
            "Value that a box has until somebody sets one; for a formula field its text. Of any JSON type, "
            "depending on the type of the field.",
            shape="as a value of the field: text, number, boolean, list or object; DATE: ms",
        ),
        nested(
            "dropdownSettings",
            "Options of a DROPDOWN field, each with its key and name; otherwise NULL.",
            shape="{items: [{key, name}]}",
        ),
        nested(
            "tagSettings",
            "Tags of a TAG field, each with its key and the tag itself; otherwise NULL.",
            shape="{tags: [{key, tag}]}",
        ),
        nested(
            "aiSettings",
            "How the value is filled in by AI: the prompt and its source, BOX_TIMELINE or WEB_CRAWLING; "
            "absent in older answers.",
            shape="{prompt, source}",
        ),
    ),
)
