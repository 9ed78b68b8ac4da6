"""Canonical boxes, without what is derived from their children."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .types import Json
from .users import sharing_entry


def new_box(
    key: str,
    pipeline_key: str,
    name: str,
    *,
    history: Sequence[tuple[str, int]],
    creator: Json,
    updated: int | None = None,
    notes: str = "",
    fields: Json | None = None,
    assigned: Iterable[Json] = (),
    followers: Iterable[Json] = (),
    linked: Sequence[str] = (),
    emails: Sequence[str] = (),
    contacts: Sequence[Json] = (),
    organizations: Sequence[Json] = (),
) -> Json:
    """A box without the properties that `workspace/counters.py` derives from its children and the clock.

    `history` is (stage key, time of entry), oldest first: the first entry is the creation, the last one the
    present stage. `contacts` and `organizations` are links as `new_link` makes them.
    """
    followers = list(followers)
    created, moved = history[0][1], history[-1][1]
    changed = max(moved, updated or 0)
    return {
        "key": key,
        "boxKey": key,
        "pipelineKey": pipeline_key,
        "stageKey": history[-1][0],
        "creatorKey": creator["key"],
        "name": name,
        "notes": notes,
        "creationTimestamp": created,
        "lastUpdatedTimestamp": changed,
        "lastSavedTimestamp": changed,
        "lastStageChangeTimestamp": moved,
        "stageHistoryEntries": [{"stageKey": stage, "lastEntryToStageTs": at} for stage, at in history],
        "fields": fields or {},
        "assignedToSharingEntries": [sharing_entry(user) for user in assigned],
        "creatorSharingEntry": sharing_entry(creator),
        "followerKeys": [user["key"] for user in followers],
        "followerCount": len(followers),
        "followerSharingEntries": [sharing_entry(user) for user in followers],
        "linkedBoxKeys": list(linked),
        "emailAddresses": list(emails),
        "emailAddressesAutoExtracted": list(emails[:1]),
        "emailAddressesBlacklist": [],
        "contacts": list(contacts) or None,
        "organizations": list(organizations) or None,
        "creationSourceType": "HUMAN",
        "fieldsAutofillStatus": {},
        "violations": [],
    }


def new_link(key: str, *, starred: bool = False, autoboxed: bool = False) -> Json:
    """A contact or organization on a box."""
    return {"key": key, "isStarred": starred, "isAutoboxed": autoboxed}
