"""The true answer, sent badly or in another shape."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ..answers import Answer, json_answer
from .struck import Settings, StruckCall

FORMS = ("data", "results_map", "nested", "string", "number")
"""Forms of `envelope`: {data: {items}}, results by key, a list in a list, JSON in a string, a number."""


def slow(settings: Settings, _call: StruckCall, true: Answer) -> Answer:
    """The first byte comes late."""
    return replace(true, manner="slow", seconds=settings.seconds or 0)


def drip(settings: Settings, _call: StruckCall, true: Answer) -> Answer:
    """Byte by byte, with `seconds` between two."""
    return replace(true, manner="drip", seconds=settings.seconds or 0)


def half_body(settings: Settings, _call: StruckCall, true: Answer) -> Answer:
    """The length of the whole is announced, half of it sent."""
    return replace(true, manner="half", seconds=settings.seconds or 0)


def truncated_json(_settings: Settings, _call: StruckCall, true: Answer) -> Answer:
    """Half of the JSON, and HTTP has nothing to complain about."""
    return replace(true, body=true.body[: len(true.body) // 2])


def envelope(settings: Settings, _call: StruckCall, true: Answer) -> Answer | None:
    """The true records, if the answer has any, where nobody looks for them."""
    value = decoded(true)
    if value is None:
        return None
    records = records_of(value)
    items = [value] if records is None else records
    shapes: dict[str | None, Any] = {
        "data": {"data": {"items": items}},
        "results_map": {"results": {str(place): each for place, each in enumerate(items)}},
        "nested": [items],
        "string": true.body.decode(),
        "number": len(items),
    }
    return json_answer(shapes[settings.form])


def decoded(answer: Answer) -> Any:
    """A successful answer's JSON; None for every other answer."""
    if answer.status != 200 or not answer.content_type.startswith(b"application/json"):
        return None
    return json.loads(answer.body)


def records_of(value: Any) -> list[Any] | None:
    """The records of a list in either envelope; None when it isn't a list."""
    if isinstance(value, dict):
        value = value.get("results")
    return value if isinstance(value, list) else None


def with_records(value: Any, records: list[Any]) -> Any:
    """The same envelope with other records."""
    return {**value, "results": records} if isinstance(value, dict) else records
