"""Canonical teams with their members, snippets and webhooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .types import Json


def new_member(
    user: Json, role: str, invited: int, *, pending: bool = False, sharing: str = "Existence"
) -> Json:
    """A team member; one who hasn't accepted has no full name yet (observed, API notes 3.2)."""
    return {
        "userKey": user["key"],
        "role": role,
        "inviteDate": invited,
        "inviteStatus": "Pending" if pending else "Accepted",
        "displayName": user["email"] if pending else user["displayName"],
        "email": user["email"],
        "fullName": None if pending else user["googleProfileFullName"],
        "givenName": None if pending else user["googleProfileFirstName"],
        "image": None if pending else user["googleProfilePhotoUrl"],
        "userType": user["userType"],
        "emailSharing": sharing,
        "orgKey": None,
    }


def new_team(
    key: str,
    name: str,
    creator: Json,
    members: Sequence[Json],
    *,
    created: int,
    saved: int,
    contact_fields: Iterable[Json] = (),
    organization_fields: Iterable[Json] = (),
) -> Json:
    """A team with the definitions of its contacts' and organizations' own fields."""
    acl = {"userKey": creator["key"], "permissionSetName": "__adminPermissionSet__", "isReadOnly": True}
    return {
        "key": key,
        "name": name,
        "creationDate": created,
        "creator": creator["key"],
        "members": list(members),
        "sharingRestrictedToTeam": False,
        "automaticallyApproveJoinRequests": True,
        "automaticallySendInvoiceEmails": True,
        "emailsToSendInvoiceTo": ["invoices@" + creator["email"].partition("@")[2]],
        "billingAdmin": creator["key"],
        "lastSavedTimestamp": saved,
        "contactOrgListPermissions": {
            "contacts": {"defaultPermissionSetName": "__editAllPermissionSet__", "aclEntries": [acl]}
        },
        "contactSettings": {"fields": {each["key"]: _team_field(each) for each in contact_fields}},
        "organizationSettings": {"fields": {each["key"]: _team_field(each) for each in organization_fields}},
        "billingInfo": {
            "eligibleForTrial": False,
            "eligibleForProPlusTrial": False,
            "manualSettlement": False,
        },
        "hasStripeCustomer": True,
    }


def _team_field(definition: Json) -> Json:
    return {name: value for name, value in definition.items() if name != "aiSettings"}


def new_snippet(
    key: str,
    user: Json,
    name: str,
    text: str,
    *,
    created: int,
    kind: str = "TEXT",
    pipeline_key: str | None = None,
    shortcut: str | None = None,
) -> Json:
    """A snippet, its text in the documented read form `{value}`."""
    return {
        "key": key,
        "snippetKey": key,
        "userKey": user["key"],
        "creationDate": created,
        "lastSavedTimestamp": created,
        "partOfPipeline": pipeline_key is not None,
        "pipelineKey": pipeline_key,
        "snippetText": {"value": text},
        "snippetName": name,
        "snippetType": kind,
        "snippetKeyShortcut": shortcut,
    }


def new_webhook(
    key: str,
    event: str,
    url: str,
    user: Json,
    *,
    created: int,
    pipeline_key: str | None = None,
    team_key: str | None = None,
) -> Json:
    """A webhook of a pipeline or of a team."""
    return {
        "key": key,
        "event": event,
        "targetUrl": url,
        "pipelineKey": pipeline_key,
        "teamKey": team_key,
        "userKey": user["key"],
        "creationDate": created,
        "lastSavedTimestamp": created,
    }
