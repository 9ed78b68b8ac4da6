"""Calls that are under way end at their deadline, or at once when the client is told to."""

from __future__ import annotations

import contextlib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from streak_dagster.api.client import StoppedError, StreakClient
from streak_dagster.api.retries import RetryLimits
from streak_dagster.errors import AnswerTimeoutError
from streak_dagster_tests.support.clients import ask
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOR_EVER = 10 * MAX_WAIT
ONCE = RetryLimits(attempts=1)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n["


class Raw:
    """A server that takes connections, and answers each with ``first`` and then a ``drop`` now and then."""

    def __init__(self, first: bytes = b"", drop: bytes = b"") -> None:
        self._first, self._drop = first, drop
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/api"
        self.taken = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with ExitStack() as stack:
            taken: list[socket.socket] = []
            self._listening.settimeout(0.05)
            while not self._over.is_set():
                try:
                    connection = stack.enter_context(self._listening.accept()[0])
                    connection.sendall(self._first)
                    taken.append(connection)
                    self.taken += 1
                except TimeoutError:
                    pass
                for each in taken:
                    with contextlib.suppress(OSError):  # it has had enough
                        each.sendall(self._drop)

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._listening.close()


KINDS: dict[str, tuple[bytes, bytes]] = {
    "silent": (b"", b""),
    "dripping head": (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
    "dripping body": (HEAD, b" "),
}


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Raw]:
    raw = Raw(*KINDS[request.param])
    yield raw
    raw.close()


@contextmanager
def full_server() -> Iterator[str]:
    """The address of one that takes no connection: those that wait for it fill its queue."""
    with socket.socket() as listening, ExitStack() as waiting:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            each = waiting.enter_context(socket.socket())
            each.setblocking(False)
            each.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"


def test_abort_ends_a_call_wherever_its_answer_is(
    server: Raw, client_of: Callable[..., StreakClient]
) -> None:
    client = client_of(server, read_seconds=FOR_EVER, answer_seconds=FOR_EVER)
    with ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(ask, client) for _ in range(8)]
        eventually(lambda: server.taken == 8)
        client.abort()
        assert all(isinstance(call.exception(MAX_WAIT), StoppedError) for call in calls)
    assert client.usage.retries == 0
    with pytest.raises(StoppedError):
        ask(client)


def test_abort_ends_a_call_that_is_still_connecting(client_of: Callable[..., StreakClient]) -> None:
    class Full:
        url = ""

    with full_server() as Full.url, ThreadPoolExecutor(1) as threads:
        client = client_of(Full)
        call = threads.submit(ask, client)
        eventually(lambda: client.usage.calls)
        client.abort()
        assert isinstance(call.exception(MAX_WAIT), StoppedError)


@pytest.mark.parametrize("ended", ["by abort", "at its deadline"])
def test_a_call_ends_while_the_name_servers_are_silent(
    ended: str, client_of: Callable[..., StreakClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, over = threading.Event(), threading.Event()

    def silent(*_: object) -> list[object]:
        asked.set()
        over.wait()
        raise socket.gaierror("nobody knows it")

    class Nowhere:
        url = "http://api.streak.invalid/api"

    monkeypatch.setattr("socket.getaddrinfo", silent)
    seconds = FOR_EVER if ended == "by abort" else 0.1
    client = client_of(Nowhere, retry_limits=ONCE, answer_seconds=seconds)
    client._session.trust_env = False
    try:
        with ThreadPoolExecutor(1) as threads:
            call = threads.submit(ask, client)
            assert asked.wait(MAX_WAIT)
            if ended == "by abort":
                client.abort()
            expected = StoppedError if ended == "by abort" else AnswerTimeoutError
            assert isinstance(call.exception(MAX_WAIT), expected)
    finally:
        over.set()


def test_an_answer_that_trickles_has_a_deadline(server: Raw, client_of: Callable[..., StreakClient]) -> None:
    client = client_of(server, retry_limits=ONCE, answer_seconds=0.3)
    with pytest.raises(AnswerTimeoutError, match=r"wasn't whole within 0\.3 s"):
        ask(client)


def test_a_client_that_was_aborted_can_be_resumed(
    client_of: Callable[..., StreakClient], sandbox: object
) -> None:
    client = client_of(sandbox)
    client.abort()
    client.resume()
    client.get("v1/users/me", subject="the current user", read=dict)


def test_no_thread_is_left(server: Raw, client_of: Callable[..., StreakClient]) -> None:
    before = set(threading.enumerate())
    client = client_of(server, retry_limits=ONCE, answer_seconds=0.2)
    with pytest.raises(AnswerTimeoutError):
        ask(client)
    client.close()
    assert set(threading.enumerate()) == before
