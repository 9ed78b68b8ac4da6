"""The API key is in the Authorization header and nowhere else, even where a server echoes it."""

from __future__ import annotations

import base64
import logging
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from streak_dagster.errors import ApiError
from streak_dagster_tests.support.clients import ask
from streak_dagster_tests.support.scripted_server import KEY, Reply, said

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streak_dagster.api.client import StreakClient
    from streak_dagster_tests.support.scripted_server import ScriptedServer

HEADER = base64.b64encode(f"{KEY}:".encode()).decode()
ALONE = base64.b64encode(KEY.encode()).decode()
BEHIND_A_LONG_STORY = "x" * 190
"""So that a cut after 200 characters would go through the middle of the key."""

ECHOES = {
    f"{status} {name}": said(text, status)
    for status in (400, 401, 404, 410, 418, 500)
    for name, text in {
        "key": f"bad key {KEY}",
        "header": f"Basic {HEADER}",
        "header without padding": HEADER.rstrip("="),
        "base64 of the key alone": ALONE,
        "cut": BEHIND_A_LONG_STORY + KEY,
        "cut header": BEHIND_A_LONG_STORY + HEADER,
    }.items()
} | {
    "redirect to a host with the key": Reply(302, b"", {"Location": f"http://{KEY}@other.invalid/"}),
    "redirect to a host named by it": Reply(302, b"", {"Location": f"http://{KEY}.invalid/"}),
    "redirect with the key in its path": Reply(302, b"", {"Location": f"/api/v1/x?key={KEY}"}),
    "redirect with the header in its path": Reply(302, b"", {"Location": f"/api/{HEADER}"}),
    "content type": Reply(body=b"<html>", headers={"Content-Type": f"text/{KEY}"}),
    "200 with an error": said(KEY, 200),
}


def unseen(text: str) -> None:
    for secret in (KEY, HEADER.rstrip("="), ALONE.rstrip("="), KEY[:10], HEADER[:12]):
        assert secret not in text


@pytest.mark.parametrize("echo", ECHOES)
def test_no_message_traceback_or_log_shows_the_key(
    echo: str,
    serve: Callable[..., ScriptedServer],
    client_of: Callable[..., StreakClient],
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = client_of(serve(ECHOES[echo]))
    with caplog.at_level(logging.DEBUG):
        if echo == "200 with an error":
            ask(client)
        else:
            with pytest.raises(ApiError) as caught:
                ask(client)
            unseen(str(caught.value) + repr(caught.value))
            unseen("".join(traceback.format_exception(caught.value)))
    unseen(caplog.text)
    assert "urllib3" in caplog.text, "its log was looked at"


def test_a_status_line_that_echoes_the_key_shows_nothing(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    server = serve()

    def send_response(self: Any, _: int) -> None:
        self.wfile.write(f"{KEY}\r\n".encode())

    usual: Any = server.RequestHandlerClass
    server.RequestHandlerClass = type("Odd", (usual,), {"send_response": send_response})
    with pytest.raises(ApiError) as caught:
        ask(client_of(server))
    unseen("".join(traceback.format_exception(caught.value)))


def test_no_repr_shows_the_key(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    client = client_of(serve())
    ask(client)
    unseen(
        repr(client) + repr(client.rate_limiter) + repr(client.rate_limiter.acquire()) + repr(client.usage)
    )


def test_the_budgets_file_is_named_without_the_account(
    tmp_path: Path, serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    ask(client_of(serve()))
    (file,) = tmp_path.iterdir()
    assert "tests" not in file.name
    unseen(file.name)
    assert KEY.encode() not in file.read_bytes()
