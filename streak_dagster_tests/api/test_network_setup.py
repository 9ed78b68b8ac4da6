"""What can't succeed until somebody sets it right is tried once, and names the setting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from streak_dagster.api.client import StoppedError
from streak_dagster.api.sending import send
from streak_dagster.errors import ConnectionLostError, NetworkSetupError
from streak_dagster_tests.support.clients import ask
from streak_dagster_tests.support.odd_network import CERTIFICATE, proxy, socks_proxy, untrusted_server
from streak_dagster_tests.support.scripted_server import KEY, Reply, ScriptedServer
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streak_dagster.api.client import StreakClient

SECRET = "pa55word"


class Streak:
    """An address that only a proxy could reach."""

    url = "https://api.streak.invalid/api"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def refused(client: StreakClient) -> str:
    """What the call was refused with: after one try, and the next one isn't made at all."""
    with pytest.raises(NetworkSetupError) as first:
        ask(client)
    with pytest.raises(NetworkSetupError) as second:
        ask(client)
    assert client.usage.calls == 1
    assert str(first.value) == str(second.value)
    assert SECRET not in str(first.value)
    assert KEY not in str(first.value)
    return str(first.value)


def test_an_untrusted_certificate(client_of: Callable[..., StreakClient]) -> None:
    with untrusted_server() as server:

        class Here:
            url = f"https://localhost:{server.port}/api"

        told = refused(client_of(Here))
        assert server.met == 1
    assert told.startswith("The certificate of localhost isn't trusted: self")
    assert "REQUESTS_CA_BUNDLE" in told


def test_a_server_without_tls(
    client_of: Callable[..., StreakClient], serve: Callable[..., ScriptedServer]
) -> None:
    class Here:
        url = serve(Reply()).url.replace("http:", "https:")

    assert refused(client_of(Here)).startswith("127.0.0.1 doesn't answer with TLS")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("407 Proxy Authentication Required", "wants a login (HTTP 407)"),
        ("403 Forbidden", "lets nobody through to api.streak.invalid (HTTP 403)"),
    ],
)
def test_a_proxy_that_refuses(
    answer: str, told: str, client_of: Callable[..., StreakClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy(answer) as door:
        monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:{SECRET}@127.0.0.1:{door.port}")
        assert told in refused(client_of(Streak))
        assert door.met == 1


def test_a_proxy_that_is_down_may_come_back(
    client_of: Callable[..., StreakClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy("502 Bad Gateway") as door:
        monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:{SECRET}@127.0.0.1:{door.port}")
        client = client_of(Streak)
        with pytest.raises(ConnectionLostError) as lost:
            ask(client)
    assert client.usage.calls == 4
    assert SECRET not in str(lost.value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("HTTPS_PROXY", f"socks7://somebody:{SECRET}@127.0.0.1:9", "isn't the address of a proxy"),
        ("HTTPS_PROXY", "http://", "isn't the address of a proxy"),
        ("HTTPS_PROXY", f"http://somebody:{SECRET}@[::1", "HTTPS_PROXY"),
        (
            "REQUESTS_CA_BUNDLE",
            "/no/such/file.pem",
            "CURL_CA_BUNDLE) names /no/such/file.pem",
        ),
    ],
)
def test_a_setting_that_cant_be_used(
    name: str, value: str, told: str, client_of: Callable[..., StreakClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert told in refused(client_of(Streak))


def test_a_certificate_authority_that_is_named_is_trusted(
    client_of: Callable[..., StreakClient],
) -> None:
    """Its file is read, and no longer is anything said of trust: the server then speaks no HTTP."""
    with untrusted_server() as server:

        class Here:
            url = f"https://localhost:{server.port}/api"

        client = client_of(Here)
        client._session.verify = str(CERTIFICATE)
        with pytest.raises(ConnectionLostError):
            ask(client)


@pytest.mark.parametrize("written", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_certificate_authority_that_is_none(
    written: str, client_of: Callable[..., StreakClient], tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text(written, encoding="utf-8")
    with untrusted_server() as server:

        class Here:
            url = f"https://localhost:{server.port}/api"

        client = client_of(Here)
        client._session.verify = str(tmp_path / "ca.pem")
        assert "REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE) names holds no certificate" in refused(client)


def test_a_host_that_no_name_server_could_know(client_of: Callable[..., StreakClient]) -> None:
    class Nowhere:
        url = f"https://{'a' * 70}.example/api"

    assert "isn't an address that can be called" in refused(client_of(Nowhere))


def test_an_answer_that_breaks_http_says_nothing_of_the_setup(
    client_of: Callable[..., StreakClient], serve: Callable[..., ScriptedServer]
) -> None:
    client = client_of(serve(Reply(headers={"Content-Length": "1"})))  # and another one follows
    with pytest.raises(ConnectionLostError):
        ask(client)


def test_a_proxy_that_isnt_there_is_named(
    client_of: Callable[..., StreakClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:{SECRET}@127.0.0.1:1")
    with pytest.raises(ConnectionLostError, match="through the proxy of HTTPS_PROXY") as lost:
        ask(client_of(Streak))
    assert SECRET not in str(lost.value)


def test_socks_without_its_package(
    client_of: Callable[..., StreakClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", missing)
    monkeypatch.setenv("HTTPS_PROXY", f"socks5://somebody:{SECRET}@127.0.0.1:9")
    assert "pip install 'requests[socks]'" in refused(client_of(Streak))


@pytest.mark.parametrize("kind", ["socks5", "socks5h"])
def test_calls_go_through_a_socks_proxy(
    kind: str,
    client_of: Callable[..., StreakClient],
    serve: Callable[..., ScriptedServer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over TLS, too: the server there is reached, and isn't trusted."""
    server = serve(Reply())

    class Far:
        url = "http://127.0.0.2:9/api"  # where nobody is

    with socks_proxy(server.server_address[1]) as door:
        monkeypatch.setenv("ALL_PROXY", f"{kind}://127.0.0.1:{door.port}")
        client = client_of(Far)
        assert ask(client) == []
        assert ask(client) == []
        client.close()
    assert (door.met, len(server.asked)) == (1, 2)

    class FarAndSafe:
        url = "https://127.0.0.2:9/api"

    with untrusted_server() as safe, socks_proxy(safe.port) as door:
        monkeypatch.setenv("ALL_PROXY", f"{kind}://127.0.0.1:{door.port}")
        assert "isn't trusted" in refused(client_of(FarAndSafe))


def test_what_waits_behind_a_socks_proxy_can_be_ended(
    client_of: Callable[..., StreakClient],
    serve: Callable[..., ScriptedServer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = serve(Reply(silent=True))

    class Far:
        url = "http://127.0.0.2:9/api"

    with socks_proxy(server.server_address[1]) as door, ThreadPoolExecutor(1) as threads:
        monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{door.port}")
        client = client_of(Far)
        call = threads.submit(ask, client)
        eventually(lambda: server.asked)
        client.abort()
        assert isinstance(call.exception(MAX_WAIT), StoppedError)


def test_a_bad_moment_after_streak_was_reached_may_pass(
    client_of: Callable[..., StreakClient], serve: Callable[..., ScriptedServer]
) -> None:
    """A proxy that renews its login, say, must not end a run of an hour for good."""
    proxys = Reply(407, b"", {})
    server = serve(Reply(), proxys, Reply())
    client = client_of(server)
    assert ask(client) == []
    assert ask(client) == []
    assert (client.usage.calls, client.usage.retries) == (3, 1)


def test_that_streak_was_reached_while_a_call_was_under_way_counts() -> None:
    """Many are in flight at once: one may fail that was sent before another was answered."""
    reached = False

    class Tunnel(requests.Session):
        def request(self, *_: Any, **__: Any) -> requests.Response:
            nonlocal reached
            reached = True
            raise requests.exceptions.ProxyError("Tunnel connection failed: 403 Forbidden")

    with Tunnel() as session, pytest.raises(ConnectionLostError, match="lets nobody through"):
        send(
            session,
            "GET",
            "https://api.streak.com/api/v1/pipelines",
            "pipelines",
            timeouts=(1, 1),
            reached_before=lambda: reached,
            hide=str,
        )
