"""What a materialization says about itself: rows, calls, changes, a preview."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from dagster import MetadataValue

from streak_dagster.sync.progress import duration

if TYPE_CHECKING:
    from streak_dagster.sync.refresh import Refresh
    from streak_dagster.warehouse.audit import Audit
    from streak_dagster.warehouse.publish import Publication

_MAX_NAMED = 20
_MAX_CELL = 60


def refresh_metadata(refresh: Refresh, publication: Publication) -> dict[str, Any]:
    """Metadata entries by label. Numbers are plain, so that Dagster plots them over time."""
    entries: dict[str, Any] = {
        "dagster/row_count": publication.rows,
        "inserted": publication.inserted,
        "updated": publication.updated,
        "deleted": publication.deleted,
        "calls": refresh.calls,
        "retries": refresh.retries,
        "refusals (429)": refresh.rate_limited,
        "seconds asking": round(refresh.seconds, 2),
    }
    if refresh.calls > 1 and refresh.seconds > 0:
        entries["calls a second"] = round(refresh.calls / refresh.seconds, 2)
        share = refresh.calls / (refresh.seconds * refresh.calls_per_second)
        entries["share of the budget"] = round(min(share, 1.0), 3)
    if publication.deleted:
        entries["deleted without explanation"] = publication.deleted - publication.explained
    entries |= _plan_entries(refresh) | _audit_entries(publication.audit) | _kept_entries(refresh)
    if refresh.resumed:
        entries["answers kept from a refresh that was cut short"] = refresh.resumed
    if publication.deduplicated:
        entries["rows that came twice"] = publication.deduplicated
    if publication.with_extra:
        entries["rows with undeclared properties"] = publication.with_extra
    if refresh.gone:
        entries["gone meanwhile"] = _some(refresh.gone)
    if publication.preview:
        entries["preview"] = MetadataValue.md(markdown_table(publication.preview))
    return entries


def _kept_entries(refresh: Refresh) -> dict[str, Any]:
    """What is there although no list showed it, or couldn't be read."""
    entries: dict[str, Any] = {}
    if refresh.confirmed_keys:
        entries["rows that no list showed, but are there"] = len(refresh.confirmed_keys)
    if refresh.unreadable:
        parents = refresh.table.parent_row.many
        entries[f"{parents} that couldn't be read, kept as they were"] = _some(refresh.unreadable)
    if refresh.unclear:
        entries["rows that no list showed and no answer told of, kept as they were"] = _some(refresh.unclear)
    return entries


def _plan_entries(refresh: Refresh) -> dict[str, Any]:
    """Which boxes were asked, and what the others saved: one call each, at the budget's pace."""
    plan = refresh.plan
    if plan is None:
        return {}
    saved = plan.keep + plan.empty
    return {
        "refresh": "changed" if plan.changed else "complete",
        "boxes fetched": len(plan.fetch),
        "boxes kept": plan.keep,
        "boxes empty": plan.empty,
        "calls saved": saved,
        "seconds saved": round(saved / refresh.calls_per_second, 1) if refresh.calls_per_second else 0.0,
    }


def _audit_entries(audit: Audit | None) -> dict[str, Any]:
    """What a changed refresh would have missed; plotted over time by Dagster."""
    if audit is None:
        return {}
    entries: dict[str, Any] = {
        "changed would keep boxes": audit.kept + audit.empty,
        "changed would miss boxes": audit.missed_boxes,
        "changed would miss rows": audit.missed_rows,
    }
    if audit.examples:
        entries["boxes that changed would miss"] = MetadataValue.json(audit.examples)
    return entries


def _some(reasons: dict[str, str]) -> MetadataValue:
    """The first keys with their reasons, and how many there are."""
    return MetadataValue.json({"count": len(reasons), "some": dict(list(reasons.items())[:_MAX_NAMED])})


def refresh_sentence(refresh: Refresh, publication: Publication) -> str:
    """One line for the log."""
    return (
        f"{refresh.table.name}: {publication.rows:,} rows published ({publication.inserted:,} inserted, "
        f"{publication.updated:,} updated, {publication.deleted:,} deleted), {refresh.calls:,} calls "
        f"in {duration(refresh.seconds)}"
    )


def refresh_record(
    refresh: Refresh, publication: Publication, run_id: str, *, first: bool = False
) -> dict[str, Any]:
    """The line of ``streak_meta.refreshes``; times in milliseconds.

    The ``first`` publication of an account has lost nothing, whatever another one had there.
    """
    return {
        "table_name": refresh.table.name,
        "run_id": run_id,
        "started_at": refresh.spool.started_at,
        "published_at": time.time_ns() // 1_000_000,
        "declaration": refresh.declaration,
        "rows": publication.rows,
        "inserted": publication.rows if first else publication.inserted,
        "updated": 0 if first else publication.updated,
        "deleted": 0 if first else publication.deleted,
        "explained": 0 if first else publication.explained,
        "calls": refresh.calls,
        "seconds": refresh.seconds,
        "mode": "changed" if refresh.plan is not None and refresh.plan.changed else "complete",
    }


def audit_record(refresh: Refresh, audit: Audit, run_id: str) -> dict[str, Any]:
    """The line of ``streak_meta.audits``; times in milliseconds."""
    return {
        "table_name": refresh.table.name,
        "run_id": run_id,
        "published_at": time.time_ns() // 1_000_000,
        "boxes_kept": audit.kept,
        "boxes_empty": audit.empty,
        "boxes_missed": audit.missed_boxes,
        "rows_missed": audit.missed_rows,
        "examples": json.dumps(audit.examples),
    }


def markdown_table(rows: list[dict[str, Any]]) -> str:
    """``rows``, which all have the same columns, as a Markdown table with short cells."""
    columns = list(rows[0])
    lines = [columns, ["---"] * len(columns), *([_cell(row[name]) for name in columns] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = " ".join(str(value).split()).replace("|", "\\|")
    return text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"
