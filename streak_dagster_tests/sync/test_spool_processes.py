"""Spools between processes: held by one, left by a killed one, wanted by many."""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from streak_dagster.sync.spool import Spool
from streak_dagster.sync.spool_folders import open_spool
from streak_dagster_tests.support.processes import process, says
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually
from streak_dagster_tests.support.workers.spool import MANIFEST

pytestmark = pytest.mark.slow

WORKER = "streak_dagster_tests.support.workers.spool"


def opened(root: Path) -> Spool:
    return open_spool(root, MANIFEST, resume_within=3600)


def has_lines(root: Path, least: int) -> bool:
    """Whether a process has written so many answers by now."""
    return sum(path.read_bytes().count(b"\n") for path in root.glob("*/answers.jsonl")) >= least


def test_a_spool_that_a_living_process_holds_isnt_touched(tmp_path: Path) -> None:
    with process(WORKER, "hold", tmp_path) as holder:
        says(holder, "held")
        (held,) = tmp_path.iterdir()
        before = {path.name: path.read_bytes() for path in held.iterdir()}
        spool = opened(tmp_path)
        assert spool.folder != held
        assert spool.answers == []
        spool.discard()
        assert {path.name: path.read_bytes() for path in held.iterdir()} == before
        holder.communicate()
    spool = opened(tmp_path)
    assert (spool.folder, len(spool.answers)) == (held, 1)
    spool.discard()


def test_a_process_killed_while_appending_leaves_whole_answers_to_the_next(tmp_path: Path) -> None:
    known = 0
    for turn in range(6):
        with process(WORKER, "append", tmp_path) as writer:
            says(writer, "appending")
            # One at once, the others in the middle of ever more answers.
            eventually(partial(has_lines, tmp_path, known + turn), pause=0.0005)
            writer.kill()
            writer.wait()
        spool = opened(tmp_path)
        rows = [json.loads(line) for line in spool.rows_path.read_bytes().splitlines()]
        pages = [int(answer.token or "") for answer in spool.answers]
        assert pages == list(range(len(pages)))
        assert [row["page"] for row in rows] == [page for page in pages for _ in range(3)]
        assert len(pages) >= known
        known = len(pages)
        spool.close()
    assert known > 0
    opened(tmp_path).discard()


def test_processes_that_want_the_same_spool_never_get_in_each_others_way(tmp_path: Path) -> None:
    with ExitStack() as stack:
        workers = [stack.enter_context(process(WORKER, "churn", tmp_path)) for _ in range(4)]
        answers = [worker.communicate(timeout=MAX_WAIT) for worker in workers]
    assert [out.strip() for out, _ in answers] == ["done"] * 4, answers
    assert [worker.returncode for worker in workers] == [0] * 4
    opened(tmp_path).discard()
    assert not tmp_path.exists() or not list(tmp_path.iterdir())
