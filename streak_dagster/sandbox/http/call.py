"""What a route is given, and what it may raise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..answers import Answer, error_answer, json_answer
from ..objects.types import Json
from ..workspace.workspace import Workspace
from .variants import Variants


class HTTPError(Exception):
    """Raised by a route that can't answer: the status and the text of Streak's error."""

    def __init__(self, status: int, error: str, kind: str = "invalid") -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.kind = kind

    def answer(self) -> Answer:
        """What is sent instead."""
        return error_answer(self.status, self.error, self.kind)


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
        """A parameter's first value; an empty one counts as not sent, unless strict."""
        values = self.query.get(name)
        value = values[0] if values else None
        return value if self.strict else value or None

    def number(self, name: str, *, minimum: int = 0, maximum: int | None = None) -> int | None:
        """A parameter as a whole number; one above the maximum is the maximum, unless strict."""
        text = self.text(name)
        if text is None:
            return None
        value = _whole(text, strict=self.strict)
        if value is None:
            self._refuse_if_strict(f"Invalid value for parameter {name}: {text}")
            return None
        if value < minimum or (maximum is not None and value > maximum):
            self._refuse_if_strict(f"Parameter {name} is out of range: {value}")
        return None if value < minimum else value if maximum is None else min(value, maximum)

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

    def wrapped(self, results: list[Json], *, more: bool) -> Json:
        """A v2 list: `{results, hasNextPage?}`."""
        how = self.variants.has_next_page
        if how == "absent" or (how == "false_omitted" and not more):
            return {"results": results}
        return {"results": results, "hasNextPage": str(more).lower() if how == "text" else more}

    def answer(self, value: Any) -> Answer:
        """What a route found, as JSON; an empty list in the form that the variants say."""
        form = self.variants.empty_lists
        wrapped = isinstance(value, dict) and value.get("results") == []
        if form == "204" and (wrapped or value == []):
            return Answer(204, b"")
        if form == "null" and wrapped and value.get("hasNextPage") in (False, "false"):
            value = {**value, "results": None}
        return json_answer(value)

    def _refuse_if_strict(self, error: str) -> None:
        if self.strict:
            raise HTTPError(400, error, "undocumented")


def _whole(text: str, *, strict: bool) -> int | None:
    """A whole number; unless strict, a fraction is cut off, as in `page=1.0`."""
    with suppress(ValueError):
        return int(text)
    with suppress(ValueError, OverflowError):
        return None if strict else int(float(text))
    return None
