"""`python -m streak_dagster.sandbox` as a real process."""

from __future__ import annotations

import signal
import socket
import subprocess

import pytest
import requests

from streak_dagster_tests.support.sandbox_process import COMMAND, served
from streak_dagster_tests.support.waiting import MAX_WAIT


def refused(*arguments: str) -> tuple[int, str]:
    """Exit code and last line of standard error of a run that ends by itself."""
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=MAX_WAIT, check=False
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_start_call_stop(number: signal.Signals) -> None:
    with served("--key", "k2", "--task-shape", "both", "--no-ai-settings", "--rate", "3") as (url, process):
        answer = requests.get(url + "/v1/pipelines", auth=("k2", ""), timeout=MAX_WAIT)
        assert answer.status_code == 200
        assert "aiSettings" not in answer.json()[0]["fields"][0]
        root = url.removesuffix("/api")
        assert requests.get(root + "/_sandbox/health", timeout=MAX_WAIT).json() == {"ok": True}
        journal = requests.get(root + "/_sandbox/journal", timeout=MAX_WAIT).json()
        assert (journal["count"], journal["busiestWindow"], journal["arrivals"][0]["path"]) == (
            1,
            1,
            "/api/v1/pipelines",
        )
        assert requests.delete(root + "/_sandbox/journal", timeout=MAX_WAIT).status_code == 200
        assert requests.get(root + "/_sandbox/journal", timeout=MAX_WAIT).json()["count"] == 0
        assert requests.get(root + "/_sandbox/other", timeout=MAX_WAIT).status_code == 404
        process.send_signal(number)
        out, errors = process.communicate(timeout=MAX_WAIT)
        assert (process.returncode, out, errors) == (0, "", "")


@pytest.mark.parametrize(("arguments", "status"), [([], 200), (["--strict"], 400)])
def test_strict(arguments: list[str], status: int) -> None:
    with served(*arguments) as (url, _):
        answer = requests.get(
            url + "/v1/pipelines",
            params={"sortBy": "lastUpdatedTime"},
            auth=("sandbox", ""),
            timeout=MAX_WAIT,
        )
        assert answer.status_code == status


def test_generated_boxes() -> None:
    with served("--boxes", "100000", "--seed", "7", "--rate", "0") as (url, _):
        pipelines = requests.get(url + "/v1/pipelines", auth=("sandbox", ""), timeout=MAX_WAIT).json()
        assert sum(each["boxCount"] for each in pipelines) == 100_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "99999"], "--port: must be a whole number from 0 to 65535"),
        (["--boxes", "-1"], "--boxes"),
        (["--boxes", "many"], "--boxes: must be a whole number"),
        (["--rate", "nan"], "--rate: must be a number, 0 or more"),
        (["--latency-ms", "-5"], "--latency-ms: must be a number"),
        (["--host", "0.0.0.0"], "127.0.0.1 only"),
        (["--host", "example.org"], "127.0.0.1 only"),
        (["--key", ""], "--key: must not be empty"),
        (["--keys", "none"], "--keys: invalid choice"),
        (["--max-page-limit", "0"], "--max-page-limit: must be a whole number from 1"),
        (["--fault", "hagn"], "--fault: There is no fault 'hagn' (did you mean hang?); the kinds are rate_"),
        (["--fault", "hang:pth=x"], "--fault: A fault has no option 'pth'; there are path, method, skip,"),
        (["--unheard-of"], "unrecognized arguments"),
    ],
)
def test_bad_arguments(arguments: list[str], words: str) -> None:
    code, line = refused(*arguments)
    assert code == 2
    assert words in line


def test_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refused("--port", str(port)) == (
            1,
            f"The sandbox can't listen on 127.0.0.1:{port}: Address already in use.",
        )
