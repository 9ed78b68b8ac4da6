"""What a materialization says about itself: rows, calls, changes, a preview."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from dagster import MetadataValue

from streak_dagster.sync.progress import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.warehouse.audit import Audit
    from streak_dagster.warehouse.publish import Publication

_MAX_NAMED = 20
_MAX_CELL = 60
_LINK = "[open](https://"


def refresh_metadata(
    fetched: Fetched,
    publication: Publication,
    changes: Sequence[dict[str, Any]] = (),
    versions: int | None = None,
) -> dict[str, Any]:
    """Metadata entries by label. Numbers are plain, so that Dagster plots them over time.

    ``changes`` are what changed last, as rows; ``versions`` how many former versions of rows are kept.
    """
    entries: dict[str, Any] = {
        "dagster/row_count": publication.rows,
        "inserted": publication.inserted,
        "updated": publication.updated,
        "deleted": publication.deleted,
        "calls": fetched.spent.calls,
        "retries": fetched.spent.retries,
        "refusals (429)": fetched.spent.rate_limited,
        "seconds asking": round(fetched.spent.seconds, 2),
    }
    if fetched.spent.calls > 1 and fetched.spent.seconds > 0:
        entries["calls a second"] = round(fetched.spent.calls / fetched.spent.seconds, 2)
        share = fetched.spent.calls / (fetched.spent.seconds * fetched.calls_per_second)
        entries["share of the budget"] = round(min(share, 1.0), 3)
    if publication.deleted:
        entries["deleted without explanation"] = publication.deleted - publication.explained
    entries |= _plan_entries(fetched) | _since_entries(fetched) | _audit_entries(fetched, publication.audit)
    entries |= _kept_entries(fetched)
    if fetched.resumed:
        entries["answers kept from a refresh that was cut short"] = fetched.resumed
    if publication.deduplicated:
        entries["rows that came twice"] = publication.deduplicated
    if publication.without_key:
        entries["records without a key, left out"] = publication.without_key
    if publication.with_extra:
        entries["rows with undeclared properties"] = publication.with_extra
    if fetched.gone:
        entries["gone meanwhile"] = _some(fetched.gone)
    entries |= _history_entries(changes, versions)
    if publication.preview:
        entries["preview"] = MetadataValue.md(markdown_table(publication.preview))
    return entries


def _history_entries(changes: Sequence[dict[str, Any]], versions: int | None) -> dict[str, Any]:
    """What history knows of the table, and what was added to it now."""
    entries: dict[str, Any] = {} if versions is None else {"former versions kept": versions}
    if changes:
        entries["what changed last"] = MetadataValue.md(markdown_table([*changes]))
    return entries


def _kept_entries(fetched: Fetched) -> dict[str, Any]:
    """What is there although no list showed it, or couldn't be read."""
    entries: dict[str, Any] = {}
    if fetched.confirmed.keys:
        entries["rows that no list showed, but are there"] = len(fetched.confirmed.keys)
    if fetched.unreadable:
        _, parents = fetched.table.parents_called()
        entries[f"{parents} that couldn't be read, kept as they were"] = _some(fetched.unreadable)
    if fetched.confirmed.unclear:
        entries["rows that no list showed and no answer told of, kept as they were"] = _some(
            fetched.confirmed.unclear
        )
    return entries


def _plan_entries(fetched: Fetched) -> dict[str, Any]:
    """Which boxes were asked, and what the others saved: one call each, at the budget's pace."""
    plan = fetched.plan
    if plan is None:
        return {}
    saved = plan.keep + plan.empty
    return {
        "refresh": fetched.mode,
        "boxes fetched": len(plan.fetch),
        "boxes kept": plan.keep,
        "boxes empty": plan.empty,
        "calls saved": saved,
        "seconds saved": round(saved / fetched.calls_per_second, 1) if fetched.calls_per_second else 0.0,
    }


def _since_entries(fetched: Fetched) -> dict[str, Any]:
    """From when on the rows were asked for. How many calls that saved isn't known."""
    if fetched.since is None:
        return {}
    entries: dict[str, Any] = {"refresh": fetched.mode}
    if asked := fetched.since.asked:
        parents = fetched.table.parent_row.many
        entries[f"{parents} asked for what changed"] = len(asked)
        entries["asked for rows saved since"] = MetadataValue.timestamp(float(min(asked.values())))
    return entries


def _audit_entries(fetched: Fetched, audit: Audit | None) -> dict[str, Any]:
    """What a changed refresh would have missed; plotted over time by Dagster."""
    if audit is None:
        return {}
    parents = fetched.table.parent_row.many
    entries: dict[str, Any] = {
        f"changed would keep {parents}": audit.kept + audit.empty,
        f"changed would miss {parents}": audit.missed_boxes,
        "changed would miss rows": audit.missed_rows,
    }
    if audit.examples:
        entries[f"{parents} that changed would miss"] = MetadataValue.json(audit.examples)
    return entries


def _some(reasons: Mapping[str, str]) -> MetadataValue:
    """The first keys with their reasons, and how many there are."""
    return MetadataValue.json({"count": len(reasons), "some": dict(list(reasons.items())[:_MAX_NAMED])})


def refresh_sentence(fetched: Fetched, publication: Publication) -> str:
    """One line for the log."""
    return (
        f"{fetched.table.name}: {publication.rows:,} rows published ({publication.inserted:,} inserted, "
        f"{publication.updated:,} updated, {publication.deleted:,} deleted), {fetched.spent.calls:,} calls "
        f"in {duration(fetched.spent.seconds)}"
    )


def refresh_record(
    fetched: Fetched, publication: Publication, run_id: str, *, first: bool = False
) -> dict[str, Any]:
    """The line of ``streak_meta.refreshes``; times in milliseconds.

    The ``first`` publication of an account has lost nothing, whatever another one had there.
    """
    return {
        "table_name": fetched.table.name,
        "run_id": run_id,
        "started_at": fetched.started_at,
        "published_at": time.time_ns() // 1_000_000,
        "declaration": fetched.source.declaration,
        "rows": publication.rows,
        "inserted": publication.rows if first else publication.inserted,
        "updated": 0 if first else publication.updated,
        "deleted": 0 if first else publication.deleted,
        "explained": 0 if first else publication.explained,
        "calls": fetched.spent.calls,
        "seconds": fetched.spent.seconds,
        "parents": fetched.parents if fetched.table.is_listed_by_parent else None,
        "mode": fetched.mode,
    }


def audit_record(fetched: Fetched, audit: Audit, run_id: str) -> dict[str, Any]:
    """The line of ``streak_meta.audits``; times in milliseconds."""
    return {
        "table_name": fetched.table.name,
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
    if text.startswith(_LINK):  # cut short, it would lead nowhere
        return text
    return text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"
