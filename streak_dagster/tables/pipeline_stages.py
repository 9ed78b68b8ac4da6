"""The stages of every pipeline, taken out of the pipeline itself."""

from __future__ import annotations

from .columns import flag, integer, nested, text
from .model import Kind, Members, Table
from .pipelines import PIPELINES

PIPELINE_STAGES = Table(
    name="pipeline_stages",
    description=(
        "The stages that a box passes through, one row for each stage of each pipeline.\n\n"
        "The rows are taken out of pipelines.stages and cost no call. A stage key such as 5001 is unique "
        "only inside its pipeline, so join on pipeline_key and key. Sort by position for the order that "
        "Streak shows."
    ),
    primary_key=("pipeline_key", "key"),
    group="pipelines",
    kind=Kind.DERIVED,
    members=Members("stages", order="stage_order"),
    parent=PIPELINES,
    parent_column="pipeline_key",
    called=(("name",),),
    preview=("pipeline_key", "key", "name", "position", "box_count"),
    columns=(
        text(
            "pipelineKey",
            "Key of the pipeline that the stage belongs to.",
            references="pipelines.key",
        ),
        text("key", "Key of the stage, unique only inside its pipeline.", aliases=("stageKey",)),
        text("name", "What the stage is called, for example Lead or Won."),
        integer(
            "position",
            "Place of the stage in its pipeline, counted from 0; NULL when the pipeline's stage_order "
            "doesn't list it.",
            derived=True,
        ),
        integer("boxCount", "Number of boxes that are in this stage now; NULL in older answers."),
        nested(
            "color",
            "Foreground and background colour of the stage, as CSS colours.",
            shape="{foregroundColor, backgroundColor}, as CSS colours",
        ),
        flag(
            "isColorFromTheme",
            "Whether the colour comes from the pipeline's theme and wasn't picked by hand.",
        ),
    ),
)
