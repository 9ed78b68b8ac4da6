"""What each reading of the boxes showed, as checks that warn.

Was every box read? And would a changed refresh have been true? Both are about the reading, so they
can't be told from the tables afterwards, as those of ``table_checks`` can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagster import AssetCheckResult, AssetCheckSeverity, AssetCheckSpec, AssetKey, MetadataValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streak_dagster.sync.refresh import Refresh

_MAX_NAMED = 20
_DESCRIPTIONS = {
    "every_box_was_read": "Every box answered. Warns with boxes that didn't; their former rows were kept.",
    "changed_would_be_true": (
        "A changed refresh would have kept no wrong row. Measured by each complete refresh on this account; "
        "warns with the boxes whose rows moved while their counters and times did not."
    ),
}


def reading_checks(asset: AssetKey) -> list[AssetCheckSpec]:
    """The checks of a table that is read box by box."""
    return [
        AssetCheckSpec(name, asset=asset, description=description)
        for name, description in _DESCRIPTIONS.items()
    ]


def reading_results(refresh: Refresh) -> Iterator[AssetCheckResult]:
    """Their results, once the refresh is published."""
    yield _every_box_was_read(refresh)
    yield _changed_would_be_true(refresh)


def _every_box_was_read(refresh: Refresh) -> AssetCheckResult:
    named = dict(list(refresh.unreadable.items())[:_MAX_NAMED])
    return _result(
        "every_box_was_read",
        not refresh.unreadable,
        {
            "boxes": refresh.parents,
            "boxes that couldn't be read": len(refresh.unreadable),
            "which and why": MetadataValue.json(named),
        },
    )


def _changed_would_be_true(refresh: Refresh) -> AssetCheckResult:
    audit = refresh.publication.audit if refresh.publication else None
    if audit is None:
        told = "measured by a complete refresh after an earlier one"
        return _result("changed_would_be_true", True, {"not measured": told})  # noqa: FBT003 - passed
    return _result(
        "changed_would_be_true",
        not audit.missed_boxes,
        {
            "boxes that would not be asked": audit.kept + audit.empty,
            "boxes missed": audit.missed_boxes,
            "rows missed": audit.missed_rows,
            "examples": MetadataValue.json(audit.examples),
        },
    )


def _result(name: str, passed: bool, metadata: dict[str, Any]) -> AssetCheckResult:  # noqa: FBT001
    return AssetCheckResult(
        check_name=name, passed=passed, severity=AssetCheckSeverity.WARN, metadata=metadata
    )
