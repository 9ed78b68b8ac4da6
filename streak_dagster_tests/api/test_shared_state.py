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
from streak_dagster.api.rate_limiter import RateLimiter
from streak_dagster.api.shared_state import MAX_DEPARTURES, LimiterState, SharedStateFile
from streak_dagster_tests.support.waiting import MAX_WAIT

if TYPE_CHECKING:
    from pathlib import Path

    from streak_dagster.api.rate_limiter import Permit


def read(path: Path) -> LimiterState:
    file = SharedStateFile(path)
    with contextlib.closing(file), file.update() as state:
        return LimiterState(state.arrival, state.paused_until, list(state.departures))


def write(path: Path, state: LimiterState) -> None:
    file = SharedStateFile(path)
    with contextlib.closing(file), file.update() as kept:
        kept.arrival, kept.paused_until, kept.departures = state.arrival, state.paused_until, state.departures


STATE = LimiterState(arrival=5, paused_until=7, departures=[1, 2, 3])


def test_what_one_process_writes_the_next_reads(tmp_path: Path) -> None:
    write(tmp_path / "a", STATE)
    assert read(tmp_path / "a") == STATE


def test_only_the_latest_departures_are_kept(tmp_path: Path) -> None:
    write(tmp_path / "a", LimiterState(departures=list(range(MAX_DEPARTURES + 5))))
    assert read(tmp_path / "a").departures == list(range(5, MAX_DEPARTURES + 5))


def test_a_shorter_state_over_a_longer_one(tmp_path: Path) -> None:
    write(tmp_path / "a", LimiterState(departures=list(range(100))))
    write(tmp_path / "a", STATE)
    assert read(tmp_path / "a") == STATE


def assert_spent(state: LimiterState) -> None:
    """As far as anybody knows, all calls left just now; and nobody asked for a pause."""
    assert len(state.departures) == MAX_DEPARTURES
    assert len(set(state.departures)) == 1
    assert 0 <= shared_state._now() - state.departures[0] < MAX_WAIT * 1_000_000
    assert (state.arrival, state.paused_until) == (0, 0)


def test_a_file_without_a_byte_reads_as_fresh(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert read(tmp_path / "a") == LimiterState()


def test_the_state_of_an_earlier_boot_reads_as_spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a", STATE)
    monkeypatch.setattr(shared_state, "_boot_id", lambda: b"the next boot id")
    assert_spent(read(tmp_path / "a"))


HOURS = 3 * 3600 * 1_000_000


@pytest.mark.parametrize("ahead", [{"arrival": HOURS}, {"paused_until": HOURS}, {"departures": 2_000_000}])
def test_times_that_this_boot_hasnt_come_to_read_as_spent(tmp_path: Path, ahead: dict[str, int]) -> None:
    """Where nothing names the boot, only the times themselves show that they are of another one."""
    now = shared_state._now()
    times = {name: now + each for name, each in ahead.items()}
    left = times.pop("departures", now)
    write(tmp_path / "a", LimiterState(**times, departures=[left]))
    assert_spent(read(tmp_path / "a"))


@pytest.mark.parametrize("length", [1, 47, 48, 60, 71])
def test_a_truncated_state_reads_as_spent(tmp_path: Path, length: int) -> None:
    write(tmp_path / "a", STATE)
    os.truncate(tmp_path / "a", length)
    assert_spent(read(tmp_path / "a"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(garbage=st.binary(min_size=1, max_size=200))
def test_garbage_reads_as_spent(tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / "a").write_bytes(garbage)
    assert_spent(read(tmp_path / "a"))


@pytest.mark.parametrize("count", [-1, -(2**62), MAX_DEPARTURES + 1, 2**62])
def test_an_impossible_number_of_departures_reads_as_spent(tmp_path: Path, count: int) -> None:
    header = shared_state._HEADER.pack(shared_state._MAGIC, shared_state._boot_id(), 1, 2, count)
    (tmp_path / "a").write_bytes(header + bytes(8 * 2000))
    assert_spent(read(tmp_path / "a"))


def test_the_moment_of_boot_doesnt_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sleep or a corrected clock moves the wall clock against the monotonic one."""

    def unreadable(*_: object) -> bytes:
        raise FileNotFoundError

    monkeypatch.setattr("pathlib.Path.read_bytes", unreadable)
    before = shared_state._boot_id()
    monkeypatch.setattr("time.time", lambda: 3600.0)
    assert shared_state._boot_id() == before


@pytest.mark.parametrize("again", [False, True])
def test_a_file_that_was_removed_is_found_again(tmp_path: Path, again: bool) -> None:
    """Where a cleaner took it, and perhaps somebody made it anew, two processes must not have two budgets."""
    place = tmp_path / "folder"
    place.mkdir()
    file = SharedStateFile(place / "a")
    with contextlib.closing(file):
        with file.update() as state:
            state.departures.append(shared_state._now())
        (place / "a").unlink()
        place.rmdir()
        if again:
            place.mkdir()
            write(place / "a", STATE)
        with file.update() as state:
            known = LimiterState(state.arrival, state.paused_until, list(state.departures))
        assert read(place / "a") == known
    if again:
        assert known == STATE
    else:
        assert_spent(known)


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


def test_a_failed_step_after_others_changes_nothing(tmp_path: Path) -> None:
    file = SharedStateFile(tmp_path / "a")
    with contextlib.closing(file):
        with file.update() as state:
            state.departures.append(1)
        with pytest.raises(AttributeError), file.update() as state:
            state.departures.extend([2, state.no_such_number])  # type: ignore[attr-defined]
        with file.update() as state:
            assert state.departures == [1]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["depart", "move", "pause", "look"])), max_size=20)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_process_sees_at_once_what_another_wrote(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str]]
) -> None:
    path = tmp_path_factory.mktemp("shared") / "a"
    expected = LimiterState()
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(contextlib.closing(SharedStateFile(path))) for _ in range(3)]
        for number, (file, step) in enumerate(steps, start=1):
            with files[file].update() as state:
                assert state == expected
                if step == "depart":
                    state.departures.append(number)
                elif step == "move" and state.departures:
                    state.departures = sorted([*state.departures[1:], number])
                elif step == "pause":
                    state.paused_until = number
                expected = LimiterState(state.arrival, state.paused_until, list(state.departures))
    assert read(path) == expected


def test_what_this_process_wrote_is_not_believed_for_ever(tmp_path: Path) -> None:
    """A slot an hour ahead is nobody's, whoever reserved it."""
    with contextlib.closing(SharedStateFile(tmp_path / "a")) as file:
        with file.update() as state:
            state.arrival = 2**62
        with file.update() as state:
            assert_spent(state)


@pytest.mark.slow
def test_a_killed_holder_doesnt_block_the_others(tmp_path: Path) -> None:
    hold = (
        "import sys, time, pathlib; from streak_dagster.api.rate_limiter import RateLimiter\n"
        "budget = RateLimiter('a', 10, directory=pathlib.Path(sys.argv[1]))\n"
        "with budget._state.update(): print('held', flush=True); time.sleep(600)"
    )
    left: list[Permit] = []
    budget = RateLimiter("a", 10, directory=tmp_path)
    waiting = threading.Thread(target=lambda: left.append(budget.acquire()))
    with subprocess.Popen([sys.executable, "-c", hold, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        waiting.start()
        waiting.join(0.2)
        assert not left, "the lock was held"
        holder.kill()
    waiting.join(MAX_WAIT)
    assert left
    budget.close()


def test_after_close_no_other_file_is_touched(tmp_path: Path) -> None:
    """An answer may come after the client was closed, when the number of its file means another file."""
    budget = RateLimiter("a", 10, directory=tmp_path)
    permit = budget.acquire()
    budget.close()
    victim = os.open(tmp_path / "warehouse.duckdb", os.O_RDWR | os.O_CREAT)
    try:
        os.write(victim, b"precious")
        permit.sent()
        permit.answered()
        budget.close()
        assert os.pread(victim, 100, 0) == b"precious"
    finally:
        os.close(victim)
