"""The file in which the processes of an account meet."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streak_dagster.api import shared_state
from streak_dagster.api.limits import Budget
from streak_dagster.api.shared_state import MOST_DEPARTURES, BudgetState, SharedStateFile
from streak_dagster_tests.support.waiting import LONGEST

if TYPE_CHECKING:
    from pathlib import Path

    from streak_dagster.api.limits import Departure


def read(path: Path) -> BudgetState:
    file = SharedStateFile(path)
    with contextlib.closing(file), file.update() as state:
        return BudgetState(state.arrival, state.paused_until, list(state.departures))


def write(path: Path, state: BudgetState) -> None:
    file = SharedStateFile(path)
    with contextlib.closing(file), file.update() as kept:
        kept.arrival, kept.paused_until, kept.departures = state.arrival, state.paused_until, state.departures


STATE = BudgetState(arrival=5, paused_until=7, departures=[1, 2, 3])


def test_what_one_process_writes_the_next_reads(tmp_path: Path) -> None:
    write(tmp_path / "a", STATE)
    assert read(tmp_path / "a") == STATE


def test_only_the_latest_departures_are_kept(tmp_path: Path) -> None:
    write(tmp_path / "a", BudgetState(departures=list(range(MOST_DEPARTURES + 5))))
    assert read(tmp_path / "a").departures == list(range(5, MOST_DEPARTURES + 5))


def test_a_shorter_state_over_a_longer_one(tmp_path: Path) -> None:
    write(tmp_path / "a", BudgetState(departures=list(range(100))))
    write(tmp_path / "a", STATE)
    assert read(tmp_path / "a") == STATE


def test_the_state_of_an_earlier_boot_reads_as_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a", STATE)
    monkeypatch.setattr(shared_state, "_boot_id", lambda: b"the next boot id")
    assert read(tmp_path / "a") == BudgetState()


@pytest.mark.parametrize("length", [0, 1, 47, 48, 60, 71])
def test_a_truncated_state_reads_as_fresh(tmp_path: Path, length: int) -> None:
    write(tmp_path / "a", STATE)
    os.truncate(tmp_path / "a", length)
    assert read(tmp_path / "a") == BudgetState()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(garbage=st.binary(max_size=200))
def test_garbage_reads_as_fresh(tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / "a").write_bytes(garbage)
    assert read(tmp_path / "a") == BudgetState()


@pytest.mark.parametrize("count", [-1, -(2**62), MOST_DEPARTURES + 1, 2**62])
def test_an_impossible_number_of_departures_reads_as_fresh(tmp_path: Path, count: int) -> None:
    header = shared_state._HEADER.pack(shared_state._MAGIC, shared_state._boot_id(), 1, 2, count)
    (tmp_path / "a").write_bytes(header + bytes(8 * 2000))
    assert read(tmp_path / "a") == BudgetState()


def test_others_cant_read_the_file(tmp_path: Path) -> None:
    write(tmp_path / "a", STATE)
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0


def test_a_failed_step_changes_nothing_and_frees_the_lock(tmp_path: Path) -> None:
    write(tmp_path / "a", STATE)
    file = SharedStateFile(tmp_path / "a")
    with pytest.raises(ZeroDivisionError), file.update() as state:
        state.arrival = 1 // 0
    file.close()
    assert read(tmp_path / "a") == STATE


@pytest.mark.slow
def test_a_killed_holder_doesnt_block_the_others(tmp_path: Path) -> None:
    hold = (
        "import sys, time, pathlib; from streak_dagster.api.limits import Budget\n"
        "budget = Budget('a', 10, directory=pathlib.Path(sys.argv[1]))\n"
        "with budget._state.update(): print('held', flush=True); time.sleep(600)"
    )
    left: list[Departure] = []
    budget = Budget("a", 10, directory=tmp_path)
    waiting = threading.Thread(target=lambda: left.append(budget.acquire()))
    with subprocess.Popen([sys.executable, "-c", hold, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        waiting.start()
        waiting.join(0.2)
        assert not left, "the lock was held"
        holder.kill()
    waiting.join(LONGEST)
    assert left
    budget.close()


def test_after_close_no_other_file_is_touched(tmp_path: Path) -> None:
    """An answer may come after the client was closed, when the number of its file means another file."""
    budget = Budget("a", 10, directory=tmp_path)
    departure = budget.acquire()
    budget.close()
    victim = os.open(tmp_path / "warehouse.duckdb", os.O_RDWR | os.O_CREAT)
    try:
        os.write(victim, b"precious")
        departure.sent()
        departure.answered()
        budget.close()
        assert os.pread(victim, 100, 0) == b"precious"
    finally:
        os.close(victim)
