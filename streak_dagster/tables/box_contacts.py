"""Which contacts belong to which box, taken out of the box itself."""

from __future__ import annotations

from .columns import Column, flag, text, timestamp
from .model import Kind, Members, Table
from .pipeline_boxes import PIPELINE_BOXES


def link_columns(one: str) -> tuple[Column, ...]:
    """How a box and a contact or an organization, ``one``, came together."""
    return (
        flag("isStarred", f"Whether users marked the {one} as an important one of the box, presumably."),
        flag("isAutoboxed", f"Whether Streak linked the {one} to the box on its own."),
        text(
            "autoboxerKey",
            f"Key of what linked the {one}, presumably the user whose e-mail did; seen in some answers only.",
        ),
        timestamp("autoboxingTimestamp", f"When Streak itself linked the {one}; seen in some answers only."),
        text(
            "autoboxingSource",
            f"From what Streak knew that the {one} belongs to the box; seen in some answers only.",
        ),
    )


BOX_CONTACTS = Table(
    name="box_contacts",
    description=(
        "The contacts that are linked to boxes, one row for each contact of each box.\n\n"
        "The rows are taken out of pipeline_boxes.contacts and cost no call. Streak takes a deleted contact "
        "out of its boxes some time later, so that a key may lead to no contact for a while."
    ),
    primary_key=("box_key", "contact_key"),
    group="boxes",
    kind=Kind.DERIVED,
    members=Members("contacts", member_as="contactKey"),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    called=(("contact_key",),),
    preview=("box_key", "contact_key", "is_starred", "is_autoboxed"),
    columns=(
        text("boxKey", "Key of the box that the contact is linked to.", references="pipeline_boxes.key"),
        text(
            "contactKey",
            "Key of the contact that is linked to the box.",
            aliases=("key",),
            references="contacts.key",
        ),
        *link_columns("contact"),
    ),
)
