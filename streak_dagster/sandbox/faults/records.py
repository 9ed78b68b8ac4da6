"""The true answer with its records or pages not as they ought to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..answers import Answer, json_answer
from ..objects.keys import make_key, read_key
from .spoilt import decoded, records_of, with_records
from .struck import Settings, StruckCall


def nothing(_settings: Settings, _call: StruckCall, true: Answer) -> Answer | None:
    """A list with nothing in it, in its own envelope: an account that suddenly seems empty."""
    value = decoded(true)
    if records_of(value) is None:
        return None
    if isinstance(value, dict):
        value = {name: each for name, each in value.items() if name != "cursor"}
        value.update({"hasNextPage": False} if "hasNextPage" in value else {})
    return json_answer(with_records(value, []))


async def duplicate_page(_settings: Settings, call: StruckCall) -> Answer | None:
    """The records of the page before; everything else is true. First pages have none before them."""
    before = _page_before(call)
    if before is None:
        return None
    value, other = decoded(await call.true_answer()), records_of(decoded(await call.answer_to(before)))
    if records_of(value) is None or other is None:
        return None
    return json_answer(with_records(value, other))


def _page_before(call: StruckCall) -> str | None:
    page, cursor = call.params.get("page", ""), read_key(call.params.get("cursor", ""))
    if page.isdecimal() and int(page) > 0:
        return call.with_params(page=int(page) - 1)
    if cursor and cursor[0] == "cursor":
        limit = call.params.get("limit", "")
        start = max(0, int(cursor[1]) - min(int(limit) if limit.isdecimal() else 100, 1000))
        return call.with_params(cursor=make_key("cursor", start, cursor[2]))
    return None


def endless(_settings: Settings, call: StruckCall, true: Answer) -> Answer | None:
    """More is said to come, whatever came: `hasNextPage` is true, a cursor leads to where it was."""
    value = decoded(true)
    if not isinstance(value, dict) or records_of(value) is None:
        return None
    if "cursor" in value or "cursor" in call.params:
        return json_answer({**value, "cursor": call.params.get("cursor") or value["cursor"]})
    return json_answer({**value, "hasNextPage": True})


def repeated_record(_settings: Settings, _call: StruckCall, true: Answer) -> Answer | None:
    """The last record comes twice."""
    return _changed(true, lambda records: [*records, records[-1]])


def null_record(_settings: Settings, _call: StruckCall, true: Answer) -> Answer | None:
    """Null in place of the first record."""
    return _changed(true, lambda records: [None, *records[1:]])


def no_key(_settings: Settings, _call: StruckCall, true: Answer) -> Answer | None:
    """The first record has lost its key and the key's alias."""
    return _first(true, lambda record: {n: v for n, v in record.items() if n not in _key_names(record)})


def wrong_key_type(_settings: Settings, _call: StruckCall, true: Answer) -> Answer | None:
    """The first record's key, and its alias, is a number."""
    return _first(true, lambda record: {**record, **dict.fromkeys(_key_names(record), 4711)})


def wrong_types(_settings: Settings, _call: StruckCall, true: Answer) -> Answer | None:
    """The first record's times and lists are words."""

    def spoil(record: dict[str, Any]) -> dict[str, Any]:
        timely = ("Timestamp", "Date")
        return {
            name: "soon" if name.endswith(timely) or isinstance(value, list) else value
            for name, value in record.items()
        }

    return _first(true, spoil)


def _changed(true: Answer, change: Callable[[list[Any]], list[Any]]) -> Answer | None:
    """The list with other records; None for what isn't a list or has nothing in it."""
    value = decoded(true)
    records = records_of(value)
    return json_answer(with_records(value, change(records))) if records else None


def _first(true: Answer, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Answer | None:
    """The list with another first record, or the object itself changed."""
    value = decoded(true)
    if records_of(value) is None and isinstance(value, dict):
        return json_answer(change(value))
    return _changed(true, lambda records: [change(records[0]), *records[1:]])


def _key_names(record: dict[str, Any]) -> set[str]:
    """`key` and its alias; when only an alias was sent, the first name that looks like one."""
    if "key" in record:
        return {name for name, value in record.items() if value == record["key"]}
    return set([name for name in record if name.endswith("Key")][:1])
