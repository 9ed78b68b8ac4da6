"""The seconds by folder that `make test` ends with."""

from __future__ import annotations

from pathlib import Path

from streak_dagster_tests.support.times import Folder, file_of, folder_of, keep, read, table


def test_a_test_is_counted_in_its_folder() -> None:
    nodeid = "streak_dagster_tests/api/test_retries.py::test_it[a/b]@group"
    assert (folder_of(nodeid), file_of(nodeid)) == ("api", "api/test_retries.py")


def test_several_runs_are_added_up(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "times.json"
    fast, slow = Folder(), Folder()
    fast.add("api/test_a.py::test_1", 1.5)
    slow.add("api/test_b.py::test_2", 4.0)
    keep(file, {"api": fast})
    keep(file, {"api": slow, "sync": Folder(1, 0.5, 0.5, "test_c.py::test_3")})
    assert read(file)["api"] == Folder(2, 5.5, 4.0, "test_b.py::test_2")
    lines = list(table(read(file)))
    assert [line.split()[:3] for line in lines[1:]] == [
        ["api", "2", "5.5"],
        ["sync", "1", "0.5"],
        ["together", "3", "6.0"],
    ]


def test_nothing_was_kept_yet(tmp_path: Path) -> None:
    assert read(tmp_path / "none.json") == {}
