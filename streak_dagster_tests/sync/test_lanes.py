"""Walks at once: bounded together, the first place first, and none of them sleeps while there is room."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.sync.lanes import Lane, Lanes
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually

PLACES = (-1, 0, 0, 2)
"""Of the lanes of one step, of two lists of one table, and of a table that comes later."""
NEVER = 0.01


def filled(lane: Lane, wanted: int) -> int:
    """As a walk brings calls under way: as many as it wants, or as it gets. Says how many it got."""
    lane.wake.clear()
    for got in range(wanted):
        if not lane.take_room():
            return got
    lane.has_nothing_to_ask()
    return wanted


def test_all_lanes_together_have_the_room() -> None:
    lanes = Lanes(3)
    first, second = lanes.lane(0), lanes.lane(1)
    assert filled(first, 2) == 2
    assert filled(second, 2) == 1
    assert not first.take_room()


def test_the_lower_place_is_served_first_whoever_came_first() -> None:
    lanes = Lanes(1)
    later, step = lanes.lane(3), lanes.lane(-1)
    assert filled(later, 1) == 1
    assert not later.take_room()
    assert not step.take_room()
    later.give_back()
    assert step.wake.is_set()
    assert not later.wake.is_set()
    assert not later.take_room(), "there is room, but for the one before it"
    assert step.take_room()


def test_of_equal_places_the_older_is_served_first() -> None:
    lanes = Lanes(1)
    held, older, younger = lanes.lane(), lanes.lane(), lanes.lane()
    assert held.take_room()
    assert not younger.take_room()
    assert not older.take_room()
    held.give_back()
    assert not younger.take_room()
    assert older.take_room()


def test_who_has_nothing_to_ask_any_more_lets_the_next_go() -> None:
    lanes = Lanes(1)
    held, first, second = lanes.lane(0), lanes.lane(1), lanes.lane(2)
    assert held.take_room()
    assert not first.take_room()
    assert not second.take_room()
    held.give_back()
    assert not second.wake.is_set()
    first.has_nothing_to_ask()
    assert second.wake.is_set()
    assert second.take_room()


def test_who_needs_less_than_there_is_lets_the_next_have_the_rest() -> None:
    """It had no room before, and now takes one of two places: nobody else would wake the one behind it."""
    lanes = Lanes(2)
    held, first, second = lanes.lane(0), lanes.lane(1), lanes.lane(2)
    assert filled(held, 2) == 2
    assert filled(first, 1) == filled(second, 1) == 0
    held.give_back(2)
    assert filled(first, 1) == 1
    assert second.wake.is_set()
    assert filled(second, 1) == 1


def test_closing_gives_back_the_room_of_calls_that_nobody_takes_in() -> None:
    lanes = Lanes(2)
    stopped, waits = lanes.lane(0), lanes.lane(1)
    assert filled(stopped, 2) == 2
    assert not stopped.take_room()
    assert not waits.take_room()
    stopped.close(running=2)
    assert waits.wake.is_set()
    assert filled(waits, 2) == 2, "the hunger of one that is over is nobody's"


@pytest.mark.parametrize(
    "free",
    [
        lambda held, hungry: (hungry.has_nothing_to_ask(), held.give_back()),
        lambda held, hungry: (held.give_back(), hungry.has_nothing_to_ask()),
        lambda held, hungry: (hungry.close(), held.close(running=1)),
    ],
    ids=["sated, then room", "room, then sated", "both are over"],
)
def test_a_further_table_waits_for_room_that_nobody_before_it_wants(
    free: Callable[[Lane, Lane], object],
) -> None:
    lanes = Lanes(1)
    held, hungry = lanes.lane(0), lanes.lane(1)
    assert lanes.wait_for_room(NEVER)
    assert held.take_room()
    assert not hungry.take_room()
    assert not lanes.wait_for_room(NEVER)
    found: list[bool] = []
    waiter = threading.Thread(target=lambda: found.append(lanes.wait_for_room(MAX_WAIT)), daemon=True)
    waiter.start()
    free(held, hungry)
    eventually(lambda: found, longest=MAX_WAIT / 10)  # at its end it would look, woken or not
    assert found == [True]


def test_room_that_somebody_hungry_is_about_to_take_is_none() -> None:
    lanes = Lanes(1)
    held, hungry = lanes.lane(0), lanes.lane(1)
    assert held.take_room()
    assert not hungry.take_room()
    held.give_back()
    assert not lanes.wait_for_room(NEVER)


STEPS = st.lists(
    st.tuples(st.sampled_from(["fill", "fill", "give back", "close"]), st.integers(0, 3), st.integers(0, 4)),
    max_size=40,
)


@settings(max_examples=500)  # a place that nobody wakes takes five steps that fit each other
@given(most=st.integers(1, 4), steps=STEPS)
def test_whatever_comes_the_bound_and_the_order_hold_and_room_is_used(
    most: int, steps: list[tuple[str, int, int]]
) -> None:
    lanes = Lanes(most)
    order = [lanes.lane(place) for place in PLACES]
    running = dict.fromkeys(range(len(order)), 0)
    hungry: set[int] = set()
    closed: set[int] = set()
    for what, who, number in steps:
        if who in closed:
            continue
        lane = order[who]
        if what == "fill":
            hungry.discard(who)
            before = {each for each in hungry if each < who}
            free = most - sum(running.values())
            got = filled(lane, number)
            assert got == (0 if before and number else min(number, free))
            running[who] += got
            if got < number:
                hungry.add(who)
        elif what == "give back":
            back = min(number, running[who])
            lane.give_back(back)
            running[who] -= back
        else:
            lane.close(running[who])
            hungry.discard(who)
            closed.add(who)
            running[who] = 0
        assert sum(running.values()) <= most
        has_room = sum(running.values()) < most
        assert lanes.wait_for_room(0.0) == (has_room and not hungry)
        if has_room and hungry:
            assert order[min(hungry)].wake.is_set(), "the first that waits for room sleeps beside it"


def test_threads_that_work_at_once_all_come_to_their_end() -> None:
    """Each waits for its own wake alone, as a walk does between its answers."""
    lanes, most = Lanes(3), 3
    guard, now, busiest = threading.Lock(), [0], [0]
    over: list[int] = []

    def work(lane: Lane, number: int) -> None:
        left = 50
        while left:
            lane.wake.clear()
            if lane.take_room():
                with guard:
                    now[0] += 1
                    busiest[0] = max(busiest[0], now[0])
                left -= 1
                with guard:
                    now[0] -= 1
                lane.give_back()
            elif not lane.wake.wait(MAX_WAIT):
                return
        lane.close()
        over.append(number)

    threads = [threading.Thread(target=work, args=(lanes.lane(each % 3), each)) for each in range(6)]
    for each in threads:
        each.start()
    eventually(lambda: len(over) == len(threads))
    assert 1 <= busiest[0] <= most
