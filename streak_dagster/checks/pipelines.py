"""Whether every pipeline could be read: a check that is an error, but stops nothing.

What is made from the table goes on with the rows that one pipeline had before. But they grow old, and
somebody has to do something about that.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from dagster import AssetCheckResult, AssetCheckSeverity, AssetCheckSpec, AssetKey

from streak_dagster.sync.selection import plain_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streak_dagster.sync.refresh import Refresh

NAME = "every_pipeline_was_read"
_MAX_NAMED = 20
_PLAIN = frozenset(" -_.")
"""What a name may hold beside letters and digits, to be written into a setting as it is."""


def pipeline_reading_check(asset: AssetKey) -> list[AssetCheckSpec]:
    """The check of a table that is read pipeline by pipeline."""
    told = "Every pipeline answered. Fails with those that didn't, and says how to leave them out meanwhile; "
    return [AssetCheckSpec(NAME, asset=asset, description=f"{told}their former rows were kept.")]


def pipeline_reading_result(refresh: Refresh, names: Mapping[str, str]) -> AssetCheckResult:
    """Its result, once the refresh is published. ``names`` are those of the copied pipelines, by key."""
    unread = refresh.unreadable
    metadata: dict[str, Any] = {"pipelines": len(names), "pipelines that couldn't be read": len(unread)}
    if unread:
        metadata |= {
            "which and why": _which_and_why(unread, names),
            "to leave it out meanwhile, with all its rows": _without(unread, names),
        }
    return AssetCheckResult(
        check_name=NAME, passed=not unread, severity=AssetCheckSeverity.ERROR, metadata=metadata
    )


def _which_and_why(unread: Mapping[str, str], names: Mapping[str, str]) -> str:
    told = [f"{names.get(key) or 'without a name'} ({key}): {reason}" for key, reason in unread.items()]
    more = [f"and {len(told) - _MAX_NAMED} more"] if len(told) > _MAX_NAMED else []
    return " ".join([*told[:_MAX_NAMED], *more])


def _without(unread: Mapping[str, str], names: Mapping[str, str]) -> str:
    """The setting that copies the other pipelines alone."""
    times = Counter(map(plain_name, names.values()))
    others = [
        name if times[plain_name(name)] == 1 and _is_plain(name) else key
        for key, name in names.items()
        if key not in unread
    ]
    return f"STREAK_PIPELINES={','.join(others)}"


def _is_plain(name: str) -> bool:
    """Whether a list that is parted by commas may name it, in ``.env`` too: otherwise its key does."""
    return name == name.strip() != "" and all(each.isalnum() or each in _PLAIN for each in name)
