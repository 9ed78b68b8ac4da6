"""What a materialization says of itself on the asset's page: first what is asked first, and no flat plots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streak_dagster import labels
from streak_dagster.materialization import in_short, refresh_metadata
from streak_dagster.sync.fetched import Confirmed, Fetched, Spent
from streak_dagster.sync.plan import ReadingPlan
from streak_dagster.tables import BOX_COMMENTS, PIPELINE_STAGES, SNIPPETS
from streak_dagster.warehouse.audit import Audit
from streak_dagster.warehouse.publish import Publication

QUIET = Publication(rows=7, inserted=0, updated=0, deleted=0, deduplicated=0, with_extra=0, preview=[])
BUSY = replace(QUIET, inserted=3, updated=1, deleted=1, explained=1, preview=[{"key": "k"}])
ASKED = Spent(calls=132, seconds=13.2)


def numbers(entries: dict[str, Any]) -> dict[str, float]:
    """What Dagster plots."""
    return {label: value for label, value in entries.items() if isinstance(value, int | float)}


@pytest.fixture
def plan(tmp_path: Path) -> ReadingPlan:
    return ReadingPlan(tmp_path / "plan.parquet", changed=True, fetch=[("a", "mark", 2)], keep=100, empty=19)


def test_no_number_is_zero_but_for_the_rows() -> None:
    spent = Spent(calls=1, seconds=0.1)
    empty = replace(QUIET, rows=0)
    assert numbers(refresh_metadata(Fetched(SNIPPETS, None, spent=spent), empty, versions=0)) == {
        labels.ROWS: 0,
        labels.CALLS: 1,
        labels.SECONDS: 0.1,
    }


def test_a_derived_table_has_nothing_to_say_of_calls() -> None:
    entries = refresh_metadata(Fetched(PIPELINE_STAGES, None), QUIET)
    assert list(entries) == [labels.IN_SHORT, labels.ROWS]
    assert entries[labels.IN_SHORT] == "7 rows: none changed; no call"


def test_what_is_asked_first_comes_first(plan: ReadingPlan) -> None:
    fetched = Fetched(
        BOX_COMMENTS, None, spent=ASKED, calls_per_second=10.0, plan=plan, unreadable={"b": "?"}
    )
    entries = refresh_metadata(fetched, BUSY, [{"box": "Quay"}], versions=4)
    assert list(entries) == [
        labels.IN_SHORT,
        labels.REFRESH,
        labels.ROWS,
        labels.INSERTED,
        labels.UPDATED,
        labels.DELETED,
        labels.unreadable("boxes"),
        labels.CHANGES,
        labels.PREVIEW,
        labels.CALLS,
        labels.SAVED,
        labels.asked("boxes"),
        labels.kept("boxes"),
        labels.empty("boxes"),
        labels.SECONDS,
        labels.BUDGET,
        labels.VERSIONS,
    ]
    assert entries[labels.SAVED] == 119
    assert entries[labels.BUDGET] == 1.0


@pytest.mark.parametrize(
    ("publication", "spent", "told"),
    [
        (BUSY, ASKED, "7 rows: 3 inserted, 1 updated, 1 deleted; 132 calls in 13 s (10.0 a second)"),
        (replace(QUIET, rows=1, deleted=2), Spent(calls=1, seconds=0.2), "1 row: 2 deleted; 1 call in 0 s"),
        (replace(QUIET, rows=12_345), Spent(), "12,345 rows: none changed; no call"),
    ],
)
def test_one_sentence_says_it_in_short(publication: Publication, spent: Spent, told: str) -> None:
    assert in_short(Fetched(SNIPPETS, None, spent=spent), publication) == told


@pytest.mark.parametrize(
    ("audit", "told", "plotted"),
    [
        (
            Audit(100, 19, missed_boxes=0, missed_rows=0, examples=[]),
            "nothing",
            {labels.would_keep("boxes"): 119},
        ),
        (
            Audit(100, 0, missed_boxes=2, missed_rows=3, examples=["a", "b"]),
            "3 rows of 2 boxes",
            {labels.would_keep("boxes"): 100, labels.would_miss("boxes"): 2, labels.WOULD_MISS_ROWS: 3},
        ),
    ],
)
def test_what_a_changed_refresh_would_have_missed_is_always_told(
    audit: Audit, told: str, plotted: dict[str, int]
) -> None:
    entries = refresh_metadata(Fetched(BOX_COMMENTS, None), replace(QUIET, audit=audit))
    assert entries[labels.WOULD_MISS] == told
    assert {label: each for label, each in numbers(entries).items() if label != labels.ROWS} == plotted
    assert (labels.would_miss_which("boxes") in entries) == bool(audit.examples)


def test_what_is_unexplained_or_odd_is_told_only_where_it_is() -> None:
    odd = replace(QUIET, deleted=5, explained=2, deduplicated=1, without_key=2, with_extra=3)
    found = Confirmed(keys=("a",), unclear={"b": "HTTP 500"})
    entries = refresh_metadata(Fetched(BOX_COMMENTS, None, confirmed=found, gone={"c": "404"}), odd)
    assert {label: entries[label] for label in (labels.UNEXPLAINED, labels.TWICE, labels.WITHOUT_KEY)} == {
        labels.UNEXPLAINED: 3,
        labels.TWICE: 1,
        labels.WITHOUT_KEY: 2,
    }
    assert {labels.UNDECLARED, labels.NOT_LISTED, labels.UNCLEAR, labels.gone("boxes")} <= entries.keys()


def test_what_is_absent_is_zero() -> None:
    assert labels.figure({}, labels.INSERTED) == 0
    assert labels.figure({labels.INSERTED: 2}, labels.INSERTED) == 2
