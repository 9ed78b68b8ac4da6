"""What a materialization says about itself: rows, calls, changes, a preview."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from dagster import MetadataValue

from streak_dagster import labels
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
    """Metadata entries by label, what is asked first on top: Dagster lists them in this order.

    Numbers are plain, so that Dagster plots them over time; one that is zero is left out, but for the count
    of rows. ``changes`` are what changed last, as rows; ``versions`` how many former versions are kept.
    """
    entries: dict[str, Any] = {labels.IN_SHORT: in_short(fetched, publication)}
    if fetched.plan is not None or fetched.since is not None:
        entries[labels.REFRESH] = fetched.mode
    entries |= {labels.ROWS: publication.rows, **_nonzero(_row_figures(fetched, publication))}
    entries |= _trouble_entries(fetched)
    if changes:
        entries[labels.CHANGES] = MetadataValue.md(markdown_table([*changes]))
    if publication.preview:
        entries[labels.PREVIEW] = MetadataValue.md(markdown_table(publication.preview))
    entries |= _nonzero(_call_figures(fetched)) | _since_entries(fetched)
    entries |= _audit_entries(fetched, publication.audit)
    return entries | _nonzero({labels.VERSIONS: versions or 0})


def in_short(fetched: Fetched, publication: Publication) -> str:
    """What is asked first, in a line: ``1,203 rows: 4 inserted, 1 deleted; 132 calls in 13 s (…)``."""
    changed = {
        "inserted": publication.inserted,
        "updated": publication.updated,
        "deleted": publication.deleted,
    }
    told = ", ".join(f"{count:,} {what}" for what, count in changed.items() if count) or "none changed"
    return f"{_count(publication.rows, 'row')}: {told}; {_spent(fetched)}"


def _spent(fetched: Fetched) -> str:
    calls, seconds = fetched.spent.calls, fetched.spent.seconds
    if not calls:
        return "no call"
    pace = f" ({calls / seconds:.1f} a second)" if calls > 1 and seconds >= 1 else ""
    return f"{_count(calls, 'call')} in {duration(seconds)}{pace}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _nonzero(figures: Mapping[str, float]) -> dict[str, float]:
    return {label: figure for label, figure in figures.items() if figure}


def _row_figures(fetched: Fetched, publication: Publication) -> dict[str, float]:
    return {
        labels.INSERTED: publication.inserted,
        labels.UPDATED: publication.updated,
        labels.DELETED: publication.deleted,
        labels.UNEXPLAINED: publication.deleted - publication.explained,
        labels.TWICE: publication.deduplicated,
        labels.WITHOUT_KEY: publication.without_key,
        labels.UNDECLARED: publication.with_extra,
        labels.NOT_LISTED: len(fetched.confirmed.keys),
    }


def _trouble_entries(fetched: Fetched) -> dict[str, Any]:
    """What went meanwhile or couldn't be read."""
    entries: dict[str, Any] = {}
    if fetched.unreadable:
        entries[labels.unreadable(_parents(fetched))] = _some(fetched.unreadable)
    if fetched.confirmed.unclear:
        entries[labels.UNCLEAR] = _some(fetched.confirmed.unclear)
    if fetched.gone:
        entries[labels.gone(_parents(fetched))] = _some(fetched.gone)
    return entries


def _call_figures(fetched: Fetched) -> dict[str, float]:
    """What was asked, and what a plan saved: one call for each box that wasn't."""
    spent, plan = fetched.spent, fetched.plan
    figures: dict[str, float] = {labels.CALLS: spent.calls}
    if plan is not None:
        parents = fetched.table.parent_row.many
        figures |= {
            labels.SAVED: plan.keep + plan.empty,
            labels.asked(parents): len(plan.fetch),
            labels.kept(parents): plan.keep,
            labels.empty(parents): plan.empty,
        }
    figures[labels.SECONDS] = round(spent.seconds, 2)
    if spent.calls > 1 and spent.seconds > 0:
        share = spent.calls / (spent.seconds * fetched.calls_per_second)
        figures[labels.BUDGET] = round(min(share, 1.0), 3)
    return figures | {
        labels.RETRIES: spent.retries,
        labels.REFUSALS: spent.rate_limited,
        labels.RESUMED: fetched.resumed,
    }


def _since_entries(fetched: Fetched) -> dict[str, Any]:
    """From when on the rows were asked for. How many calls that saved isn't known."""
    asked = fetched.since.asked if fetched.since else None
    if not asked:
        return {}
    return {
        labels.asked_since(fetched.table.parent_row.many): len(asked),
        labels.SAVED_SINCE: MetadataValue.timestamp(float(min(asked.values()))),
    }


def _audit_entries(fetched: Fetched, audit: Audit | None) -> dict[str, Any]:
    """What a changed refresh would have missed since the last complete one: in words, and to be plotted."""
    if audit is None:
        return {}
    parents = fetched.table.parent_row.many
    missed = "nothing"
    if audit.missed_rows or audit.missed_boxes:
        missed = f"{_count(audit.missed_rows, 'row')} of {audit.missed_boxes:,} {parents}"
    entries: dict[str, Any] = {labels.WOULD_MISS: missed}
    entries |= _nonzero(
        {
            labels.would_keep(parents): audit.kept + audit.empty,
            labels.would_miss(parents): audit.missed_boxes,
            labels.WOULD_MISS_ROWS: audit.missed_rows,
        }
    )
    if audit.examples:
        entries[labels.would_miss_which(parents)] = MetadataValue.json(audit.examples)
    return entries


def _parents(fetched: Fetched) -> str:
    return fetched.table.parents_called()[1]


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
