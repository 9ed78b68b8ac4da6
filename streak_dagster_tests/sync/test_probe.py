"""What a look at Streak takes for the end of a list, and for all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streak_dagster.sandbox import Variants, generated_workspace
from streak_dagster.sync.probe import MAX_CALLS, Position, Probe
from streak_dagster.tables import PIPELINE_BOXES
from streak_dagster_tests.support.answers import Connect
from streak_dagster_tests.support.sandboxes import sandbox_of

SILENT = {"pipeline_counts": "none"}


def looks(connect: Connect, folder: Path, variants: Variants, number: int) -> tuple[set[str], set[str], int]:
    """So many looks at 30 boxes of one pipeline, by pages of 5: boxes seen, lists read whole, calls."""
    boxes, whole, position, calls = set[str](), set[str](), Position(), 0
    with sandbox_of(generated_workspace(30, pipelines=1), variants=variants) as sandbox:
        client = connect(sandbox.url).client
        for _ in range(number):
            with Probe(folder, account="account", page_size=5) as probe:
                position = probe.look(client, position)
                seen = probe.seen[PIPELINE_BOXES.name]
                boxes |= {row["key"] for row in seen.spool.rows()}
                whole |= seen.whole
                assert probe.calls <= MAX_CALLS
                calls += probe.calls
    return boxes, whole, calls


@pytest.mark.parametrize("counts", ["none", "both"])
def test_a_filtered_page_hides_no_older_ones_from_the_looks(
    connect: Connect, tmp_path: Path, counts: Any
) -> None:
    variants = Variants(unseen_boxes=7, pipeline_counts=counts)
    boxes, whole, _ = looks(connect, tmp_path, variants, 2)
    assert (len(boxes), whole) == (30, set())


def test_a_short_page_without_streaks_word_is_never_the_whole_list(connect: Connect, tmp_path: Path) -> None:
    _, whole, _ = looks(connect, tmp_path, Variants(max_page_limit=30), 3)
    assert whole == set()
