"""Each message says which object and key, what Streak answered and what to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from streak_dagster.api.retries import RetryLimits
from streak_dagster.errors import (
    EndpointRetiredError,
    KeyRefusedError,
    ObjectUnavailableError,
    RateLimitedError,
    ServerFaultError,
)
from streak_dagster_tests.support.clients import ask
from streak_dagster_tests.support.scripted_server import Reply, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from streak_dagster.api.client import StreakClient
    from streak_dagster.sandbox import Sandbox
    from streak_dagster_tests.support.scripted_server import ScriptedServer


def test_a_wrong_key_and_a_missing_one_are_two_messages(
    sandbox: Sandbox, client_of: Callable[..., StreakClient]
) -> None:
    wrong = client_of(sandbox, key="wrong-key")
    with pytest.raises(KeyRefusedError) as refused:
        ask(wrong, "v1/pipelines", "pipelines")
    without = client_of(sandbox)
    without._session.auth = lambda request: request  # as if a proxy removed the header
    with pytest.raises(KeyRefusedError) as unseen:
        ask(without, "v1/pipelines", "pipelines")
    for words in ("doesn't accept the API key", "pipelines", '"invalid api key"', "create a new one"):
        assert words in str(refused.value)
    for words in ("saw no API key", "pipelines", '"Authentication required"', "no proxy removes"):
        assert words in str(unseen.value)
    assert {refused.value.status, unseen.value.status} == {401}


def test_after_a_refused_key_nothing_is_asked(
    sandbox: Sandbox, client_of: Callable[..., StreakClient]
) -> None:
    sandbox.revoke()
    client = client_of(sandbox)
    for _ in range(3):
        with pytest.raises(KeyRefusedError, match="doesn't accept the API key"):
            ask(client)
    assert len(sandbox.journal) == client.usage.calls == 1


def test_threads_that_wait_for_their_turn_dont_ask_with_a_refused_key(
    sandbox: Sandbox, client_of: Callable[..., StreakClient]
) -> None:
    sandbox.revoke()
    client = client_of(sandbox, rate=1)  # the others' turns come long after the first answer
    with ThreadPoolExecutor(6) as threads:
        calls = [threads.submit(ask, client) for _ in range(6)]
        errors = [call.exception() for call in calls]
    assert all(isinstance(error, KeyRefusedError) for error in errors)
    assert len(sandbox.journal) == 1


def test_a_key_revoked_in_the_middle_is_noticed(
    sandbox: Sandbox, client_of: Callable[..., StreakClient]
) -> None:
    client = client_of(sandbox)
    ask(client)
    sandbox.revoke()
    with pytest.raises(KeyRefusedError):
        ask(client)


def test_a_401_for_one_object_isnt_the_keys_fault_once_the_key_has_worked(
    sandbox: Sandbox, client_of: Callable[..., StreakClient]
) -> None:
    client = client_of(sandbox)
    ask(client)
    sandbox.faults.add("boxes/K1", status=401, body=b'{"error":"You may not see this"}')
    with pytest.raises(ObjectUnavailableError, match=r'box K1 \(HTTP 401\)\. Streak said "You may not see'):
        ask(client, "v1/boxes/K1/files", "box_files of box K1")
    assert ask(client)


def test_an_unreadable_200_doesnt_prove_the_key(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    """A captive portal answers anybody."""
    with pytest.raises(KeyRefusedError):
        ask(client_of(serve(Reply(body=b"<html>Log in to the Wi-Fi</html>"), Reply(401, b""))))
    client = client_of(serve(Reply(204, b""), Reply(401, b"")))
    ask(client)
    with pytest.raises(KeyRefusedError):
        ask(client)


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (said("No such box.", 404), ObjectUnavailableError, ["doesn't have", '"No such box".']),
        (said("", 404), ObjectUnavailableError, ["doesn't have box_tasks of box K1 (HTTP 404)."]),
        (said("Bad key", 400), ObjectUnavailableError, ["refused the request for", '"Bad key"']),
        (Reply(403, b"<html>"), ObjectUnavailableError, ["doesn't let this key see", "(HTTP 403)."]),
        (Reply(410, b'{"message": "Use v3"}'), EndpointRetiredError, ['"Use v3"', "newer version of"]),
        (Reply(500, b'{"error": {"code": 5}}'), ServerFaultError, ["(HTTP 500)"]),
        (Reply(503, b'["no", "object"]'), ServerFaultError, ["(HTTP 503)"]),
    ],
)
def test_messages_name_object_status_and_streaks_words(
    reply: Reply,
    kind: type[Exception],
    words: list[str],
    serve: Callable[..., ScriptedServer],
    client_of: Callable[..., StreakClient],
) -> None:
    with pytest.raises(kind) as caught:
        ask(client_of(serve(reply)))
    for each in [*words, "box_tasks of box K1"]:
        assert each in str(caught.value)


def test_a_long_error_body_is_cut(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    with pytest.raises(ObjectUnavailableError) as caught:
        ask(client_of(serve(said("x" * 100_000, 404))))
    assert len(str(caught.value)) < 400


def test_retry_after_is_on_the_error(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    client = client_of(serve(said("no", 429, **{"Retry-After": "7"})), retry_limits=RetryLimits(seconds=0))
    with pytest.raises(RateLimitedError, match=r"slow down \(HTTP 429\) at box_tasks of box K1") as caught:
        ask(client)
    assert caught.value.retry_after == 7
