"""What counts as a change for people, table by table: no counters, no times that follow from others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .. import sql

_COLUMN = re.compile(r"\{row\}\.(\w+)")
_JOINED = ("stage", "pipeline")
"""Names that boxes have beside their own columns."""


@dataclass(frozen=True)
class Shown:
    """A column whose change is told: by a ``word``, and by its ``value`` before and after if that is short.

    ``value`` is SQL of a text, in which ``{row}`` is the version. Several columns may have one word.
    """

    word: str
    value: str | None = None


@dataclass(frozen=True)
class Watched:
    """A table whose changes are told. The texts are SQL in which ``{row}`` is the version.

    ``what`` the row is for a person, ``name`` what it is called; ``box`` and ``pipeline`` are the keys of
    where it belongs.
    """

    table: str
    key: tuple[str, ...]
    what: str
    name: str
    columns: dict[str, Shown]
    box: str = "NULL::VARCHAR"
    pipeline: str = "NULL::VARCHAR"

    @property
    def needed(self) -> list[str]:
        """The table's columns that the SQL names, its key first."""
        texts = (
            self.what,
            self.name,
            self.box,
            self.pipeline,
            *(each.value for each in self.columns.values()),
        )
        named = [name for text in texts if text for name in _COLUMN.findall(text)]
        return [name for name in dict.fromkeys((*self.key, *named)) if name not in _JOINED]

    @property
    def names(self) -> dict[str, list[str]]:
        """The columns by their words."""
        found: dict[str, list[str]] = {}
        for name, shown in self.columns.items():
            found.setdefault(shown.word, []).append(name)
        return found


def _text(column: str) -> str:
    return sql.words(f"{{row}}.{column}")


def _day(column: str) -> str:
    return f"strftime({sql.utc(f'{{row}}.{column}')}, '%Y-%m-%d')"


def _time(column: str) -> str:
    return f"strftime({sql.utc(f'{{row}}.{column}')}, '%Y-%m-%d %H:%M UTC')"


_FIELD_NAME = "coalesce({row}.field_name, {row}.field_key)"
_FIELD_VALUE = (
    f"CASE WHEN {{row}}.value_timestamp IS NOT NULL THEN {_day('value_timestamp')} "
    f"ELSE {_text('value_text')} END"
)
_CONTACT = sql.words("concat_ws(' ', trim({row}.given_name), trim({row}.family_name))")
_BOX = "{row}.box_key"
_OF_BOX = ("key",)

BOXES = Watched(
    "pipeline_boxes",
    _OF_BOX,
    "'box'",
    _text("name"),
    {
        "stage_key": Shown("stage", "{row}.stage"),
        "pipeline_key": Shown("pipeline", "{row}.pipeline"),
        "name": Shown("name", _text("name")),
        "notes": Shown("notes"),
        "assigned_to_sharing_entries": Shown("owners"),
        "contacts": Shown("contacts"),
        "organizations": Shown("organizations"),
        "linked_box_keys": Shown("linked boxes"),
    },
    "{row}.key",
    "{row}.pipeline_key",
)
FIELD_VALUES = Watched(
    "box_field_values",
    ("box_key", "field_key"),
    "'field value'",
    _FIELD_NAME,
    {"value": Shown("value", _FIELD_VALUE)},
    _BOX,
    "{row}.pipeline_key",
)
WATCHED: tuple[Watched, ...] = (
    BOXES,
    FIELD_VALUES,
    Watched(
        "box_tasks",
        ("key",),
        "'task'",
        _text("text"),
        {
            "text": Shown("text", _text("text")),
            "status": Shown("status", _text("status")),
            "due_date": Shown("due date", _day("due_date")),
            "assigned_to": Shown("assigned to"),
            "assigned_to_sharing_entries": Shown("assigned to"),
        },
        _BOX,
    ),
    Watched("box_comments", ("key",), "'comment'", _text("message"), {"message": Shown("text")}, _BOX),
    Watched(
        "box_files",
        ("key",),
        "'file'",
        _text("file_name"),
        {"file_name": Shown("name", _text("file_name"))},
        _BOX,
    ),
    Watched(
        "box_meetings",
        ("key",),
        "CASE WHEN {row}.meeting_type = 'CALL_LOG' THEN 'call' ELSE 'meeting' END",
        _text("notes"),
        {
            "notes": Shown("notes"),
            "start_timestamp": Shown("start", _time("start_timestamp")),
            "duration": Shown("duration"),
        },
        _BOX,
    ),
    Watched(
        "contacts",
        ("key",),
        "'contact'",
        _CONTACT,
        {
            "given_name": Shown("name", _CONTACT),
            "family_name": Shown("name", _CONTACT),
            "title": Shown("title", _text("title")),
            "email_addresses": Shown("e-mail addresses"),
            "phone_numbers": Shown("phone numbers"),
            "addresses": Shown("addresses"),
            "other": Shown("notes"),
            "fields": Shown("fields"),
            "org_links": Shown("organizations"),
        },
    ),
    Watched(
        "organizations",
        ("key",),
        "'organization'",
        _text("name"),
        {
            "name": Shown("name", _text("name")),
            "domains": Shown("domains"),
            "industry": Shown("industry", _text("industry")),
            "employee_count": Shown("employees", _text("employee_count")),
            "phone_numbers": Shown("phone numbers"),
            "addresses": Shown("addresses"),
            "other": Shown("notes"),
            "fields": Shown("fields"),
        },
    ),
    Watched(
        "pipeline_stages",
        ("pipeline_key", "key"),
        "'stage'",
        _text("name"),
        {"name": Shown("name", _text("name")), "position": Shown("place")},
        pipeline="{row}.pipeline_key",
    ),
    Watched(
        "pipeline_fields",
        ("pipeline_key", "key"),
        "'field'",
        _text("name"),
        {
            "name": Shown("name", _text("name")),
            "type": Shown("type", _text("type")),
            "dropdown_settings": Shown("options"),
            "tag_settings": Shown("options"),
        },
        pipeline="{row}.pipeline_key",
    ),
    Watched(
        "pipelines",
        ("key",),
        "'pipeline'",
        _text("name"),
        {
            "name": Shown("name", _text("name")),
            "description": Shown("description"),
            "team_wide": Shown("sharing"),
            "acl_entries": Shown("rights"),
        },
        pipeline="{row}.key",
    ),
)
"""The tables whose changes are told, those of most interest first."""
