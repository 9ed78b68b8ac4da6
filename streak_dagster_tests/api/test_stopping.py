"""``stop`` ends what waits; the counters say what was spent."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from streak_dagster.api.client import StoppedError
from streak_dagster.api.retries import RetryLimits
from streak_dagster.api.usage import Usage
from streak_dagster_tests.support.clients import ask
from streak_dagster_tests.support.scripted_server import Reply, said
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from streak_dagster.api.client import StreakClient
    from streak_dagster.sandbox import Sandbox
    from streak_dagster_tests.support.scripted_server import ScriptedServer

FOR_EVER = 10 * MAX_WAIT
"""Seconds that would be waited for, were it not for `stop`: far more than any machine takes to stop."""


def test_stop_ends_threads_that_wait_for_the_budget(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    server = serve()
    client = client_of(server, rate=1 / FOR_EVER)
    ask(client)
    with ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(ask, client) for _ in range(8)]
        client.stop()
        assert all(isinstance(call.exception(MAX_WAIT), StoppedError) for call in calls)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "reply", [said("later", 429, **{"Retry-After": "600"}), said("later", 503, **{"Retry-After": "600"})]
)
def test_stop_ends_a_pause_that_streak_asked_for(
    reply: Reply, serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    server = serve(reply)
    client = client_of(server)
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(ask, client)
        eventually(lambda: client.rate_limiter._depart()[1] >= 60_000_000)  # until the pause was heard of
        client.stop()
        assert isinstance(call.exception(MAX_WAIT), StoppedError)
    assert len(server.asked) == 1


def test_stop_ends_the_wait_before_a_further_attempt(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    server = serve(said("broken", 500))
    client = client_of(server, retry_limits=RetryLimits(first_wait=FOR_EVER, longest_wait=FOR_EVER))
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(ask, client)
        eventually(lambda: server.asked)
        client.stop()
        assert isinstance(call.exception(MAX_WAIT), StoppedError)


def test_a_stopped_client_asks_nothing_until_it_is_resumed(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    server = serve()
    client = client_of(server)
    client.stop()
    with pytest.raises(StoppedError):
        ask(client)
    assert (server.asked, client.usage.calls) == ([], 0)
    client.resume()
    assert ask(client) == []


def test_waits_that_were_given_up_dont_use_up_the_budget(client_of: Callable[..., StreakClient]) -> None:
    class Nobody:
        url = "http://127.0.0.1:1/api"

    client = client_of(Nobody, rate=1)
    before = client.rate_limiter._reserve()
    client.stop()
    for _ in range(50):
        with pytest.raises(StoppedError):
            ask(client)
    assert client.rate_limiter._reserve() - before < 10_000_000


def test_an_answer_says_when_it_came(sandbox: Sandbox, client_of: Callable[..., StreakClient]) -> None:
    before = time.time() * 1000
    answer = client_of(sandbox).get(
        "v1/users/me", subject="the current user", read=lambda body: body["email"]
    )
    assert before - 1 <= answer.received_at <= time.time() * 1000
    assert "@" in answer.content


def test_counters_over_many_threads(sandbox: Sandbox, client_of: Callable[..., StreakClient]) -> None:
    sandbox.faults.add("users/me", status=500, times=5)
    sandbox.faults.add("users/me", status=429, headers={"Retry-After": "0"}, times=3)
    client = client_of(sandbox, retry_limits=RetryLimits(attempts=20, first_wait=0.001, longest_wait=0.01))
    before = client.usage.snapshot()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: ask(client, "v1/users/me"), range(30)))
    assert client.usage.since(before) == Usage(calls=38, retries=8, rate_limited=3)
    assert before == Usage()
    assert len(sandbox.journal) == 38
