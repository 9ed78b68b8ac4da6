"""What the figures of a materialization are called, in Dagster's metadata.

The part before the colon groups them where Dagster sorts by label, as on the page of the plots. A figure that
is zero is left out, or Dagster would draw a flat line for it: absent is zero (``figure``). Only the count of
rows is always there, under the label that Dagster itself gives a place on its pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

IN_SHORT = "in short"
REFRESH = "refresh"

ROWS = "dagster/row_count"
INSERTED = "rows: inserted"
UPDATED = "rows: updated"
DELETED = "rows: deleted"
UNEXPLAINED = "rows: deleted without explanation"
TWICE = "rows: came twice"
WITHOUT_KEY = "rows: without a key, left out"
UNDECLARED = "rows: with undeclared properties"
NOT_LISTED = "rows: in no list, but there"
UNCLEAR = "rows: in no list, and nothing else told of, kept as they were"
SAVED_SINCE = "rows: asked for those saved since"

CALLS = "calls: made"
SECONDS = "calls: seconds"
BUDGET = "calls: share of the budget"
RETRIES = "calls: retries"
REFUSALS = "calls: refusals (429)"
SAVED = "calls: saved"
RESUMED = "calls: answered before it was cut short"

CHANGES = "what changed last"
PREVIEW = "preview"
VERSIONS = "history: former versions kept"

VIEWS = "views"
ROWS_BY_VIEW = "views: rows of each"


def asked(parents: str) -> str:
    """Of a table that is listed by parent: those whose rows were asked for."""
    return f"{parents}: asked"


def kept(parents: str) -> str:
    """Those that weren't, because nothing showed a change."""
    return f"{parents}: kept"


def empty(parents: str) -> str:
    """Those that weren't, because their counter is zero."""
    return f"{parents}: empty"


def asked_since(parents: str) -> str:
    """Those asked for what changed, and not for all."""
    return f"{parents}: asked for what changed"


def gone(parents: str) -> str:
    """Those that Streak no longer had when their rows were asked for, with what it answered."""
    return f"{parents}: gone meanwhile"


def unreadable(parents: str) -> str:
    """Those that couldn't be read, with the reason."""
    return f"{parents}: couldn't be read, kept as they were"


WOULD_MISS = "changed would miss: in all"
"""In words, also where it is nothing: what a changed refresh would have missed."""
WOULD_MISS_ROWS = "changed would miss: rows"


def would_miss(parents: str) -> str:
    return f"changed would miss: {parents}"


def would_miss_which(parents: str) -> str:
    return f"changed would miss: which {parents}"


def would_keep(parents: str) -> str:
    return f"changed would keep: {parents}"


def figure(metadata: Mapping[str, Any], label: str) -> Any:
    """The number under a label; 0 where it is absent. Takes plain values and Dagster's."""
    found = metadata.get(label, 0)
    return getattr(found, "value", found)
