"""The key goes to the server that was named, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streak_dagster.errors import UnexpectedAnswerError
from streak_dagster_tests.support.clients import ask
from streak_dagster_tests.support.scripted_server import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from streak_dagster.api.client import StreakClient
    from streak_dagster_tests.support.scripted_server import ScriptedServer


def to(location: str, status: int = 302) -> Reply:
    return Reply(status, b"", {"Location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_is_followed(
    status: int, serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    server = serve(to("/api/v2/moved?page=3", status), Reply(body=b'["here"]'))
    client = client_of(server)
    answer = client.get("v1/old", {"page": 3}, subject="boxes", read=list)
    assert answer.content == ["here"]
    assert [each.path for each in server.asked] == ["/api/v1/old?page=3", "/api/v2/moved?page=3"]
    assert all("Authorization" in each.headers for each in server.asked)
    assert client.usage.calls == 2


@pytest.mark.parametrize("form", ["http://{host}/api/v1/x", "//{host}/x", "http://user:pw@{host}/x"])
def test_a_redirect_to_another_host_is_refused(
    form: str, serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    other = serve()
    host = other.url.split("/")[2]
    server = serve(to(form.format(host=host)))
    with pytest.raises(
        UnexpectedAnswerError, match="redirected box_tasks of box K1 to another host"
    ) as error:
        ask(client_of(server))
    assert "STREAK_API_URL" in str(error.value)
    assert other.asked == []
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "location",
    ["https://127.0.0.1/api", "http://[broken", "http://\xff/", "http://localhost:99999999/"],
)
def test_a_redirect_to_nowhere_is_named(
    location: str, serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    with pytest.raises(UnexpectedAnswerError, match="redirected box_tasks of box K1"):
        ask(client_of(serve(to(location))))


def test_redirects_in_a_circle_end(
    serve: Callable[..., ScriptedServer], client_of: Callable[..., StreakClient]
) -> None:
    server = serve(to("/api/v1/again"))
    with pytest.raises(UnexpectedAnswerError, match="HTTP 302"):
        ask(client_of(server))
    assert len(server.asked) == 4


def test_proxies_of_the_environment_arent_used_for_this_machine(
    serve: Callable[..., ScriptedServer],
    client_of: Callable[..., StreakClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy, server = serve(), serve()
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    ask(client_of(server))
    assert (len(server.asked), proxy.asked) == (1, [])
