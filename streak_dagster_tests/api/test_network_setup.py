"""What can't succeed until somebody sets it right is tried once, and names the setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streak_dagster.errors import ConnectionLostError, NetworkSetupError
from streak_dagster_tests.support.clients import ask
from streak_dagster_tests.support.odd_network import CERTIFICATE, proxy, untrusted_server
from streak_dagster_tests.support.scripted_server import KEY, Reply, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Callable

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
        ("HTTPS_PROXY", f"socks5://somebody:{SECRET}@127.0.0.1:9", "pip install 'requests[socks]'"),
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
