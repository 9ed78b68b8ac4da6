"""Every envelope that Streak wraps a list in: what the body of one answer holds.

Sources differ on nearly every endpoint (bare array; ``{results, hasNextPage?}``;
``{results, cursor?}``; an object keyed by id), so each is accepted everywhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streak_dagster.api.answers import NO_CONTENT
from streak_dagster.api.flags import read_flag
from streak_dagster.errors import UnreadableAnswerError

if TYPE_CHECKING:
    from collections.abc import Sequence

Record = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """The records of one answer.

    ``more`` is Streak's own word on further pages, None if it gave none. ``cursor`` is what it gave to ask
    for the next one.
    """

    records: list[Record]
    more: bool | None = None
    cursor: str | None = None
    repeated: int = 0
    """Records that were left out, because the page held them twice."""


def read_page(body: Any, subject: str, *, keys: Sequence[str] = ()) -> Page:
    """The page in any envelope. Raises UnreadableAnswerError for anything else.

    An empty list may also come as a 204, or as ``results: null`` together with Streak's word that there is
    no more. Without that word, ``null`` is as unreadable as the bare ``null`` that was seen in passing.

    ``keys`` are the names that a record's own key may have: each record must have text under one. One
    that comes a second time is left out, or the page would seem longer than was asked for.
    """
    page = _page(body, subject)
    if not keys:
        return page
    seen: dict[str, Record] = {}
    records = []
    for record in page.records:
        _refuse_without_key(record, subject, keys)
        key = str([record.get(name) for name in keys])
        if seen.get(key) != record:
            records.append(record)
        seen[key] = record
    return replace(page, records=records, repeated=len(page.records) - len(records))


def _refuse_without_key(record: Record, subject: str, keys: Sequence[str]) -> None:
    """Raises UnreadableAnswerError where no property of those named ``keys`` is text."""
    if not any(isinstance(record.get(name), str) and record[name] for name in keys):
        raise UnreadableAnswerError(
            f"Streak listed a record without {' or '.join(keys)} among the {subject}.", status=200
        )


def _page(body: Any, subject: str) -> Page:
    if body is NO_CONTENT:
        return Page([])
    if isinstance(body, list):
        return Page(_records(body, subject))
    if isinstance(body, dict) and isinstance(body.get("results"), list):
        return Page(
            _records(body["results"], subject),
            read_flag(body.get("hasNextPage")),
            _cursor(body.get("cursor")),
        )
    if isinstance(body, dict) and _says_none(body):
        return Page([], more=False)
    if isinstance(body, dict) and body and all(_stands_at(name, value) for name, value in body.items()):
        return Page(keyed_records(body))
    raise UnreadableAnswerError(
        f"Streak answered {subject} with {_shape(body)} in place of a list.", status=200
    )


def _cursor(sent: Any) -> str | None:
    """The cursor as it can be sent back: whatever isn't text as its JSON. Nothing, 0 and false are none."""
    return sent if isinstance(sent, str) and sent else json.dumps(sent) if sent else None


def _says_none(body: dict[str, Any]) -> bool:
    """``results`` that are null, or left out as Streak does with nulls, and the word that these are all."""
    alone = "results" in body or len(body) == 1
    return alone and body.get("results") is None and read_flag(body.get("hasNextPage")) is False


def keyed_records(by_key: dict[str, Record]) -> list[Record]:
    """The records of an object keyed by id; a record without ``key`` gets it from its place."""
    return [
        {**record, "key": record.get("key") or key}
        for key, record in by_key.items()
        if isinstance(record, dict)
    ]


def _stands_at(key: str, value: Any) -> bool:
    """Whether a value is the record of its key. In ``{"data": {"items": […]}}``, ``data`` is no key."""
    return isinstance(value, dict) and any(member == key for member in value.values())


def _records(items: list[Any], subject: str) -> list[Record]:
    for item in items:
        if not isinstance(item, dict):
            raise UnreadableAnswerError(f"Streak listed {_shape(item)} among the {subject}.", status=200)
    return items


def _shape(body: Any) -> str:
    if isinstance(body, dict):
        return f"an object of {', '.join(sorted(body)[:5]) or 'nothing'}"
    return {list: "a list", str: "a string", bool: "a boolean", type(None): "null"}.get(
        type(body), "a number"
    )
