"""A departure counts from when the request really left, however long connecting took."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from streak_dagster.api.connections import TellingAdapter, _PlainConnection, _SecureConnection
from streak_dagster_tests.support.clients import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from streak_dagster.api.client import StreakClient
    from streak_dagster_tests.support.scripted_server import ScriptedServer


def departures(client: StreakClient) -> list[int]:
    with client.rate_limiter._state.update() as state:
        return state.departures


def test_a_slow_connection_moves_the_departure_before_the_answer_comes(
    serve: Callable[..., ScriptedServer],
    client_of: Callable[..., StreakClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect, seen = _PlainConnection.connect, []
    client = client_of(serve())

    def slowly(self: _PlainConnection) -> None:
        seen.extend(departures(client))
        time.sleep(0.3)
        connect(self)

    monkeypatch.setattr(_PlainConnection, "connect", slowly)
    monkeypatch.setattr("streak_dagster.api.rate_limiter.Permit.answered", lambda _: None)
    ask(client)
    assert departures(client)[0] - seen[0] > 250_000
    ask(client)
    assert len(seen) == 1, "the connection was kept"


def test_the_connections_tell_for_https_and_through_proxies_too() -> None:
    adapter = TellingAdapter()
    for manager in (adapter.poolmanager, adapter.proxy_manager_for("http://127.0.0.1:9")):
        for scheme, kind in (("http", _PlainConnection), ("https", _SecureConnection)):
            assert manager.pool_classes_by_scheme[scheme].ConnectionCls is kind
    adapter.close()
