"""Faults as they are spelled on the command line and in JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .fault import Fault
from .kinds import kind_named


def _whole(text: str) -> int:
    return int(text)


def _times(text: str) -> int | None:
    return None if text == "all" else int(text)


_OPTIONS: dict[str, Callable[[str], Any]] = {
    "path": str,
    "method": str,
    "skip": _whole,
    "times": _times,
    "probability": float,
    "seed": _whole,
    "seconds": float,
    "status": _whole,
    "form": str,
}
_EXTRA = ("kind", "body", "headers")
"""In JSON only."""


def fault_from_text(text: str) -> Fault:
    """`truncated_json:path=/comments$,probability=0.05`; `times` may be `all`.

    A comma inside a value is fine unless a word and an equals sign follow it. Anything wrong raises
    `ValueError` with one sentence.
    """
    kind, _, rest = text.partition(":")
    kind_named(kind)
    options: dict[str, Any] = {}
    for part in re.split(r",(?=\w+=)", rest) if rest else []:
        name, equals, value = part.partition("=")
        if not equals or name not in _OPTIONS:
            raise ValueError(f"A fault has no option {name!r}; there are {', '.join(_OPTIONS)}.")
        try:
            options[name] = _OPTIONS[name](value)
        except ValueError:
            raise ValueError(f"The fault's {name} can't be {value!r}.") from None
    return Fault(kind=kind, **options)


def fault_from_json(value: Any) -> Fault:
    """An object with the same names as the Python arguments; `body` is text."""
    if not isinstance(value, dict):
        raise ValueError("A fault must be a JSON object.")  # noqa: TRY004 - all refusals are ValueErrors
    unknown = [name for name in value if name not in (*_OPTIONS, *_EXTRA)]
    if unknown:
        known = ", ".join((*_OPTIONS, *_EXTRA))
        raise ValueError(f"A fault has no option {unknown[0]!r}; there are {known}.")
    body = value.get("body")
    if isinstance(body, str):
        value = {**value, "body": body.encode()}
    return Fault(**value)
