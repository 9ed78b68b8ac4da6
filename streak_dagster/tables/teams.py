"""Streak teams: who works together and shares pipelines, contacts and organizations."""

from __future__ import annotations

from .columns import flag, nested, text, timestamp
from .model import Endpoint, Kind, Paging, Row, Table

TEAMS = Table(
    name="teams",
    description=(
        "The teams that the key's user belongs to, each with its members and sharing rules.\n\n"
        "One row is one team. The list is read page by page and holds only teams that the user can see. The "
        "custom fields that a team has given its contacts and organizations are defined here, in "
        "contact_settings and organization_settings."
    ),
    primary_key=("key",),
    group="workspace",
    kind=Kind.ACCOUNT_LIST,
    row=Row("team", "teams", "v2/teams/{key}"),
    endpoint=Endpoint("v2/users/me/teams", Paging.NUMBERED),
    latest_by=("last_saved_timestamp",),
    called=(("name",),),
    preview=("key", "name", "creation_date", "sharing_restricted_to_team", "last_saved_timestamp"),
    columns=(
        text("key", "Streak's key of the team, an opaque text.", aliases=("teamKey",)),
        text("name", "What the team is called, usually the name of the company or department."),
        text("creator", "Key of the user who created the team.", references="users.key"),
        text(
            "billingAdmin",
            "Key of the user who manages billing for the team; NULL when nobody is named.",
            references="users.key",
        ),
        flag("sharingRestrictedToTeam", "Whether pipelines may be shared with members of the team only."),
        flag("automaticallyApproveJoinRequests", "Whether people who ask to join are let in without review."),
        flag("automaticallySendInvoiceEmails", "Whether Streak sends invoices by e-mail on its own."),
        timestamp("creationDate", "When the team was created."),
        timestamp("lastSavedTimestamp", "When Streak last wrote the team to its database, for any reason."),
        nested(
            "members",
            "List of the people in the team: user key, role (Member, Owner, PayerOnly or ArchiveOnly), "
            "invitation date and status, e-mail sharing, names, e-mail address and image. Older answers "
            "also give each member an orgKey. Names and e-mail address may be missing.",
            personal=True,
            shape=(
                "[{userKey, role, inviteDate: ms, inviteStatus, emailSharing, displayName?, email?, "
                "fullName?, givenName?, image?, userType?, orgKey?}]"
            ),
        ),
        nested(
            "contactOrgListPermissions",
            "Who may do what with the team's lists of contacts and organizations: for each list the default "
            "permission set and the exceptions by user key.",
            shape=(
                "{<list>: {defaultPermissionSetName?, aclEntries: [{userKey, permissionSetName, "
                "isReadOnly?}]}}"
            ),
        ),
        nested(
            "contactSettings",
            "The custom fields that the team has defined for contacts, under their field keys.",
            shape=(
                "{fields: {<field key>: {key, name, type, defaultValue?, lastUpdatedTimestamp: ms, "
                "lastDefaultValueUpdatedTimestamp: ms, dropdownSettings: {items: [{key, name}]}, "
                "tagSettings: {tags: [{key, tag}]}}}}"
            ),
        ),
        nested(
            "organizationSettings",
            "The custom fields that the team has defined for organizations, under their field keys.",
            shape=(
                "{fields: {<field key>: {key, name, type, defaultValue?, lastUpdatedTimestamp: ms, "
                "lastDefaultValueUpdatedTimestamp: ms, dropdownSettings: {items: [{key, name}]}, "
                "tagSettings: {tags: [{key, tag}]}}}}"
            ),
        ),
        nested(
            "emailsToSendInvoiceTo",
            "List of the e-mail addresses that receive invoices.",
            personal=True,
            shape="[<address>]",
        ),
        nested(
            "billingInfo",
            "Billing state of the team, such as whether it may start a trial; seen in some answers only.",
            shape="{eligibleForTrial, eligibleForProPlusTrial, manualSettlement, billingScope}",
        ),
        flag(
            "hasStripeCustomer",
            "Whether the team is known to the payment provider; seen in some answers only.",
        ),
    ),
)
