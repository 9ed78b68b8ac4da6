"""An answer on its way out: routes and faults make it, the server sends it. Knows nothing of either."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Literal

Headers = tuple[tuple[bytes, bytes], ...]
Manner = Literal["whole", "slow", "drip", "half", "reset", "hang"]
"""How an answer is delivered (see `http/delivery.py`)."""

NO_ACCESS = {
    400: "Invalid request",
    401: "You do not have access to this object",
    403: "Forbidden",
    404: "Not found",
}
"""Errors that name no object, by status."""


@dataclass(frozen=True)
class Answer:
    """A finished answer. `kind` goes into the journal (see `Arrival`). Status 0: none is sent."""

    status: int
    body: bytes
    kind: str = "ok"
    content_type: bytes = b"application/json; charset=utf-8"
    headers: Headers = ()
    manner: Manner = "whole"
    seconds: float = 0
    """How long the manner takes."""


def json_answer(value: Any, status: int = 200, kind: str = "ok", headers: Headers = ()) -> Answer:
    """Any JSON value, compact."""
    return Answer(status, _encode(value), kind, headers=headers)


def error_answer(status: int, error: str, kind: str) -> Answer:
    """Streak's usual error body."""
    return json_answer({"error": error}, status, kind)


def retry_after(form: str | None, seconds: float) -> Headers:
    """The header that says when to come back: `seconds` from now, or as a `date`. None for other forms.

    Both are whole seconds, rounded up, so that who comes then isn't too early.
    """
    if form == "seconds":
        return ((b"retry-after", str(math.ceil(seconds)).encode()),)
    if form == "date":
        return ((b"retry-after", formatdate(math.ceil(time.time() + seconds), usegmt=True).encode()),)
    return ()


_LONG_LIST = 50


def _encode(value: Any) -> bytes:
    """Compact UTF-8.

    Long lists go item by item: encoding in one go would hold the interpreter, and with it the event loop that
    stamps arrivals, for tens of milliseconds.
    """
    if isinstance(value, dict) and len(value.get("results") or ()) > _LONG_LIST:
        rest = {name: each for name, each in value.items() if name != "results"}
        tail = b"," + _encode(rest)[1:] if rest else b"}"
        return b'{"results":' + _encode(value["results"]) + tail
    if isinstance(value, list) and len(value) > _LONG_LIST:
        return b"[" + b",".join(map(_encode, value)) + b"]"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
