"""A failed run is told to a receiver on this machine."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, DefaultSensorStatus, build_run_status_sensor_context

from streak_dagster.automation.alerts import post
from streak_dagster.definitions import build_definitions
from streak_dagster.errors import AlertError
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import load_settings
from streak_dagster_tests.support.loading import environment, log_level

pytestmark = pytest.mark.slow

NAME = "streak_failure_alert"


class Receiver(HTTPServer):
    """Takes messages on loopback; ``status`` is what it answers. One that ``drips`` never ends its answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: list[dict[str, Any]] = []
        self.status = 200
        self.drips = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/a-secret"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.messages.append(json.loads(body))
        self.send_response(self.server.status)
        with contextlib.suppress(OSError):  # the other side has had enough
            while self.server.drips:
                self.send_header("X-Drip", "1")
                self.flush_headers()
                time.sleep(0.01)
            self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def failed_run(sandbox: Sandbox, instance: DagsterInstance, values: dict[str, str]) -> Any:
    """A run that a revoked key fails, and the context that the daemon would give the sensor."""
    sandbox.revoke()
    definitions = build_definitions(load_settings(values))
    job = definitions.resolve_job_def("streak_complete")
    config = {**(job.run_config or {}), **log_level("CRITICAL")}
    result = job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)
    assert not result.success
    (event,) = [each for each in result.all_events if each.is_job_failure]
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    return definitions.resolve_sensor_def(NAME), build_run_status_sensor_context(NAME, event, instance, run)


def test_a_failed_run_is_told_once_with_what_to_do(
    sandbox: Sandbox,
    instance: DagsterInstance,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = environment(sandbox, tmp_path / "x.duckdb", STREAK_ALERT_WEBHOOK=receiver.url)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    sensor, context = failed_run(sandbox, instance, values)
    sensor(context)
    (message,) = receiver.messages
    assert (
        message["subject"]
        == "Streak: streak_complete failed (streak/pipelines, streak/snippets, streak/teams)"
    )
    assert message["job"] == "streak_complete"
    assert set(message["failures"]) == {"streak/pipelines", "streak/snippets", "streak/teams"}
    assert "• streak/teams: Streak doesn't accept the API key" in message["text"]
    assert "set STREAK_API_KEY to it" in message["text"]
    assert context.dagster_run.run_id in message["text"]
    assert receiver.url not in json.dumps(message)


def test_nobody_is_told_where_no_address_is_set(
    sandbox: Sandbox, instance: DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = environment(sandbox, tmp_path / "x.duckdb")
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    sensor, context = failed_run(sandbox, instance, values)
    assert sensor.default_status is DefaultSensorStatus.STOPPED
    told = sensor(context)
    assert told.skip_message == "STREAK_ALERT_WEBHOOK isn't set, so nobody is told."
    with_address = build_definitions(
        load_settings({**values, "STREAK_ALERT_WEBHOOK": "https://example.org/x"})
    )
    assert with_address.resolve_sensor_def(NAME).default_status is DefaultSensorStatus.RUNNING


def test_a_receiver_that_refuses_is_named_without_its_secret(receiver: Receiver) -> None:
    receiver.status = 403
    with pytest.raises(AlertError, match=r"^127\.0\.0\.1 of STREAK_ALERT_WEBHOOK .* HTTP 403") as refusal:
        post(receiver.url, {"text": "x"})
    assert "a-secret" not in str(refusal.value)


def test_a_receiver_that_is_not_there_is_named_without_its_secret() -> None:
    with pytest.raises(AlertError, match=r"couldn't be told of a failed run") as refusal:
        post("http://127.0.0.1:9/services/a-secret", {"text": "x"})
    assert "a-secret" not in str(refusal.value)


def test_a_receiver_whose_answer_never_ends_is_given_up(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streak_dagster.automation.alerts._SECONDS", 0.3)
    receiver.drips = True
    with pytest.raises(AlertError, match=r"127\.0\.0\.1 of STREAK_ALERT_WEBHOOK couldn't be told"):
        post(receiver.url, {"text": "hello"})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("REQUESTS_CA_BUNDLE", "/no/such/file.pem", "names /no/such/file.pem"),
        ("HTTPS_PROXY", "socks7://me:pa55word@127.0.0.1:9", "isn't the address of a proxy"),
        (
            "HTTPS_PROXY",
            "http://me:pa55word@127.0.0.1:port",
            "STREAK_ALERT_WEBHOOK, or the proxy in HTTPS_PROXY",
        ),
    ],
)
def test_what_is_set_up_wrongly_on_the_way_is_named(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(AlertError, match=told) as error:
        post("https://hooks.example.invalid/services/a-secret", {"text": "hello"})
    assert "pa55word" not in str(error.value)
    assert "a-secret" not in str(error.value)
