"""Everything that the public sources leave open about Streak's answers, as switches.

The defaults answer so that Streak's own published client (`streak-crm`) accepts every answer. Section
numbers are those of the API notes.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints


def _switch(default: Any, text: str) -> Any:
    """A dataclass field with its one-line help for the command line."""
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class Variants:
    """One way of being Streak. A value that isn't among a switch's choices raises `ValueError`."""

    # Lists and pages
    v1_boxes_envelope: Literal["array", "wrapped", "wrapped_when_paged"] = _switch(
        "array",
        "v1 box list: bare array, {results, hasNextPage}, or the latter only when `page` is sent (3.6)",
    )
    has_next_page: Literal["present", "absent", "false_omitted", "text"] = _switch(
        "present", "hasNextPage: always there, never, only when true (section 2), or as text"
    )
    empty_lists: Literal["array", "null", "204"] = _switch(
        "array", "an empty list: an empty array, null where hasNextPage says no, or a 204 without content"
    )
    unseen_boxes: int | None = _switch(
        None, "after so many boxes of a list comes one that the key doesn't see: pages are filtered when cut"
    )
    max_page_limit: int | None = _switch(None, "pages of the box lists are silently cut to this many boxes")
    ignore_paging: bool = _switch(
        default=False, text="the v1 box list ignores limit and page and returns everything"
    )
    meetings_paging: Literal["paged", "all"] = _switch(
        "paged", "meetings: paged, or everything at once (3.10)"
    )
    comments_page_size: int | None = _switch(
        None, "comments come in pages of this size (3.8: nobody has seen one)"
    )
    webhooks_envelope: Literal["array", "wrapped"] = _switch(
        "array", "webhooks: bare array, or {results} (both seen, section 2)"
    )
    stages_v2: Literal["map", "400"] = _switch("map", "v2 stage list: a map, or the 400 of 2026-05 (3.4)")
    box_batch: Literal["array", "missing_404", "unsupported"] = _switch(
        "array", "batch of boxes: those that are there, 404 when one of them isn't, or always 404 (3.6)"
    )
    search_first_page: Literal["0", "1"] = _switch("0", "number of the first page of a search (3.17)")

    # Objects
    keys: Literal["both", "named_only", "key_only"] = _switch(
        "both", "key and its alias (boxKey) on v1-era objects: both, or one of them"
    )
    unset: Literal["omit", "null"] = _switch("omit", "properties that aren't set: absent, or null")
    extra_properties: bool = _switch(default=False, text="every object has properties that no source knows")
    timestamps: Literal["number", "string", "seconds"] = _switch(
        "number", "epoch milliseconds as JSON numbers or as strings, or epoch seconds"
    )
    no_due_date: Literal["unset", "-1", "0", "9999"] = _switch(
        "unset", "dueDate of a task that has none: unset, -1, 0, or the last millisecond of the year 9999"
    )
    user_shape: Literal["both", "openapi", "observed"] = _switch("both", "properties of users (3.1)")
    email_sharing: Literal["enum", "boolean"] = _switch("enum", "members[].emailSharing (conflict 9)")
    pipeline_counts: Literal["both", "count", "hint", "none"] = _switch(
        "both", "boxCount and boxCountHint of pipelines (3.3); none also drops the stages' boxCount"
    )
    acl_entries: Literal["current", "old"] = _switch(
        "current", "pipeline.aclEntries on v1; old is {email, isOwner}"
    )
    stage_shape: Literal["full", "old"] = _switch("full", "stages; old has name and key only (3.4)")
    ai_settings: bool = _switch(default=True, text="fields have aiSettings (3.5)")
    box_shape: Literal["full", "observed_2021", "documented"] = _switch("full", "properties of boxes (3.6)")
    person_values: Literal["entries", "emails", "keys", "entry"] = _switch(
        "entries", "PERSON field values (3.7)"
    )
    link_values: Literal["keys", "objects"] = _switch(
        "keys", "TEAM_CONTACT and TEAM_ORGANIZATION values (3.7)"
    )
    task_shape: Literal["openapi", "sharing", "both"] = _switch(
        "openapi", "tasks with creator/assignedTo, with sharing entries, or both (3.9)"
    )
    thread_detail: Literal["observed", "list"] = _switch(
        "observed", "threads: full, or the documented list (3.11)"
    )
    thread_box_key: Literal["listed", "first"] = _switch(
        "listed", "boxKey of a thread in several boxes: the box it is listed under, or its first box (3.11)"
    )
    contact_shape: Literal["full", "old"] = _switch(
        "full", "contacts and organizations; old lacks domains, contactLinks and fields (3.15)"
    )
    contacts_after: Literal["inclusive", "ignored"] = _switch(
        "inclusive", "`after` of a contact list: those saved then or later, or all of them (3.15)"
    )
    file_size: Literal["string", "number"] = _switch("string", "file.size (3.12)")
    snippet_text: Literal["object", "string"] = _switch("object", "snippetText: {value}, or a string (3.14)")
    single_snippet: Literal["object", "array"] = _switch(
        "object", "one snippet: object, or array of one (3.14)"
    )

    # Refusals
    missing_object_status: Literal[404, 400, 401] = _switch(404, "status of an unknown key (conflict 11)")
    retry_after: Literal["seconds", "date", "none"] = _switch("seconds", "Retry-After of a 429")
    count_refused: bool = _switch(default=True, text="calls over the limit fill the sliding second too")

    def __post_init__(self) -> None:
        """Refuse what no switch knows: a typing error in a test must not mean the default."""
        for name, (choices, kind) in _CHOICES.items():
            value = getattr(self, name)
            if choices and (value not in choices or type(value) is not type(choices[0])):
                raise ValueError(f"{name} must be one of {', '.join(map(str, choices))}, not {value!r}.")
            if kind is bool and not isinstance(value, bool):
                raise ValueError(f"{name} must be True or False, not {value!r}.")
            if kind is int and value is not None and (type(value) is not int or value < 1):
                raise ValueError(f"{name} must be a whole number of 1 or more, or None, not {value!r}.")


def switches() -> list[tuple[Field[Any], tuple[Any, ...], type]]:
    """For each switch: its field, its choices (empty for numbers and flags) and the type of its values."""
    return [(each, *_CHOICES[each.name]) for each in fields(Variants)]


def _choices(hint: Any) -> tuple[tuple[Any, ...], type]:
    if get_origin(hint) is Literal:
        values = get_args(hint)
        return values, type(values[0])
    return (), bool if hint is bool else int


_CHOICES = {name: _choices(hint) for name, hint in get_type_hints(Variants).items()}
