"""What killed processes leave behind goes after a week, and never while somebody holds it."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from streak_dagster.api import shared_state
from streak_dagster.api.shared_state import MAX_DEPARTURES, LimiterState, SharedStateFile, remove_unused
from streak_dagster.automation import leftovers
from streak_dagster.automation.leftovers import ABANDONED, remove_leftovers
from streak_dagster.sync.refresh_lock import refreshing
from streak_dagster.sync.spool import Manifest, Spool
from streak_dagster.sync.spool_folders import open_spool
from streak_dagster.warehouse.database import Database

HOURS = 3 * 3600 * 1_000_000


@pytest.fixture(autouse=True)
def _up_for_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was long ago was of this boot, also where the machine has just been started."""
    monkeypatch.setattr(shared_state, "_now", lambda: time.monotonic_ns() // 1000 + 24 * HOURS)


def age(path: Path, days: float = 8) -> None:
    """Move the times of a file, or of a folder and all in it, back."""
    moment = time.time() - days * 86_400
    for each in (*path.rglob("*"), path):
        os.utime(each, (moment, moment))


def spool_of(root: Path, table: str = "teams") -> Spool:
    spool = open_spool(root, Manifest("account", table, "declaration"), resume_within=3600)
    spool.append([{"key": "a"}], parent="", token="0", more=None, digest="")
    return spool


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database in a folder of its own, and nothing of this machine's own."""
    for name in ("shared", "temporary", "data"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(leftovers, "shared_directory", lambda: tmp_path / "shared")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return Database(str(tmp_path / "data" / "streak.duckdb"))


def test_abandoned_spools_go_and_those_that_are_held_or_young_stay(database: Database) -> None:
    beside = database.path.with_name("former.duckdb.spool")
    for root in (database.spool_root, beside):
        spool_of(root, "former_table").close()
        age(root)
    held = spool_of(database.spool_root, "teams")
    age(held.folder)
    young = spool_of(database.spool_root, "snippets")
    young.close()
    somebodys = database.spool_root / "notes"
    somebodys.mkdir()
    age(somebodys)
    removed = remove_leftovers(database)
    assert (removed.spools, removed.other) == (2, 0)
    assert removed.freed > 0
    assert {each.name for each in database.spool_root.iterdir()} == {
        held.folder.name,
        young.folder.name,
        "notes",
    }
    assert not beside.exists()
    held.close()
    assert remove_leftovers(database).spools == 1
    assert not held.folder.exists()


def test_a_spool_of_the_future_goes_too(database: Database) -> None:
    spool = spool_of(database.spool_root)
    spool.close()
    age(spool.folder, days=-8)
    assert remove_leftovers(database).spools == 1


def test_our_own_temporary_folders_go(database: Database, tmp_path: Path) -> None:
    for name in ("streak-look-old", "streak-sandbox-old", "streak-look-young", "somebody-old"):
        folder = tmp_path / "temporary" / name
        folder.mkdir()
        (folder / "a").write_bytes(b"x" * 5000)
        if name.endswith("old"):
            age(folder)
    (tmp_path / "temporary" / "streak-look-link").symlink_to(tmp_path / "data")
    removed = remove_leftovers(database)
    assert (removed.spools, removed.other) == (0, 2)
    assert removed.freed >= 10_000
    assert sorted(each.name for each in (tmp_path / "temporary").iterdir()) == [
        "somebody-old",
        "streak-look-link",
        "streak-look-young",
    ]


def test_what_duckdb_moved_out_of_memory_goes(database: Database) -> None:
    folder = database.path.with_name("streak.duckdb.tmp")
    folder.mkdir()
    for name in ("duckdb_temp_1_0_storage_DEFAULT-0.tmp", "duckdb_temp_storage_DEFAULT-0.tmp", "notes"):
        (folder / name).write_bytes(b"x" * 5000)
    age(folder, days=6)
    assert not remove_leftovers(database)
    age(folder, days=8)
    assert remove_leftovers(database).other == 2
    assert [each.name for each in folder.iterdir()] == ["notes"]


@contextlib.contextmanager
def budget_of(path: Path, state: LimiterState) -> Iterator[SharedStateFile]:
    file = SharedStateFile(path)
    with contextlib.closing(file):
        with file.update() as kept:
            kept.arrival, kept.paused_until, kept.departures = (
                state.arrival,
                state.paused_until,
                state.departures,
            )
        yield file


def long_ago() -> LimiterState:
    return LimiterState(departures=[shared_state._now() - HOURS])


def test_the_budget_of_an_account_that_nobody_asks_goes(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "shared" / "a.budget"
    with budget_of(path, long_ago()):
        pass
    assert not remove_leftovers(database)
    age(path)
    assert remove_leftovers(database).other == 1
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("ahead", [0, -HOURS // 4, HOURS // 4])
def test_one_that_was_used_just_now_stays_whatever_the_clock_says(tmp_path: Path, ahead: int) -> None:
    """Where the wall clock was put ahead by weeks, each file looks old; one made anew would be fresh."""
    path = tmp_path / "a.budget"
    with budget_of(path, LimiterState(departures=[shared_state._now() + ahead])):
        age(path)
        assert not remove_unused(path, seconds=ABANDONED)
    assert path.exists()


def test_one_of_another_boot_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.budget"
    with budget_of(path, LimiterState(departures=[shared_state._now()])):
        pass
    monkeypatch.setattr(shared_state, "_boot_id", lambda: b"the next boot id")
    age(path)
    assert remove_unused(path, seconds=ABANDONED)


def test_one_that_is_locked_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.budget"
    with budget_of(path, long_ago()) as file, file.update():
        age(path)
        assert not remove_unused(path, seconds=ABANDONED)
    assert path.exists()


def test_who_still_has_it_open_takes_the_budget_to_be_spent(tmp_path: Path) -> None:
    path = tmp_path / "a.budget"
    with budget_of(path, long_ago()) as file:
        age(path)
        assert remove_unused(path, seconds=ABANDONED)
        with file.update() as state:
            assert len(state.departures) == MAX_DEPARTURES


def test_a_refresh_lock_that_is_held_stays(tmp_path: Path) -> None:
    with refreshing("an account", directory=tmp_path):
        (path,) = tmp_path.iterdir()
        age(path)
        assert not remove_unused(path, seconds=ABANDONED)
    (tmp_path / path.name).touch()
    age(tmp_path / path.name)
    assert remove_unused(tmp_path / path.name, seconds=ABANDONED)


def test_a_link_and_a_folder_are_left(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    (tmp_path / "folder").mkdir()
    age(tmp_path)
    assert not remove_unused(tmp_path / "link", seconds=ABANDONED)
    assert not remove_unused(tmp_path / "folder", seconds=ABANDONED)
    assert not remove_unused(tmp_path / "nothing", seconds=ABANDONED)
