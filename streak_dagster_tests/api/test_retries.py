"""What is asked again, what never is, and how often."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from streak_dagster import errors
from streak_dagster.api import client as client_module
from streak_dagster.api.envelopes import read_page
from streak_dagster.api.retries import RetryLimits
from streak_dagster.sync.confirm import fetch_one
from streak_dagster.tables import PIPELINE_BOXES
from streak_dagster_tests.support.clients import ask
from streak_dagster_tests.support.scripted_server import Reply, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from streak_dagster.api.client import StreakClient
    from streak_dagster_tests.support.scripted_server import ScriptedServer

PASSING = {
    "500": (said("Internal error", 500), errors.ServerFaultError, "HTTP 500"),
    "502": (Reply(502, b"<html>Bad gateway</html>"), errors.ServerFaultError, "HTTP 502"),
    "503": (Reply(503, b""), errors.ServerFaultError, "HTTP 503"),
    "504": (Reply(504, b""), errors.ServerFaultError, "HTTP 504"),
    "reset": (Reply(reset=True), errors.ConnectionLostError, "reset"),
    "cut short": (Reply(body=b'[{"key":', cut=True), errors.ConnectionLostError, "more expected"),
    "cut after a whole value": (Reply(body=b"[]", cut=True), errors.ConnectionLostError, "more expected"),
    "HTML": (
        Reply(body=b"<html>hello</html>", headers={"Content-Type": "text/html"}),
        errors.UnreadableAnswerError,
        "18 bytes that aren't JSON (text/html)",
    ),
    "null": (Reply(body=b"null"), errors.UnreadableAnswerError, "null"),
    "empty": (Reply(body=b""), errors.UnreadableAnswerError, "0 bytes that aren't JSON"),
    "no UTF-8": (Reply(body=b'["\xff\xfe"]'), errors.UnreadableAnswerError, "aren't JSON"),
    "success: false": (
        Reply(body=b'{"success": false, "error": "try later"}'),
        errors.UnreadableAnswerError,
        "success: false",
    ),
    'success: "False"': (
        Reply(body=b'{"success": "False"}'),
        errors.UnreadableAnswerError,
        "success: false",
    ),
    "success: 0": (Reply(body=b'{"success": 0}'), errors.UnreadableAnswerError, "success: false"),
    "no list": (Reply(body=b'{"name": "x"}'), errors.UnreadableAnswerError, "an object of name"),
}


@pytest.mark.parametrize("failure", PASSING)
def test_what_may_pass_is_asked_again(
    failure: str, serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    bad, _, _ = PASSING[failure]
    server = serve(bad, bad, Reply(body=b'[{"key": "a"}]'))
    client = client_of(server)
    answer = client.get("v1/x", subject="files", read=lambda body: read_page(body, "files"))
    assert answer.content.records == [{"key": "a"}]
    assert (len(server.asked), client.usage.calls, client.usage.retries) == (3, 3, 2)


@pytest.mark.parametrize("failure", PASSING)
def test_what_doesnt_pass_is_named_in_the_end(
    failure: str, serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    bad, kind, words = PASSING[failure]
    server = serve(bad)
    with pytest.raises(errors.TransientError) as caught:
        client_of(server).get(
            "v1/x", subject="files of box K1", read=lambda body: read_page(body, "files of box K1")
        )
    assert type(caught.value) is kind
    assert "files of box K1" in str(caught.value)
    assert words in str(caught.value)
    assert "Tried 4 times." in str(caught.value)
    assert len(server.asked) == 4


NEVER_AGAIN = {
    400: errors.ObjectUnavailableError,
    401: errors.KeyRefusedError,
    403: errors.ObjectUnavailableError,
    404: errors.ObjectUnavailableError,
    405: errors.UnexpectedAnswerError,
    410: errors.EndpointRetiredError,
    304: errors.UnexpectedAnswerError,
}


@pytest.mark.parametrize("status", NEVER_AGAIN)
def test_what_cant_succeed_is_asked_once(
    status: int, serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    server = serve(Reply(status, b""))
    client = client_of(server)
    with pytest.raises(errors.PermanentError) as caught:
        ask(client)
    assert type(caught.value) is NEVER_AGAIN[status]
    assert caught.value.status == status
    assert f"HTTP {status}" in str(caught.value)
    assert (len(server.asked), client.usage.calls, client.usage.retries) == (1, 1, 0)


@pytest.mark.parametrize("reply", [Reply(204, b""), Reply(body=b'{"results": null, "hasNextPage": false}')])
def test_an_answer_without_records_is_an_empty_list_at_once(
    reply: Reply, serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    server = serve(reply)
    answer = client_of(server).get("v1/x", subject="files", read=lambda body: read_page(body, "files"))
    assert (answer.content.records, len(server.asked)) == ([], 1)


@pytest.mark.parametrize("reply", [Reply(204, b""), Reply(body=b'{"results": null, "hasNextPage": false}')])
def test_an_answer_without_records_is_no_object(
    reply: Reply, serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    """It may pass, and doesn't say that the object is gone."""
    server = serve(reply, reply, Reply(body=b'{"key": "K1"}'))
    client = client_of(server)
    assert fetch_one(client, PIPELINE_BOXES, "K1").content == {"key": "K1"}
    assert (len(server.asked), client.usage.retries) == (3, 2)
    with pytest.raises(errors.UnreadableAnswerError, match="boxes K1"):
        fetch_one(client_of(serve(reply)), PIPELINE_BOXES, "K1")


def test_nobody_there_is_named(client_of: Callable[..., StreakClient]) -> None:
    class Nobody:
        url = "http://127.0.0.1:1/api"

    try:
        dict[str, str]()["what the caller is busy with"]  # is not why the connection failed
    except KeyError:
        with pytest.raises(errors.ConnectionLostError, match=r"box_tasks of box K1: ConnectionRefusedError"):
            ask(client_of(Nobody))


def test_an_answer_that_doesnt_come_is_named(
    serve: Callable[..., ScriptedServer],
    client_of: Callable[..., StreakClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client_module, "READ_SECONDS", 0.2)
    server = serve(Reply(silent=True))
    with pytest.raises(errors.AnswerTimeoutError, match=r"didn't answer box_tasks of box K1 within 0.2 s"):
        ask(client_of(server, retry_limits=RetryLimits(attempts=1)))


def test_a_connection_that_isnt_accepted_is_named(
    client_of: Callable[..., StreakClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "CONNECT_SECONDS", 0.2)
    with socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for each in (one, two):
            each.setblocking(False)
            each.connect_ex(full.getsockname())

        class Full:
            url = f"http://127.0.0.1:{full.getsockname()[1]}/api"

        with pytest.raises(errors.ConnectionLostError, match=r"wasn't reached .* within 0.2 s"):
            ask(client_of(Full, retry_limits=RetryLimits(attempts=1)))


def test_a_429_isnt_a_failure_that_uses_up_the_attempts(
    serve: Callable[..., ScriptedServer],
    client_of: Callable[..., StreakClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client_module, "PAUSE_WITHOUT_ADVICE", 0.001)
    server = serve(*[said("slow down", 429, **{"Retry-After": "0"})] * 9, Reply())
    client = client_of(server)
    assert ask(client) == []
    assert (client.usage.calls, client.usage.retries, client.usage.rate_limited) == (10, 9, 9)


@pytest.mark.parametrize("advice", ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"])
def test_advice_that_slows_nobody_is_none(
    advice: str,
    serve: Callable[..., ScriptedServer],
    client_of: Callable[..., StreakClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = client_of(serve(*[said("slow down", 429, **{"Retry-After": advice})] * 4, Reply()))
    pauses: list[float] = []
    monkeypatch.setattr(client.rate_limiter, "pause", pauses.append)
    assert ask(client) == []
    first = client_module.PAUSE_WITHOUT_ADVICE
    assert pauses == [first, 2 * first, 4 * first, 8 * first]


def test_the_last_429_is_heeded_too(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    """One call gives up; the others must not run into the same refusal."""
    server = serve(said("slow down", 429, **{"Retry-After": "60"}))
    client = client_of(server, retry_limits=RetryLimits(seconds=0))
    with pytest.raises(errors.RateLimitedError):
        ask(client)
    assert client.usage.rate_limited == 1
    assert client.rate_limiter._depart()[1] > 50_000_000


def test_patience_ends_after_its_time(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    server = serve(said("slow down", 429, **{"Retry-After": "0"}))
    with pytest.raises(errors.RateLimitedError):
        ask(client_of(server, retry_limits=RetryLimits(seconds=0.05)))
    assert len(server.asked) > 1
