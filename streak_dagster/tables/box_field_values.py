"""The values of custom fields, one a row, decoded by what their fields are."""

from __future__ import annotations

from .columns import flag, nested, number, text, texts, timestamp
from .model import Kind, Members, Table
from .pipeline_boxes import PIPELINE_BOXES
from .pipeline_fields import PIPELINE_FIELDS

BOX_FIELD_VALUES = Table(
    name="box_field_values",
    description=(
        "The values of custom fields, one row for each box and each field that has a value there.\n\n"
        "The rows are taken out of pipeline_boxes.fields, decoded by pipeline_fields, and cost no call. "
        "value is what Streak sent, whatever it is; the other columns are how it reads, and NULL where it "
        "doesn't. Options, people, contacts and organizations are written by name. Streak has no field for "
        "numbers, so text such as 7,200? or € 48.600,00 or 3k is read as one where it has a single reading."
    ),
    primary_key=("box_key", "field_key"),
    group="boxes",
    kind=Kind.DERIVED,
    members=Members("fields", decoded=True),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    joined=(PIPELINE_FIELDS,),
    named_by=("team_members", "users", "contacts", "organizations"),
    called=(("field_name",),),
    preview=(
        "box_key",
        "field_key",
        "pipeline_key",
        "field_name",
        "field_type",
        "value_number",
        "value_timestamp",
        "value_boolean",
    ),
    columns=(
        text("boxKey", "Key of the box that has the value.", references="pipeline_boxes.key"),
        text(
            "fieldKey",
            "Key of the field, unique only inside its pipeline; join on pipeline_key, too.",
            aliases=("key",),
            references="pipeline_fields.key",
        ),
        text(
            "pipelineKey",
            "Key of the pipeline that the box is in.",
            derived=True,
            references="pipelines.key",
        ),
        text(
            "fieldName",
            "What the field is called; NULL where the pipeline has no field of that key (any more).",
            derived=True,
        ),
        text(
            "fieldType",
            "Kind of value that the field takes, as in pipeline_fields.type; NULL without a field.",
            derived=True,
        ),
        nested(
            "value",
            "What Streak sent, of any JSON type; options, people and links are keys.",
            shape=(
                "TEXT_INPUT: text; DATE: ms; CHECKBOX: true or false; DROPDOWN: <option key>; "
                "TAG: [<tag key>]; FORMULA: any; others are not documented"
            ),
            personal=True,
        ),
        text(
            "valueText",
            "The value as text: as it was typed, a number or boolean as JSON has it, names and labels joined "
            "by a comma and a space; NULL for objects, and for lists without a label.",
            derived=True,
            personal=True,
        ),
        number(
            "valueNumber",
            "The number that a TEXT_INPUT or FORMULA field holds; text is read as a number only where it has "
            "one reading, so 1.234 is none, but € 1.234 and 1,234 are.",
            derived=True,
        ),
        timestamp(
            "valueTimestamp",
            "The moment that a DATE field holds; NULL where it is outside of the years 1 to 9999.",
            derived=True,
        ),
        flag("valueBoolean", "Whether a CHECKBOX is ticked, or a FORMULA came out as true.", derived=True),
        texts(
            "valueLabels",
            "Names of the options, people, contacts or organizations, in the order sent, or the members of a "
            "FORMULA's list. An option that was removed is its last known name, or else its key, followed by "
            "(removed); a person or company whose name isn't known is its key.",
            derived=True,
            personal=True,
        ),
    ),
)
