"""Threads of this process and the file: many read it at once, one writes it alone, nobody looks into it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streak_dagster.errors import DatabaseUnusableError
from streak_dagster.warehouse import instances
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.instances import kept_instances
from streak_dagster.warehouse.sharing import shared
from streak_dagster_tests.support.spools import THINGS, publish_rows, query
from streak_dagster_tests.support.waiting import MAX_WAIT

COUNT = "SELECT count(*) FROM streak.things"
TRY = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print("locked")
    else:
        print("free")
"""


def soon() -> float:
    """A deadline that a test is to meet."""
    return time.monotonic() + 0.05


def late() -> float:
    """A deadline that no test comes to."""
    return time.monotonic() + MAX_WAIT


class Holder:
    """A thread that has the file until it is told to let go."""

    def __init__(self, path: Path, *, alone: bool, deadline: float | None = None) -> None:
        self.got: bool | None = None
        self.has, self.go_on = threading.Event(), threading.Event()
        self._path, self._alone, self._deadline = path, alone, deadline or late()
        self._thread = threading.Thread(target=self._hold)
        self._thread.start()

    def _hold(self) -> None:
        with shared(self._path, self._deadline, alone=self._alone) as self.got:
            self.has.set()
            self.go_on.wait(MAX_WAIT)

    def waits(self) -> bool:
        """Whether it has been without the file for long enough to have got it, were it free."""
        return not self.has.wait(0.1)

    def ends(self) -> None:
        self.go_on.set()
        self._thread.join(MAX_WAIT)


@contextmanager
def held(path: Path, *, alone: bool) -> Iterator[Holder]:
    """By another thread, which has it for sure."""
    holder = Holder(path, alone=alone)
    try:
        assert holder.has.wait(MAX_WAIT)
        yield holder
    finally:
        holder.ends()


def is_locked(path: Path) -> bool:
    """Whether this process has the lock that DuckDB takes, as another process sees it."""
    said = subprocess.run([sys.executable, "-c", TRY, str(path)], capture_output=True, text=True, check=True)
    return said.stdout.strip() == "locked"


def test_many_read_at_once(tmp_path: Path) -> None:
    with (
        held(tmp_path / "a", alone=False) as one,
        held(tmp_path / "a", alone=False) as two,
        shared(tmp_path / "a", 0.0, alone=False) as three,
    ):
        assert one.got
        assert two.got
        assert three


@pytest.mark.parametrize("alone", [False, True])
def test_a_writer_is_alone(alone: bool, tmp_path: Path) -> None:
    with held(tmp_path / "a", alone=True):
        other = Holder(tmp_path / "a", alone=alone)
        assert other.waits()
    assert other.has.wait(MAX_WAIT)
    assert other.got
    other.ends()


def test_a_writer_waits_for_the_last_reader(tmp_path: Path) -> None:
    with held(tmp_path / "a", alone=False):
        with held(tmp_path / "a", alone=False):
            writer = Holder(tmp_path / "a", alone=True)
            assert writer.waits()
        assert writer.waits()
    assert writer.has.wait(MAX_WAIT)
    assert writer.got
    writer.ends()


def test_files_are_held_each_by_itself(tmp_path: Path) -> None:
    with held(tmp_path / "a", alone=True), shared(tmp_path / "b", 0.0, alone=True) as is_possible:
        assert is_possible


@pytest.mark.parametrize("alone", [False, True])
def test_the_thread_that_writes_may_open_the_file_again(alone: bool, tmp_path: Path) -> None:
    with shared(tmp_path / "a", 0.0, alone=True):
        with shared(tmp_path / "a", 0.0, alone=alone) as is_possible:
            assert is_possible
        other = Holder(tmp_path / "a", alone=False)
        assert other.waits(), "its first hold isn't over with the second"
    assert other.has.wait(MAX_WAIT)
    other.ends()


@pytest.mark.parametrize(("first", "second"), [(True, True), (True, False), (False, True)])
def test_after_the_deadline_it_goes_on_and_says_that_it_is_not_free(
    first: bool, second: bool, tmp_path: Path
) -> None:
    with held(tmp_path / "a", alone=first), shared(tmp_path / "a", soon(), alone=second) as is_possible:
        assert not is_possible
    # Whoever went on without it took nothing from those that come later.
    with shared(tmp_path / "a", 0.0, alone=True) as is_possible:
        assert is_possible


def test_who_fails_lets_go(tmp_path: Path) -> None:
    for alone in (True, False):
        with pytest.raises(OSError, match="full"), shared(tmp_path / "a", 0.0, alone=alone):
            raise OSError("the disk is full")
    with shared(tmp_path / "a", 0.0, alone=True) as is_possible:
        assert is_possible


@pytest.mark.parametrize("kept", [False, True])
def test_a_writer_waits_for_a_reader_in_another_thread_and_nobody_is_told_of_it(
    kept: bool, database: Database
) -> None:
    """DuckDB alone would refuse it, and it be told as another connection that holds the file."""
    publish_rows(database, THINGS, [{"key": "a"}])
    said: list[str] = []
    begins, wrote = threading.Event(), threading.Event()

    def write() -> None:
        begins.set()
        with database.transaction(report=said.append) as session:
            session.execute("DELETE FROM streak.things")
        wrote.set()

    writer = threading.Thread(target=write)
    with kept_instances() if kept else held(database.path.with_name("other"), alone=True):
        with database.connect(read_only=True, report=said.append) as session:
            writer.start()
            assert begins.wait(MAX_WAIT)
            assert not wrote.wait(0.2)
            assert session.execute(COUNT).fetchall() == [(1,)]
        assert wrote.wait(MAX_WAIT)
        assert query(database, COUNT) == [(0,)]
        writer.join(MAX_WAIT)
    assert said == []


def test_a_reader_waits_for_the_writer_in_another_thread(database: Database) -> None:
    publish_rows(database, THINGS, [{"key": "a"}])
    said: list[str] = []
    found: list[tuple[object, ...]] = []

    def read() -> None:
        with database.connect(read_only=True, report=said.append) as session:
            found.extend(session.execute(COUNT).fetchall())

    reader = threading.Thread(target=read)
    with database.transaction() as session:
        session.execute("DELETE FROM streak.things")
        reader.start()
        reader.join(0.2)
        assert found == []
    reader.join(MAX_WAIT)
    assert (found, said) == ([(0,)], [])


@pytest.mark.parametrize("read_only", [False, True])
def test_a_check_does_not_look_into_a_file_that_another_thread_has_open(
    read_only: bool, database: Database
) -> None:
    """To close it again would take the lock from the one who has it open."""
    publish_rows(database, THINGS, [{"key": "a"}])
    with database.connect(read_only=read_only):
        assert is_locked(database.path)
        checking = threading.Thread(target=database.check)
        checking.start()
        checking.join(MAX_WAIT)
        assert is_locked(database.path)
    assert not is_locked(database.path)


def test_a_check_does_not_look_into_a_file_that_lingers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its lock, another process could write what an instance of ours still believes to know."""
    publish_rows(database, THINGS, [{"key": "a"}])
    monkeypatch.setattr(instances, "LINGERS", MAX_WAIT)
    with kept_instances():
        with database.connect(read_only=True, soon_again=True):
            pass
        assert is_locked(database.path)
        database.check()
        kept = instances._kept[database.path]
        assert is_locked(database.path) == (kept.lingers is not None)
        assert query(database, COUNT) == [(1,)]


def test_a_check_looks_into_a_file_that_nobody_has_open(database: Database) -> None:
    database.path.write_bytes(b"no database " * 100)
    with pytest.raises(DatabaseUnusableError, match="isn't a DuckDB database"):
        database.check()
