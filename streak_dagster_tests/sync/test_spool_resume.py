"""What a spool takes up again: whole answers from the beginning, never a torn row."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.sync.spool import Manifest, Spool
from streak_dagster.sync.spool_folders import open_spool
from streak_dagster_tests.support.waiting import MAX_WAIT

MANIFEST = Manifest("account", "things", "declaration")
ANSWERS = [("a", 2), ("b", 0), ("c", 1), ("d", 3)]


def reopened(root: Path, manifest: Manifest = MANIFEST, resume_within: float = 3600) -> Spool:
    return open_spool(root, manifest, resume_within=resume_within)


def keep(spool: Spool, parent: str, rows: int) -> None:
    spool.append(
        [{"key": f"{parent}{place}", "text": "x" * 40} for place in range(rows)],
        parent=parent, token="0", more=False, digest=parent,
    )  # fmt: skip


def filled(root: Path, answers: list[tuple[str, int]] = ANSWERS) -> Path:
    """The folder of a spool with these answers, left to be resumed."""
    spool = reopened(root)
    for parent, rows in answers:
        keep(spool, parent, rows)
    spool.close()
    return spool.folder


def keys(spool: Spool) -> list[str]:
    return [json.loads(line)["key"] for line in spool.rows_path.read_bytes().splitlines()]


def assert_whole_prefix(spool: Spool) -> int:
    """The spool holds the first answers with all their rows and nothing else; returns how many."""
    held = [(answer.parent, answer.count) for answer in spool.answers]
    assert held == ANSWERS[: len(held)]
    assert keys(spool) == [f"{parent}{place}" for parent, rows in held for place in range(rows)]
    return len(held)


def test_everything_is_taken_up_again(tmp_path: Path) -> None:
    folder = filled(tmp_path)
    spool = reopened(tmp_path)
    assert spool.folder == folder
    assert assert_whole_prefix(spool) == len(ANSWERS)
    spool.discard()


def test_what_streak_said_of_a_gone_parent_is_taken_up_again(tmp_path: Path) -> None:
    spool = reopened(tmp_path)
    spool.append([], parent="a", token="0", more=False, digest="", gone="404")
    spool.close()
    spool = reopened(tmp_path)
    assert [(answer.parent, answer.gone) for answer in spool.answers] == [("a", "404")]
    spool.discard()


def test_what_asking_by_key_brought_is_taken_up_again(tmp_path: Path) -> None:
    spool = reopened(tmp_path)
    spool.append_confirmation([{"key": "a"}], parent="p", gone=["b", "c"], refused=["c"])
    spool.close()
    spool = reopened(tmp_path)
    (answer,) = spool.answers
    assert (list(answer.confirmed_gone), list(answer.refused)) == (["b", "c"], ["c"])
    spool.discard()


def test_a_last_answer_torn_at_any_byte_is_cut_off_with_its_rows(tmp_path: Path) -> None:
    content = (filled(tmp_path / "whole") / "answers.jsonl").read_bytes()
    for length in range(len(content)):
        folder = filled(tmp_path)
        os.truncate(folder / "answers.jsonl", length)
        spool = reopened(tmp_path)
        assert assert_whole_prefix(spool) == content[:length].count(b"\n")
        keep(spool, *ANSWERS[len(spool.answers)])
        spool.close()
        spool = reopened(tmp_path)
        assert_whole_prefix(spool)
        spool.discard()


@given(length=st.integers(0, 600), torn=st.integers(0, 400))
@settings(deadline=None, max_examples=80)
def test_rows_shorter_than_vouched_for_take_their_answers_with_them(
    tmp_path_factory: pytest.TempPathFactory, length: int, torn: int
) -> None:
    root = tmp_path_factory.mktemp("spool")
    folder = filled(root)
    rows, answers = folder / "rows.jsonl", folder / "answers.jsonl"
    os.truncate(rows, min(length, rows.stat().st_size))
    os.truncate(answers, max(0, answers.stat().st_size - torn))
    spool = reopened(root)
    assert_whole_prefix(spool)
    spool.discard()


@pytest.mark.parametrize("tail", [b'{"key":"tor', b'{"key":"whole"}\n', b"\0" * 5000])
def test_rows_that_no_answer_vouches_for_are_cut_off(tmp_path: Path, tail: bytes) -> None:
    folder = filled(tmp_path)
    with (folder / "rows.jsonl").open("ab") as file:
        file.write(tail)
    spool = reopened(tmp_path)
    assert assert_whole_prefix(spool) == len(ANSWERS)
    spool.discard()


@pytest.mark.parametrize("garbage", [b"\n", b"null\n", b"[]\n", b"{}\n", b'{"parent":1}\n', b"\xff\xfe\n"])
def test_an_unreadable_answer_ends_what_is_taken_up(tmp_path: Path, garbage: bytes) -> None:
    answers = filled(tmp_path) / "answers.jsonl"
    lines = answers.read_bytes().splitlines(keepends=True)
    answers.write_bytes(b"".join([*lines[:2], garbage, *lines[2:]]))
    spool = reopened(tmp_path)
    assert assert_whole_prefix(spool) == 2
    spool.discard()


@pytest.mark.parametrize("other", [{"account": "another"}, {"declaration": "changed"}, {"format": 0}])
def test_a_spool_of_something_else_is_cleaned_up(tmp_path: Path, other: dict[str, object]) -> None:
    filled(tmp_path)
    spool = reopened(tmp_path, replace(MANIFEST, **other))  # type: ignore[arg-type]
    assert spool.answers == []
    assert list(tmp_path.iterdir()) == [spool.folder]
    spool.discard()


def test_a_spool_of_another_table_is_left_alone(tmp_path: Path) -> None:
    old = filled(tmp_path)
    spool = reopened(tmp_path, replace(MANIFEST, table="others"))
    assert spool.answers == []
    spool.discard()
    assert old.exists()


def test_a_spool_of_the_future_is_cleaned_up(tmp_path: Path) -> None:
    """The clock was put right since, and nobody knows how old it is: 19 of 41 rows published were stale."""
    folder = filled(tmp_path)
    manifest = folder / "manifest.json"
    kept = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**kept, "started_at": kept["started_at"] + 3_600_000}))
    spool = reopened(tmp_path)
    assert (spool.folder != folder, spool.answers, folder.exists()) == (True, [], False)
    spool.discard()


def test_a_spool_that_is_too_old_is_cleaned_up(tmp_path: Path) -> None:
    old = filled(tmp_path)
    manifest = json.loads((old / "manifest.json").read_text())
    manifest["started_at"] = (time.time() - 3601) * 1000 // 1
    (old / "manifest.json").write_text(json.dumps({**manifest, "started_at": int(manifest["started_at"])}))
    spool = reopened(tmp_path)
    assert spool.answers == []
    assert list(tmp_path.iterdir()) == [spool.folder]
    spool.discard()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b'{"started_at": "today"}'])
def test_a_spool_without_a_readable_manifest_is_cleaned_up(tmp_path: Path, content: bytes) -> None:
    old = filled(tmp_path)
    (old / "manifest.json").write_bytes(content)
    spool = reopened(tmp_path)
    assert spool.answers == []
    assert list(tmp_path.iterdir()) == [spool.folder]
    spool.discard()


def test_of_two_spools_the_newer_is_taken_up_and_the_older_cleaned_up(tmp_path: Path) -> None:
    older = reopened(tmp_path)
    keep(older, "a", 1)
    newer = reopened(tmp_path)
    keep(newer, "b", 1)
    older.close()
    newer.close()
    assert newer.folder != older.folder
    spool = reopened(tmp_path)
    assert spool.folder == max(older.folder, newer.folder)
    assert list(tmp_path.iterdir()) == [spool.folder]
    spool.discard()


def test_discard_leaves_nothing(tmp_path: Path) -> None:
    root = tmp_path / "database.spool"
    spool = reopened(root)
    keep(spool, "a", 1)
    spool.discard()
    assert not root.exists()


def test_an_empty_spool_isnt_left_behind(tmp_path: Path) -> None:
    root = tmp_path / "database.spool"
    reopened(root).close()
    assert not root.exists()


def test_the_longest_row_is_remembered_over_a_resume(tmp_path: Path) -> None:
    """DuckDB refuses a line that is longer than it was told to expect."""
    spool = reopened(tmp_path)
    spool.append([{"key": "x" * 17_000_000}], parent="a", token="0", more=False, digest="")
    spool.close()
    spool = reopened(tmp_path)
    assert spool.largest_object > 17_000_000
    spool.discard()


FULL_DISK = """
import json, resource, sys
from pathlib import Path
from streak_dagster.sync.spool import Manifest
from streak_dagster.sync.spool_folders import open_spool
root, limit = Path(sys.argv[1]), int(sys.argv[2])
spool = open_spool(root, Manifest("account", "things", "declaration"), resume_within=3600)
def keep(parent, rows):
    spool.append([{"key": f"{parent}{n}", "text": "x" * 40} for n in range(rows)],
                 parent=parent, token="0", more=False, digest=parent)
keep("a", 2)
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
try:
    keep("lost", 9)
except OSError:
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    for parent, rows in (("b", 0), ("c", 1), ("d", 3)):
        keep(parent, rows)
    spool.close()
    print("refused")
"""


@pytest.mark.parametrize("limit", [130, 131, 250, 300])
def test_an_answer_that_the_full_disk_refused_never_was(tmp_path: Path, limit: int) -> None:
    """A file that can't grow beyond ``limit`` bytes stands for the disk; later answers have room again."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=MAX_WAIT, check=True)
    assert done.stdout.strip() == "refused"
    spool = reopened(tmp_path)
    assert assert_whole_prefix(spool) == len(ANSWERS)
    spool.discard()
