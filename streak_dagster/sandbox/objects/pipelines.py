"""Canonical pipelines, stages and field definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .types import Json
from .users import sharing_entry


def new_stage(key: str, name: str, background: str) -> Json:
    """A stage without its box count, which is counted when asked for."""
    return {
        "key": key,
        "name": name,
        "color": {"foregroundColor": "#ffffff", "backgroundColor": background},
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
