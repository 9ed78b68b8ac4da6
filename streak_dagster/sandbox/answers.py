"""What a route is given and what it gives back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from .types import Json
from .variants import Variants
from .workspace import Workspace

Manner = Literal["whole", "slow", "drip", "half", "reset", "hang"]
"""How an answer is delivered (see `delivery.py`)."""


@dataclass(frozen=True)
class Answer:
    """A finished answer. `kind` goes into the journal (see `Arrival`). Status 0: none is sent."""

    status: int
    body: bytes
    kind: str = "ok"
    content_type: bytes = b"application/json; charset=utf-8"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    manner: Manner = "whole"
    seconds: float = 0
    """How long the manner takes."""


class RefusalError(Exception):
    """Raised by a route that can't answer: the status and the JSON body of Streak's error."""

    def __init__(self, status: int, error: str, kind: str = "invalid") -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.kind = kind


def json_answer(
    value: Any, status: int = 200, kind: str = "ok", headers: tuple[tuple[bytes, bytes], ...] = ()
) -> Answer:
    """Any JSON value, compact."""
    return Answer(status, _encode(value), kind, headers=headers)


def answer_of(value: Any, variants: Variants) -> Answer:
    """What a route found, as JSON; an empty list in the form that the variants say."""
    wrapped = isinstance(value, dict) and value.get("results") == []
    if variants.empty_lists == "204" and (wrapped or value == []):
        return Answer(204, b"")
    if variants.empty_lists == "null" and wrapped and value.get("hasNextPage") in (False, "false"):
        value = {**value, "results": None}
    return json_answer(value)


_PIECEMEAL = 50


def _encode(value: Any) -> bytes:
    """Compact UTF-8.

    Long lists go item by item: encoding in one go would hold the interpreter, and with it the event loop that
    stamps arrivals, for tens of milliseconds.
    """
    if isinstance(value, dict) and len(value.get("results") or ()) > _PIECEMEAL:
        rest = {name: each for name, each in value.items() if name != "results"}
        tail = b"," + _encode(rest)[1:] if rest else b"}"
        return b'{"results":' + _encode(value["results"]) + tail
    if isinstance(value, list) and len(value) > _PIECEMEAL:
        return b"[" + b",".join(map(_encode, value)) + b"]"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def error_answer(status: int, error: str, kind: str) -> Answer:
    """Streak's usual error body."""
    return json_answer({"error": error}, status, kind)


@dataclass(frozen=True)
class Call:
    """One authenticated call: the data, the variants at this moment, and what was sent."""

    workspace: Workspace
    variants: Variants
    query: Mapping[str, Sequence[str]]
    body: bytes
    gone: frozenset[str] = frozenset()
    """Keys of objects that a fault took away: lists still show them, batches don't."""
    strict: bool = False
    """Whether what no document allows is refused with 400. Otherwise it is as if it weren't sent."""

    def text(self, name: str) -> str | None:
        """A parameter's first value; an empty one isn't sent, unless strict."""
        values = self.query.get(name)
        value = values[0] if values else None
        return value if self.strict else value or None

    def number(self, name: str, *, least: int = 0, most: int | None = None) -> int | None:
        """A parameter as a whole number; more than the most is the most, unless strict."""
        text = self.text(name)
        if text is None:
            return None
        value = _whole(text, strict=self.strict)
        if value is None:
            self._refuse_if_strict(f"Invalid value for parameter {name}: {text}")
            return None
        if value < least or (most is not None and value > most):
            self._refuse_if_strict(f"Parameter {name} is out of range: {value}")
        return None if value < least else value if most is None else min(value, most)

    def choice(self, name: str, known: Sequence[str]) -> str | None:
        """A parameter whose values are known."""
        text = self.text(name)
        if text is None or text in known:
            return text
        self._refuse_if_strict(f"Invalid value for parameter {name}: {text}")
        return None

    def key_list(self) -> list[str] | None:
        """The body: a JSON array of keys. None for anything else, which Streak answers with `null`.

        That was seen for forms where JSON belongs and for JSON of another shape (API notes, section 6).
        """
        try:
            keys = json.loads(self.body)
        except ValueError:
            keys = None
        if isinstance(keys, list) and all(isinstance(key, str) for key in keys):
            return keys
        self._refuse_if_strict("Expected a JSON array of keys")
        return None

    def _refuse_if_strict(self, error: str) -> None:
        if self.strict:
            raise RefusalError(400, error, "undocumented")

    def wrapped(self, results: list[Json], *, more: bool) -> Json:
        """A v2 list: `{results, hasNextPage?}`."""
        how = self.variants.has_next_page
        if how == "absent" or (how == "false_omitted" and not more):
            return {"results": results}
        return {"results": results, "hasNextPage": str(more).lower() if how == "text" else more}


def _whole(text: str, *, strict: bool) -> int | None:
    """Unless strict, a number with a fraction loses it, as in `page=1.0`."""
    with suppress(ValueError):
        return int(text)
    with suppress(ValueError, OverflowError):
        return None if strict else int(float(text))
    return None
