"""The faults that pass by themselves, each as a test plans it, and what a journal says about a load."""

from __future__ import annotations

from collections import Counter
from typing import Any

from streak_dagster.sandbox import Sandbox

PASSING: dict[str, dict[str, Any]] = {
    "rate_limited_seconds": {},
    "rate_limited_date": {},
    "rate_limited": {},
    "error_500": {},
    "error_502": {},
    "error_503": {},
    "error_503_retry_after": {},
    "error_504": {},
    "reset": {},
    "half_body": {},
    "truncated_json": {},
    "html": {},
    "null": {},
    "empty": {},
    "success_false": {},
    "envelope data": {"form": "data"},
    "envelope results_map": {"form": "results_map"},
    "envelope nested": {"form": "nested"},
    "envelope string": {"form": "string"},
    "envelope number": {"form": "number"},
    "hang": {"seconds": 30},
    "slow": {"seconds": 30},
    "drip": {"seconds": 0},
    "duplicate_page": {},
    "repeated_record": {},
}
"""Each kind with its own parameters; what follows a space tells the forms of one kind apart."""

HARMLESS = {"drip", "repeated_record", "duplicate_page"}
"""Kinds of which a load need not fail even where every answer has them."""

SILENT = {"hang", "slow"}
"""Kinds of which the client knows only by waiting."""


def kind_of(name: str) -> str:
    """The kind of fault that ``PASSING`` has under ``name``."""
    return name.split(maxsplit=1)[0]


def plan(sandbox: Sandbox, name: str, path: str = "", **how: Any) -> Any:
    """Plan the fault that ``PASSING`` calls ``name``."""
    return sandbox.faults.add(path, kind=kind_of(name), **{**PASSING[name], **how})


def repeated(sandbox: Sandbox) -> list[str]:
    """What was asked again although it had been answered as it should be."""
    answered = Counter(
        f"{each.method} {each.path}?{each.query}" for each in sandbox.journal.arrivals if each.kind == "ok"
    )
    return [asked for asked, times in answered.items() if times > 1]
