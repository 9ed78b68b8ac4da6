"""Canonical objects: every property of every public source set (None when unset), both key twins.

`Variants` only ever takes away or respells; nothing is added later but what `shapes.py` says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from .types import Json

DAY = 86_400_000
HOUR = 3_600_000
MINUTE = 60_000


def brief(user: Json) -> Json:
    """OpenAPI's UserBrief of a user."""
    return {
        "userKey": user["key"],
        "email": user["email"],
        "displayName": user["displayName"],
        "fullName": user["googleProfileFullName"],
        "givenName": user["googleProfileFirstName"],
        "avatarUrl": user["googleProfilePhotoUrl"],
    }


def sharing_entry(user: Json) -> Json:
    """The older form of the same, on boxes, tasks and pipelines."""
    return {
        "displayName": user["displayName"],
        "fullName": user["googleProfileFullName"],
        "email": user["email"],
        "image": user["googleProfilePhotoUrl"],
        "userKey": user["key"],
    }


def new_user(
    key: str,
    email: str,
    name: str,
    *,
    created: int,
    seen: int | None,
    kind: str = "HUMAN",
    timezone: str | None = None,
) -> Json:
    """A user with all properties of OpenAPI 2026 and of the observed form, `intercomHmac` included."""
    given, _, family = name.partition(" ")
    saved = max(created, seen or created)
    return {
        "key": key,
        "userKey": key,
        "email": email,
        "lowercaseEmail": email.lower(),
        "displayName": name,
        "creationTimestamp": created,
        "lastUpdatedTimestamp": saved,
        "lastSavedTimestamp": saved,
        "lastSeenTimestamp": seen,
        "isOauthComplete": kind == "HUMAN",
        "firstOauthTimestamp": created + 4 * MINUTE if kind == "HUMAN" else None,
        "userType": kind,
        "timezoneId": timezone,
        "googleProfileId": str(100_000_000_000_000_000_000 + created % 10**12) if kind == "HUMAN" else None,
        "googleProfilePhotoUrl": f"https://photos.example.com/{given.lower()}.png",
        "googleProfileLink": None,
        "googleProfileFullName": name,
        "googleProfileFirstName": given,
        "googleProfileLastName": family or None,
        "googleProfileGender": None,
        "googleProfileLocale": "en",
        "googleAnalyticsClientId": None,
        "securityReportOnTeamsPipelines": False,
        "externalSharingRestrictionOnTeamsPipelines": False,
        "automaticallySendInvoiceEmails": False,
        "emailsToSendInvoiceTo": [],
        "customerSpecifiedInvoiceData": None,
        "wantsTaskDigestEmail": True,
        "orgKey": None,
        "tourId": "-2",
        "userSettingsKey": key + "S",
        "streakCalendarId": None,
        "lastTrialStart": created,
        "lastTrialLength": 14,
        "onTrialWithoutCreditCard": False,
        "canceledTrial": False,
        "userSource": "INVITE",
        "usedPlatforms": [{"platform": "CHROME", "firstDateOfUse": created, "lastDateOfUse": saved}],
        # Looks like the real thing, so that a test can prove that it is stored nowhere.
        "intercomHmac": hashlib.sha256(f"intercom {key}".encode()).hexdigest(),
    }


def new_stage(key: str, name: str, background: str, foreground: str = "#ffffff") -> Json:
    """A stage without its box count, which is counted when asked for."""
    return {
        "key": key,
        "name": name,
        "color": {"foregroundColor": foreground, "backgroundColor": background},
        "isColorFromTheme": True,
    }


def new_field(
    key: str,
    name: str,
    kind: str,
    *,
    updated: int,
    options: Mapping[str, str] | None = None,
    default: str | None = None,
    prompt: str = "",
) -> Json:
    """A field definition. `options` (key to name) makes the drop-down items or the tags."""
    named = options or {}
    return {
        "key": key,
        "name": name,
        "type": kind,
        "defaultValue": default,
        "lastDefaultValueUpdatedTimestamp": updated if default is not None else None,
        "lastUpdatedTimestamp": updated,
        "dropdownSettings": {"items": [{"key": k, "name": n} for k, n in named.items()]}
        if kind == "DROPDOWN"
        else None,
        "tagSettings": {"tags": [{"key": k, "tag": n} for k, n in named.items()]} if kind == "TAG" else None,
        "aiSettings": {"prompt": prompt, "source": "BOX_TIMELINE"},
    }


def new_pipeline(
    key: str,
    name: str,
    *,
    team_key: str,
    creator: Json,
    members: Iterable[Json],
    created: int,
    updated: int,
    stages: Sequence[Json],
    fields: list[Json],
    icon: str = "briefcase",
    description: str | None = None,
    theme: str = "DEFAULT",
    source: str = "HUMAN",
) -> Json:
    """A pipeline without its box counts, which are counted when asked for."""
    acl = [
        {
            **sharing_entry(member),
            "givenName": member["googleProfileFirstName"],
            "userType": member["userType"],
            "permissionSetName": "__adminPermissionSet__"
            if member is creator
            else "__editAllPermissionSet__",
            "isReadOnly": member is creator,
        }
        for member in members
    ]
    formulas = any(each["type"] == "FORMULA" for each in fields)
    return {
        "key": key,
        "pipelineKey": key,
        "teamKey": team_key,
        "creatorKey": creator["key"],
        "name": name,
        "description": description,
        "icon": icon,
        "fields": fields,
        "stages": {stage["key"]: stage for stage in stages},
        "stageOrder": [stage["key"] for stage in stages],
        "stageColorTheme": theme,
        "creationTimestamp": created,
        "lastUpdatedTimestamp": updated,
        "lastSavedTimestamp": updated,
        "formulasLastUpdatedTimestamp": updated if formulas else None,
        "orgWide": False,
        "teamWide": True,
        "sharingRestrictedToOrg": False,
        "sharingRestrictedToTeam": False,
        "customPermissionSets": {},
        "defaultPermissionSetName": "__editAllPermissionSet__",
        "roundRobinAssignmentUsers": [],
        "aclEntries": acl,
        "owner": {"email": creator["email"], "isOwner": True},
        "creationSourceType": source,
    }


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
