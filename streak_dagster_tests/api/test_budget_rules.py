"""The budget's rules, by a clock that the tests move: whatever wakes up late, the limit holds."""

from __future__ import annotations

import contextlib
import heapq
import tempfile
import time
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.api import rate_limiter, shared_state
from streak_dagster.api.rate_limiter import MAX_PAUSE, Permit, RateLimiter

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND = 1_000_000
"""Times are microseconds."""


class Clock:
    """Stands in for the ``time`` that ``rate_limiter`` reads."""

    def __init__(self) -> None:
        self.now = 5_000 * SECOND
        self.monotonic_ns = lambda: self.now * 1000


@contextlib.contextmanager
def by_the_clock(clock: Clock) -> Iterator[None]:
    """The limiter and its file by a clock of our own: that of the machine may have begun minutes ago."""
    with (
        mock.patch.object(rate_limiter, "time", clock),
        mock.patch.object(shared_state, "time", clock),
    ):
        yield


class Machine:
    """Processes that call as fast as one budget lets them, each woken late as ``delays`` says."""

    def __init__(self, directory: str, rate: float, processes: int, delays: list[int]) -> None:
        self.clock = Clock()
        self.budgets = [RateLimiter("a", rate, directory=Path(directory)) for _ in range(processes)]
        self.departures: list[int] = []
        self.pauses: list[tuple[int, int]] = []
        self._delays = delays
        self._late = 0
        self._order = count()
        self._events = [(self.clock.now, next(self._order), "reserve", each) for each in self.budgets]

    def pause_at(self, seconds: float, length: float) -> None:
        event = (self.clock.now + int(seconds * SECOND), next(self._order), str(length), self.budgets[0])
        heapq.heappush(self._events, event)

    def run(self, calls: int) -> None:
        while len(self.departures) < calls:
            self.clock.now, _, what, budget = heapq.heappop(self._events)
            if what == "reserve":
                self._wake(budget._reserve() - self.clock.now, "depart", budget)
            elif what == "depart":
                stamp, wait = budget._depart()
                if wait:
                    self._wake(wait, "depart", budget)
                else:
                    self.departures.append(stamp)
                    self._wake(0, "reserve", budget)
            else:
                budget.pause(float(what))
                self.pauses.append((self.clock.now, self.clock.now + int(float(what) * SECOND)))

    def _wake(self, wait: int, what: str, budget: RateLimiter) -> None:
        late = 0
        if wait > 0:
            late, self._late = self._delays[self._late % len(self._delays)], self._late + 1
        heapq.heappush(self._events, (self.clock.now + max(0, wait) + late, next(self._order), what, budget))

    def __enter__(self) -> Machine:
        self._patch = contextlib.ExitStack()
        self._patch.enter_context(by_the_clock(self.clock))
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.close()
        for budget in self.budgets:
            budget.close()


DELAYS = st.lists(st.integers(0, 5_000) | st.integers(0, SECOND), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from([0.5, 1, 2, 10, 50]),
    processes=st.integers(1, 8),
    delays=DELAYS,
    pauses=st.lists(st.tuples(st.floats(0, 5), st.floats(0, 3)), max_size=3),
)
def test_however_late_processes_wake_no_second_holds_more(
    rate: float, processes: int, delays: list[int], pauses: list[tuple[float, float]]
) -> None:
    with tempfile.TemporaryDirectory() as directory, Machine(directory, rate, processes, delays) as machine:
        for at, length in pauses:
            machine.pause_at(at, length)
        machine.run(120)
    limit = max(1, int(rate))
    window = 1.02 * SECOND * limit / rate  # 20 ms to spare for what differs on the way
    stamps = machine.departures
    assert stamps == sorted(stamps)
    for first, next_but_limit in zip(stamps, stamps[limit:], strict=False):
        assert next_but_limit - first >= window - 1
    for begin, end in machine.pauses:
        assert not [stamp for stamp in stamps if begin < stamp < end], "departed while paused"


@settings(max_examples=20, deadline=None)
@given(processes=st.integers(1, 8), delays=st.lists(st.integers(0, 8_000), min_size=1, max_size=20))
def test_usual_wake_up_delays_cost_less_than_three_percent(processes: int, delays: list[int]) -> None:
    with tempfile.TemporaryDirectory() as directory, Machine(directory, 10, processes, delays) as machine:
        machine.run(411)
    stamps = machine.departures
    assert 400 / ((stamps[410] - stamps[10]) / SECOND) >= 9.7


def test_idle_time_is_not_saved_up(tmp_path: Path) -> None:
    with Machine(str(tmp_path), 10, 1, [0]) as machine:
        machine.run(20)
        idle = machine.departures[-1]
        machine._events = [(idle + 60 * SECOND, 0, "reserve", machine.budgets[0])]
        machine.run(60)
    stamps = [stamp for stamp in machine.departures if stamp > idle]
    assert all(later - first >= 1.02 * SECOND - 1 for first, later in zip(stamps, stamps[10:], strict=False))


def test_one_account_has_one_budget_and_another_its_own(tmp_path: Path) -> None:
    with by_the_clock(Clock()):
        mine, also_mine, other = (RateLimiter(name, 1, directory=tmp_path) for name in ("me", "me", "other"))
        assert mine._depart()[1] == 0
        assert also_mine._depart()[1] > SECOND - 1
        assert other._depart()[1] == 0
    for budget in (mine, also_mine, other):
        budget.close()


def test_a_pause_is_heeded_by_every_process_and_never_shortened(tmp_path: Path) -> None:
    with Machine(str(tmp_path), 10, 2, [0]) as machine:
        first, second = machine.budgets
        first.pause(30)
        second.pause(5)
        assert second._depart() == (0, 30 * SECOND)
        assert second._reserve() >= machine.clock.now + 30 * SECOND - 1000
        machine.clock.now += 30 * SECOND
        assert second._depart() == (machine.clock.now, 0)


@pytest.mark.parametrize("seconds", [1e9, float("inf")])
def test_a_pause_has_an_end(tmp_path: Path, seconds: float) -> None:
    with Machine(str(tmp_path), 10, 1, [0]) as machine:
        machine.budgets[0].pause(seconds)
        assert machine.budgets[0]._depart() == (0, int(MAX_PAUSE * SECOND))


def answered_after(budget: RateLimiter, clock: Clock, *took: int) -> None:
    """One call a second, answered after so many microseconds."""
    for each in took:
        clock.now += SECOND * 2
        stamp, _ = budget._depart()
        clock.now += each
        Permit(budget, stamp).answered()


def last_departure(budget: RateLimiter) -> int:
    with budget._state.update() as state:
        return state.departures[-1]


@pytest.mark.parametrize(
    ("earlier", "took", "late"),
    [
        ([5_000, 6_000, 5_000, 7_000], 305_000, 300_000),  # 5 ms is usual: 300 ms may have gone on the way
        ([5_000, 6_000, 5_000, 7_000], 4_000, 0),
        ([5_000, 90_000, 400_000, 60_000], 700_000, 0),  # answers that vary by themselves tell nothing
        ([], 2_000_000, 100_000),  # nothing is known yet: at most 100 ms are taken for lateness
        ([], 40_000, 40_000),
    ],
)
def test_a_late_answer_moves_the_departure(tmp_path: Path, earlier: list[int], took: int, late: int) -> None:
    with Machine(str(tmp_path), 10, 1, [0]) as machine:
        budget, clock = machine.budgets[0], machine.clock
        answered_after(budget, clock, *earlier)
        clock.now += SECOND * 2
        stamp = clock.now
        budget._depart()
        clock.now += took
        Permit(budget, stamp).answered()
        assert last_departure(budget) == stamp + late


@pytest.mark.parametrize(
    ("took", "moved"), [(0, 0), (rate_limiter.PROMPT, 0), (304_000, 304_000 - rate_limiter.PROMPT)]
)
def test_a_request_that_left_late_counts_from_then(tmp_path: Path, took: int, moved: int) -> None:
    with Machine(str(tmp_path), 10, 1, [0]) as machine:
        stamp, _ = machine.budgets[0]._depart()
        machine.clock.now += took
        permit = Permit(machine.budgets[0], stamp)
        permit.sent()
        permit.answered()
        assert last_departure(machine.budgets[0]) == stamp + moved


@given(st.lists(st.integers(0, 5 * SECOND), min_size=1, max_size=60))
def test_a_departure_is_never_moved_back_nor_beyond_its_answer(times: list[int]) -> None:
    transit = rate_limiter._Transit()
    assert all(0 <= transit.lateness(took) <= took for took in times)


def test_calls_after_a_late_one_count_from_when_it_may_have_arrived(tmp_path: Path) -> None:
    with Machine(str(tmp_path), 1, 1, [0]) as machine:
        budget, clock = machine.budgets[0], machine.clock
        answered_after(budget, clock, 5_000, 5_000, 5_000)
        clock.now += 2 * SECOND
        stamp, _ = budget._depart()
        clock.now += 405_000
        Permit(budget, stamp).answered()
        assert budget._depart() == (0, round(rate_limiter.MARGIN * SECOND) - 5_000)


def test_slots_are_spaced_so_that_each_wakes_one_process(tmp_path: Path) -> None:
    with Machine(str(tmp_path), 10, 1, [0]) as machine:
        slots = [machine.budgets[0]._reserve() for _ in range(30)]
    gaps = [later - earlier for earlier, later in pairwise(slots)]
    assert all(abs(gap - rate_limiter.MARGIN * SECOND / 10) <= 1000 for gap in gaps[4:])


def test_a_wait_that_is_given_up_lets_the_next_one_call(tmp_path: Path) -> None:
    budget = RateLimiter("a", 1, directory=tmp_path)
    budget.acquire()

    def give_up(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        budget.acquire(give_up)
    waits: list[float] = []
    clock = Clock()
    clock.now = time.monotonic_ns() // 1000
    with by_the_clock(clock):

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            clock.now += int(seconds * SECOND) + 1

        budget.acquire(sleep)
    assert sum(waits) < 4
    budget.close()
