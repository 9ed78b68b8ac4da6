"""What was found in a table, as results of its checks: passed or not, how bad, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster import AssetCheckResult, AssetCheckSeverity, MetadataValue

from streak_dagster.warehouse.drift import find_drift
from streak_dagster.warehouse.guards import HANDFUL
from streak_dagster.warehouse.inspection import compare_counters, inspect_keys
from streak_dagster.warehouse.pipeline_counts import compare_pipelines
from streak_dagster.warehouse.recorded import last_dropped
from streak_dagster.warehouse.references import find_orphans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streak_dagster.tables import Table
    from streak_dagster.warehouse.references import Reference
    from streak_dagster.warehouse.session import Session


@dataclass(frozen=True)
class NothingYet:
    """A check has nothing to judge yet, and why: neither passed nor failed, so it isn't evaluated."""

    check: str
    reason: str


MAX_DROPPED = 0.1
_MAX_NAMED = 20


def primary_key(session: Session, table: Table) -> AssetCheckResult:
    """An error, and the only check that blocks: joins on a broken key multiply or lose rows."""
    keys = inspect_keys(session, table)
    metadata: dict[str, Any] = {
        "rows": keys.rows,
        "rows without key": keys.without_key,
        "keys that stand twice": keys.twice,
        "examples": MetadataValue.json(keys.examples),
    }
    if keys.not_there:
        metadata["columns that the table lacks"] = MetadataValue.json(keys.not_there)
    return result("primary_key", metadata, passed=keys.whole, severity=AssetCheckSeverity.ERROR)


def foreign_keys(
    session: Session,
    table: Table,
    references: Iterable[Reference],
    not_all_of: frozenset[str] = frozenset(),
) -> AssetCheckResult:
    """These references of the table together; those to tables in ``not_all_of`` can't be compared."""
    compared: dict[str, int] = {}
    not_compared: dict[str, str] = {}
    examples: dict[str, Any] = {}
    tolerated: dict[str, str] = {}
    orphans = 0
    for reference in references:
        subject = f"{reference.column} -> {reference.target.name}"
        if reference.target.name in not_all_of:
            not_compared[subject] = "STREAK_PIPELINES leaves some out"
            continue
        found = find_orphans(session, table, reference)
        if found is None:
            not_compared[subject] = "isn't in the database, or has other columns there"
            continue
        compared[subject] = found.rows
        why = reference.target.named_beyond_it
        if why is not None:
            if found.orphans:
                tolerated[subject] = f"{found.orphans:,} rows: {why}"
            continue
        orphans += found.orphans
        if found.orphans:
            examples[subject] = found.examples
    metadata: dict[str, Any] = {
        "references that lead nowhere": orphans,
        "rows compared": MetadataValue.json(compared),
        "examples": MetadataValue.json(examples),
    }
    if tolerated:
        metadata["lead nowhere, which is no fault"] = MetadataValue.json(tolerated)
    if not_compared:
        metadata["not compared"] = MetadataValue.json(not_compared)
    return result("foreign_keys", metadata, passed=not orphans)


def schema_drift(session: Session, table: Table) -> AssetCheckResult:
    drift = find_drift(session, table)
    gone = {each.column: f"{each.share:.0%} of the rows at {each.at}" for each in drift.gone}
    found: dict[str, dict[str, int] | dict[str, str]] = {
        "undeclared properties": drift.unknown,
        "types changed": drift.changed,
        "names that contradict their column": drift.contradicting,
        "properties gone": gone,
    }
    metadata = {
        label: MetadataValue.json(dict(list(names.items())[:_MAX_NAMED])) for label, names in found.items()
    }
    return result("schema_drift", metadata, passed=not drift)


def pipelines_agree(session: Session) -> AssetCheckResult:
    """``counters_agree`` of the boxes: the counters are those of their pipelines and stages."""
    found = compare_pipelines(session)
    compared = found is not None and found.pipelines + found.stages > 0
    if found is None or not compared:
        told = {"not compared": "the pipelines don't say how many boxes they have"}
        return result("counters_agree", told, passed=True)
    metadata = {
        "pipelines compared": found.pipelines,
        "stages compared": found.stages,
        "pipelines that differ": found.differing,
        "examples": MetadataValue.json(found.examples),
    }
    return result("counters_agree", metadata, passed=not found.differing)


def counters_agree(session: Session, table: Table) -> AssetCheckResult:
    found = compare_counters(session, table)
    if found is None:
        return result("counters_agree", {"boxes compared": 0}, passed=True)
    metadata = {
        "boxes compared": found.compared,
        "boxes that differ": found.boxes,
        "examples": MetadataValue.json(found.examples),
    }
    return result("counters_agree", metadata, passed=not found.boxes)


def few_rows_dropped(session: Session, table: Table) -> AssetCheckResult:
    dropped = last_dropped(session, table)
    if dropped is None:
        told = {"not compared": "there is no earlier publication"}
        return result("few_rows_dropped", told, passed=True)
    metadata = {
        "rows before": dropped.before,
        "deleted": dropped.deleted,
        "without explanation": dropped.unexplained,
        "share without explanation": round(dropped.share, 4),
    }
    few = dropped.unexplained <= HANDFUL or dropped.share <= MAX_DROPPED
    return result("few_rows_dropped", metadata, passed=few and dropped.deleted < dropped.before)


def result(
    name: str,
    metadata: dict[str, Any],
    *,
    passed: bool,
    severity: AssetCheckSeverity = AssetCheckSeverity.WARN,
) -> AssetCheckResult:
    return AssetCheckResult(
        check_name=name,
        passed=passed,
        severity=severity,
        metadata=metadata,
    )
