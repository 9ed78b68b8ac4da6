"""Which organizations belong to which box, taken out of the box itself."""

from __future__ import annotations

from .box_contacts import link_columns
from .columns import text
from .model import Kind, Members, Table
from .pipeline_boxes import PIPELINE_BOXES

BOX_ORGANIZATIONS = Table(
    name="box_organizations",
    description=(
        "The organizations that are linked to boxes, one row for each organization of each box.\n\n"
        "The rows are taken out of pipeline_boxes.organizations and cost no call. Streak takes a deleted "
        "organization out of its boxes some time later, so that a key may lead to none for a while."
    ),
    primary_key=("box_key", "organization_key"),
    group="boxes",
    kind=Kind.DERIVED,
    members=Members("organizations", member_as="organizationKey"),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    called=(("organization_key",),),
    preview=("box_key", "organization_key", "is_starred", "is_autoboxed"),
    columns=(
        text("boxKey", "Key of the box that the organization is linked to.", references="pipeline_boxes.key"),
        text(
            "organizationKey",
            "Key of the organization that is linked to the box.",
            aliases=("key",),
            references="organizations.key",
        ),
        *link_columns("organization"),
    ),
)
