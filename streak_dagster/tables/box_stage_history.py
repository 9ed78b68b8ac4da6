"""The stages that a box has been in, taken out of the box itself."""

from __future__ import annotations

from .columns import integer, text, timestamp
from .model import Kind, Members, Table
from .pipeline_boxes import PIPELINE_BOXES

BOX_STAGE_HISTORY = Table(
    name="box_stage_history",
    description=(
        "The stages that a box has been in, one row an entry, in the order that Streak sends.\n\n"
        "The rows are taken out of pipeline_boxes.stage_history_entries and cost no call. Older answers have "
        "no history. A stage key is unique only inside its pipeline, which is that of the box now; a stage "
        "that was deleted since, or that the box left together with its former pipeline, is in no other "
        "table any more."
    ),
    primary_key=("box_key", "position"),
    group="boxes",
    kind=Kind.DERIVED,
    members=Members("stage_history_entries", member_as="stageKey"),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    preview=("box_key", "position", "stage_key", "last_entry_to_stage_ts", "time_in_stage_ms"),
    columns=(
        text("boxKey", "Key of the box that was in the stage.", references="pipeline_boxes.key"),
        integer(
            "position",
            "Place of the entry in the list as Streak sends it, counted from 0.",
            derived=True,
        ),
        text("stageKey", "Key of the stage that the box was in.", aliases=("key",)),
        timestamp("lastEntryToStageTs", "When the box last entered the stage."),
        integer(
            "timeInStageMs",
            "How long the box was in the stage, in milliseconds; that of its present stage may grow with the "
            "clock.",
            volatile=True,
        ),
    ),
)
