"""A yes or no as people write it into JSON: ``true``, but also ``"true"``, ``"True"``, 1 and ``"1"``."""

from __future__ import annotations

from typing import Any

_WORDS = {"true": True, "1": True, "false": False, "0": False}


def read_flag(value: Any) -> bool | None:
    """What ``value`` says, or None where it says neither."""
    if isinstance(value, str):
        return _WORDS.get(value.strip().lower())
    if isinstance(value, bool | int | float) and value in (0, 1):
        return bool(value)
    return None
