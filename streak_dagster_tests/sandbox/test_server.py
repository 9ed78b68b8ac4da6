"""Starting, stopping, keys, delays, failures on purpose."""

from __future__ import annotations

import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from streak_dagster.sandbox import Sandbox, generated_workspace, sample_workspace
from streak_dagster_tests.support.ports import free_port
from streak_dagster_tests.support.sandbox_client import Client, Start
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually


def test_key_as_basic_and_bearer(client: Client) -> None:
    url = client.sandbox.url + "/v1/users/me"
    assert requests.get(url, auth=("sandbox", ""), timeout=MAX_WAIT).status_code == 200
    assert requests.get(url, headers={"Authorization": "Bearer sandbox"}, timeout=MAX_WAIT).status_code == 200
    none = requests.get(url, timeout=MAX_WAIT)
    assert (none.status_code, none.json()) == (401, {"error": "Authentication required"})
    wrong = [
        {"Authorization": "Bearer other"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic b3RoZXI6"},
    ]
    for headers in wrong:
        answer = requests.get(url, headers=headers, timeout=MAX_WAIT)
        assert (answer.status_code, answer.json()) == (401, {"success": False, "error": "invalid api key"})


def test_revoked_key(client: Client) -> None:
    client.get("/v1/users/me")
    client.sandbox.revoke()
    assert client.call("/v1/users/me").json()["error"] == "invalid api key"
    client.sandbox.restore()
    client.get("/v1/users/me")


def test_unknown_paths(client: Client) -> None:
    assert client.call("/v1/unheard/of").status_code == 404
    assert client.call("/v3").status_code == 404
    answer = client.call("/v2/unheard/of")
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid API path specified"})
    assert client.call("/v1/pipelines", method="PUT").status_code == 405


def test_answers_are_compact_utf8_json(client: Client) -> None:
    answer = client.call("/v1/pipelines")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert "Won 🎉".encode() in answer.content
    assert b'": ' not in answer.content


def test_latency_doesnt_queue(start: Start) -> None:
    """All ten have come while none is answered; and with a latency that ends, it is waited for."""
    client = start(latency=3600)
    with ThreadPoolExecutor(10) as pool:
        answers = [pool.submit(client.call, "/v1/users/me") for _ in range(10)]
        eventually(lambda: len(client.sandbox.journal) == 10)
        assert not any(answer.done() for answer in answers)
        client.sandbox.close()
        assert {answer.result(MAX_WAIT).status_code for answer in answers} == {200}
    client = start(latency=0.3)
    begin = time.monotonic()
    client.get("/v1/users/me")
    assert time.monotonic() - begin >= 0.3
    client.sandbox.latency = 0
    assert client.sandbox.latency == 0


def test_closing_ends_delays(start: Start) -> None:
    client = start(latency=10 * MAX_WAIT)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.call, "/v1/users/me")
        eventually(lambda: client.sandbox.journal)
        client.sandbox.close()
        assert answer.result(MAX_WAIT).status_code == 200


def test_close_frees_the_port_and_may_be_called_twice() -> None:
    port = free_port()  # one that nobody else is given meanwhile
    sandbox = Sandbox(sample_workspace(), port=port)
    requests.get(sandbox.url + "/v1/users/me", auth=("sandbox", ""), timeout=MAX_WAIT)
    sandbox.close()
    sandbox.close()
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.url, timeout=MAX_WAIT)
    with Sandbox(sample_workspace(), port=port) as again:
        assert again.url == sandbox.url


def test_a_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            Sandbox(sample_workspace(), port=taken.getsockname()[1])


@pytest.mark.parametrize(
    "wrong", [{"key": ""}, {"key": "a:b"}, {"rate": -1}, {"latency": -1}, {"latency": float("nan")}]
)
def test_impossible_settings(wrong: dict[str, float | str]) -> None:
    with pytest.raises(ValueError, match=r"key|rate|latency"):
        Sandbox(sample_workspace(), **wrong)  # type: ignore[arg-type]


def test_listens_on_loopback_only(client: Client) -> None:
    assert client.sandbox.url.startswith("http://127.0.0.1:")


def test_logging_is_left_alone_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    names = ("uvicorn", "uvicorn.error", "uvicorn.access", "")
    before = [(logging.getLogger(name).level, list(logging.getLogger(name).handlers)) for name in names]
    with Sandbox(sample_workspace()) as sandbox:
        requests.get(sandbox.url + "/v1/users/me", auth=("sandbox", ""), timeout=MAX_WAIT)
    after = [(logging.getLogger(name).level, list(logging.getLogger(name).handlers)) for name in names]
    assert before == after
    assert logging.getLogger("uvicorn.access").propagate
    assert capfd.readouterr() == ("", "")


def test_access_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with Sandbox(sample_workspace()) as sandbox:
        requests.get(sandbox.url + "/v1/users/me", auth=("sandbox", ""), timeout=MAX_WAIT)
    assert not [record for record in caplog.records if "/v1/users/me" in record.getMessage()]


def test_connections_are_kept(client: Client) -> None:
    with requests.Session() as session:
        session.auth = ("sandbox", "")
        ports = set()
        for _ in range(3):
            with session.get(client.sandbox.url + "/v1/users/me", stream=True, timeout=MAX_WAIT) as answer:
                assert answer.raw.connection is not None
                ports.add(answer.raw.connection.sock.getsockname()[1])
                assert answer.content
    assert len(ports) == 1


def test_faults(client: Client) -> None:
    fault = client.sandbox.faults.add(
        "/pipelines$", status=503, body=b"", headers={"Retry-After": "1"}, skip=1, times=2
    )
    answers = [client.call("/v1/pipelines") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
    assert (answers[1].content, answers[1].headers["retry-after"], fault.struck) == (b"", "1", 2)
    assert [each.kind for each in client.sandbox.journal.arrivals] == ["ok", "fault", "fault", "ok"]
    client.sandbox.faults.add(status=500, times=None, method="GET")
    assert client.call("/v1/users/me").status_code == 500
    client.sandbox.faults.clear()
    client.get("/v1/users/me")


def test_a_workspace_may_be_replaced(client: Client) -> None:
    client.sandbox.workspace = generated_workspace(0)
    assert len(client.get("/v1/pipelines")) == 5
    assert client.get("/v1/boxes") == []


def test_big_pages_dont_disturb_the_clock(start: Start) -> None:
    """A page of 1000 boxes is made beside the event loop: other arrivals are stamped when they come."""
    client = start(generated_workspace(4000))
    path = f"/v1/pipelines/{client.sandbox.workspace.pipelines()[0]['key']}/boxes"
    go_on = threading.Event()
    client.sandbox._app._pool.submit(go_on.wait, MAX_WAIT)  # what makes big pages is busy
    with ThreadPoolExecutor(1) as pool:
        listing = pool.submit(client.call, path, params={"limit": 1000, "page": 0})
        try:
            eventually(lambda: client.sandbox.journal)
            for _ in range(3):
                get = requests.get(
                    client.sandbox.url + "/v1/users/me", auth=("sandbox", ""), timeout=MAX_WAIT
                )
                assert get.status_code == 200
            assert not listing.done()
        finally:
            go_on.set()
        assert len(listing.result(MAX_WAIT).json()) > 3
