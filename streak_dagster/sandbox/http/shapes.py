"""From canonical objects to answers: one small function an object, steered by `Variants`.

They never change what they are given: canonical objects share parts with each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..objects.types import Json
from .variants import Variants

_TIME = re.compile(r"(Timestamp|Timestamps|Date|Ts|^timestamp)$")


def finish(thing: Json, variants: Variants, alias: str | None = None) -> Json:
    """What applies to every object: alias of the key, unset and unknown properties, times.

    `alias` is the name of the second key property, for example `boxKey`; not all objects have one.
    """
    shaped: Json = _without_none(thing) if variants.unset == "omit" else dict(thing)
    if alias is not None and alias in shaped:  # a form without it has the other alone, as OpenAPI's user
        if variants.keys == "named_only":
            shaped.pop("key", None)
        elif variants.keys == "key_only":
            shaped.pop(alias, None)
    if variants.timestamps != "number":
        shaped = _times(shaped, str if variants.timestamps == "string" else _seconds)
    if variants.extra_properties:
        shaped["sandboxUnknown"] = {"why": "no public source knows this property", "since": 1}
        shaped["sandboxUnknownFlag"] = True
    return shaped


_OPENAPI_USER = frozenset({
    "email", "creationTimestamp", "lastUpdatedTimestamp", "lastSavedTimestamp", "lastSeenTimestamp",
    "googleProfileId", "googleProfilePhotoUrl", "googleProfileLink", "googleProfileFullName",
    "googleProfileFirstName", "googleProfileLastName", "timezoneId", "userType",
    "securityReportOnTeamsPipelines", "externalSharingRestrictionOnTeamsPipelines",
    "automaticallySendInvoiceEmails", "emailsToSendInvoiceTo", "customerSpecifiedInvoiceData",
    "firstOauthTimestamp", "wantsTaskDigestEmail", "displayName", "key",
})  # fmt: skip
_NOT_OBSERVED_USER = frozenset({
    "lowercaseEmail", "userType", "securityReportOnTeamsPipelines",
    "externalSharingRestrictionOnTeamsPipelines", "automaticallySendInvoiceEmails",
    "emailsToSendInvoiceTo", "customerSpecifiedInvoiceData",
})  # fmt: skip

_NOT_OF_OLD_CONTACT = frozenset({"domains", "normalizedDomains", "contactLinks", "fields"})


def shape_user(user: Json, variants: Variants) -> Json:
    """A user's properties of OpenAPI 2026, of the observed form (with secret `intercomHmac`), or of both."""
    if variants.user_shape == "openapi":
        user = {name: value for name, value in user.items() if name in _OPENAPI_USER}
    elif variants.user_shape == "observed":
        user = _without(user, _NOT_OBSERVED_USER)
    return finish(user, variants, "userKey")


def shape_team(team: Json, variants: Variants) -> Json:
    """A team (v2)."""
    if variants.email_sharing == "boolean":
        members = [{**each, "emailSharing": each["emailSharing"] != "None"} for each in team["members"]]
        team = {**team, "members": members}
    return finish(team, variants)


def shape_contact(contact: Json, variants: Variants) -> Json:
    """A contact or an organization (v2)."""
    if variants.contact_shape == "old":
        contact = _without(contact, _NOT_OF_OLD_CONTACT)
    return finish(contact, variants)


def shape_stage(stage: Json, variants: Variants) -> Json:
    """A stage, alone or inside a pipeline."""
    if variants.stage_shape == "old":
        stage = {"key": stage["key"], "name": stage["name"]}
    elif variants.pipeline_counts == "none":
        stage = _without(stage, ("boxCount",))
    return finish(stage, variants)


def shape_field(field: Json, variants: Variants) -> Json:
    """A field definition, alone or inside a pipeline."""
    if not variants.ai_settings:
        field = _without(field, ("aiSettings",))
    return finish(field, variants)


_V1_PIPELINE = (
    "pipelineKey",
    "orgWide",
    "teamWide",
    "sharingRestrictedToOrg",
    "roundRobinAssignmentUsers",
    "boxCountHint",
    "owner",
)


def shape_pipeline(pipeline: Json, variants: Variants, *, version: int) -> Json:
    """A pipeline as v1 or v2 shows it."""
    shaped = {
        **pipeline,
        "fields": [shape_field(each, variants) for each in pipeline["fields"]],
        "stages": {key: shape_stage(each, variants) for key, each in pipeline["stages"].items()},
    }
    if variants.pipeline_counts in ("hint", "none"):
        del shaped["boxCount"]
    if variants.pipeline_counts in ("count", "none"):
        del shaped["boxCountHint"]
    if version == 2:
        return finish(_without(shaped, _V1_PIPELINE), variants)
    if variants.acl_entries == "old":
        shaped["aclEntries"] = [
            {"email": each["email"], "isOwner": each["isReadOnly"]} for each in shaped["aclEntries"]
        ]
    return finish(shaped, variants, "pipelineKey")


_NOT_IN_2021 = (
    "creationSourceType", "fieldsAutofillStatus", "violations", "stageHistoryEntries",
    "totalNumberOfLastSentEmailLinksClicks",
)  # fmt: skip
_DOCUMENTED = (
    "pipelineKey", "creatorKey", "creationTimestamp", "lastUpdatedTimestamp", "name", "notes",
    "stageKey", "fields", "followerKeys", "followerCount", "commentCount", "taskTotal",
    "gmailThreadCount", "fileCount", "boxKey", "key",
)  # fmt: skip


def shape_box(box: Json, variants: Variants, field_types: Callable[[str], Mapping[str, str]]) -> Json:
    """A box; `field_types` gives the type of each field of a pipeline."""
    if variants.box_shape == "documented":
        box = {**{name: box[name] for name in _DOCUMENTED}, "reminderCount": 0}
    elif variants.box_shape == "observed_2021":
        box = _without(box, _NOT_IN_2021)
    if variants.person_values != "entries" or variants.link_values != "keys":
        box = {**box, "fields": _values(box["fields"], field_types(box["pipelineKey"]), variants)}
    return finish(box, variants, "boxKey")


def _values(values: Json, types: Mapping[str, str], variants: Variants) -> Json:
    """Field values in the form that the variants say for persons, contacts and organizations."""
    shaped: Json = {}
    for key, value in values.items():
        kind = types.get(key)
        if kind == "PERSON":
            shaped[key] = _PERSON[variants.person_values](value)
        elif kind in ("TEAM_CONTACT", "TEAM_ORGANIZATION") and variants.link_values == "objects":
            shaped[key] = [{"key": each} for each in value]
        else:
            shaped[key] = value
    return shaped


_PERSON: dict[str, Callable[[list[Json]], Any]] = {
    "entries": lambda people: people,
    "emails": lambda people: [each["email"] for each in people],
    "keys": lambda people: [each["userKey"] for each in people],
    "entry": lambda people: people[0],
}


def shape_comment(comment: Json, variants: Variants) -> Json:
    """A comment (v2, yet with `commentKey`: API notes 3.8)."""
    return finish(comment, variants, "commentKey")


_NO_DUE_DATE = {"unset": None, "-1": -1, "0": 0, "9999": 253_402_300_799_999}


def shape_task(task: Json, variants: Variants) -> Json:
    """A task with `creator`/`assignedTo`, with sharing entries, or both."""
    if variants.task_shape == "openapi":
        task = _without(task, ("creatorSharingEntry", "assignedToSharingEntries", "isDraft", "sortOrder"))
    elif variants.task_shape == "sharing":
        task = _without(task, ("creator", "assignedTo", "actions", "meetingKey"))
    if task["dueDate"] is None:
        task = {**task, "dueDate": _NO_DUE_DATE[variants.no_due_date]}
    return finish(task, variants)


_LISTED_THREAD = (
    "boxKey", "creationTimestamp", "creatorKey", "emailAddresses", "fileKeys", "files",
    "gmailThreadKey", "key", "lastUpdatedTimestamp", "names", "pipelineKey", "threadGmailId",
)  # fmt: skip


def shape_thread(thread: Json, variants: Variants, *, alone: bool = False) -> Json:
    """A thread; `alone` is the single GET, which has two more documented properties."""
    if variants.thread_box_key == "first":
        thread = {**thread, "boxKey": thread["boxKeys"][0]}
    if variants.thread_detail == "list":
        names = (*_LISTED_THREAD, "lastEmailTimestamp", "subject") if alone else _LISTED_THREAD
        thread = {name: thread[name] for name in names}
    return finish(thread, variants, "gmailThreadKey")


def shape_file(file: Json, variants: Variants) -> Json:
    """A file."""
    if variants.file_size == "number":
        file = {**file, "size": int(file["size"])}
    return finish(file, variants, "fileKey")


def shape_snippet(snippet: Json, variants: Variants) -> Json:
    """A snippet with its text as object or string."""
    if variants.snippet_text == "string":
        snippet = {**snippet, "snippetText": snippet["snippetText"]["value"]}
    return finish(snippet, variants, "snippetKey")


def _without(thing: Json, names: Iterable[str]) -> Json:
    shaped = dict(thing)
    for name in names:
        shaped.pop(name, None)
    return shaped


def _without_none(value: Any) -> Any:
    """The same without unset properties, at every depth."""
    if type(value) is dict:
        return {
            name: _without_none(each) if type(each) in (dict, list) else each
            for name, each in value.items()
            if each is not None
        }
    if value and type(value[0]) in (dict, list):
        return [_without_none(each) for each in value]
    return value


def _times(value: Any, form: Callable[[int], Any], name: str = "") -> Any:
    """The same with every epoch value in a form, at every depth; custom field values stay as they are."""
    if isinstance(value, dict):
        return {key: each if key == "fields" else _times(each, form, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_times(each, form, name) for each in value]
    return form(value) if type(value) is int and _TIME.search(name) else value


def _seconds(milliseconds: int) -> int:
    return milliseconds // 1000
