"""The two ways in which Streak's lists come in parts: numbered pages, and a cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ..objects.keys import make_key, read_key
from ..objects.types import Json
from .call import Call, HTTPError

T = TypeVar("T")


def page_of(call: Call, things: Sequence[T], *, maximum: int | None = None) -> tuple[list[T], bool]:
    """One 0-based page by `limit` and `page`, and whether there are more.

    Without a limit everything is on page 0.
    """
    page = call.number("page") or 0
    limit = call.number("limit", minimum=1, maximum=maximum)
    if limit is None:
        return (list(things), False) if page == 0 else ([], False)
    first = page * limit
    return list(things[first : first + limit]), first + limit < len(things)


def cursor_page(
    call: Call, things: Sequence[Json], shape: Callable[[Json], Json], after_ms: int | None = None
) -> Json:
    """A page of contacts or organizations: `{results, cursor?}` (API notes 3.15).

    `limit` is 100 unless asked for and silently cut to 1000. A cursor is only left out when a page isn't
    full, so that a full last page is followed by an empty one.
    """
    limit = min(call.number("limit", minimum=1) or 100, 1000)
    place = _read_cursor(call, after_ms)
    results: list[Json] = []
    while place < len(things) and len(results) < limit:
        missing = limit - len(results)
        batch = things[place : place + missing]
        place += len(batch)
        results += [thing for thing in batch if after_ms is None or _saved(thing) >= after_ms]
    page: Json = {"results": [shape(thing) for thing in results]}
    if len(results) == limit:
        page["cursor"] = make_key("cursor", place, after_ms)
    elif call.variants.unset == "null":
        page["cursor"] = None
    return page


def _saved(thing: Json) -> int:
    """When it was saved last; one of which that isn't known is as old as can be."""
    return int(thing.get("lastSavedTimestamp") or 0)


def _read_cursor(call: Call, after_ms: int | None) -> int:
    cursor = call.text("cursor")
    if not cursor:
        return 0
    parts = read_key(cursor)
    if not parts or len(parts) != 3 or parts[0] != "cursor":
        raise HTTPError(400, "Invalid cursor")  # not strictness: from the start again, it would never end
    if call.strict and parts[2] != str(after_ms):
        raise HTTPError(400, "The cursor belongs to another value of after", "undocumented")
    return int(parts[1])
