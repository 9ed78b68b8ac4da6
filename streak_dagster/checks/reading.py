"""Was every box read? A box that couldn't be keeps its former rows, and this check names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster import AssetCheckResult, AssetCheckSeverity, AssetCheckSpec, AssetKey, MetadataValue

if TYPE_CHECKING:
    from streak_dagster.sync.refresh import Refresh

_NAME = "every_box_was_read"
_MOST_NAMED = 20


def reading_check(asset: AssetKey) -> AssetCheckSpec:
    """The check's spec for a table that is read box by box."""
    return AssetCheckSpec(
        _NAME,
        asset=asset,
        description="Every box answered. Warns with the boxes that didn't, whose former rows were kept.",
    )


def every_box_was_read(refresh: Refresh) -> AssetCheckResult:
    """Passes when no box was left out of the refresh."""
    named = dict(list(refresh.unreadable.items())[:_MOST_NAMED])
    return AssetCheckResult(
        check_name=_NAME,
        passed=not refresh.unreadable,
        severity=AssetCheckSeverity.WARN,
        metadata={
            "boxes": refresh.parents,
            "boxes that couldn't be read": len(refresh.unreadable),
            "which and why": MetadataValue.json(named),
        },
    )
