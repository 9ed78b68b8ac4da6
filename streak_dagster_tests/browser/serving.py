"""Dagster's UI and daemon as ``dagster dev`` starts them, over a sandbox, with no database yet."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streak_dagster.cli import _DAGSTER_YAML
from streak_dagster.sandbox import Sandbox, sample_workspace
from streak_dagster_tests.endurance.budgets import forget_budget

WORKSPACE = Path(__file__).parents[2] / "workspace.yaml"
PATIENCE = 240.0
"""Seconds that a slow, busy machine may take to start Dagster."""
_GRACE = 20.0
_LOADED = """{ workspaceOrError { ... on Workspace { locationEntries {
    locationOrLoadError { __typename ... on PythonError { message } }
} } } }"""


@dataclass(frozen=True)
class Serving:
    """A running UI, what it copies from, and where to."""

    url: str
    sandbox: Sandbox
    database: Path
    log: Path

    def told(self) -> str:
        """The end of what Dagster printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-5000:]


@contextmanager
def serving() -> Iterator[Serving]:
    """The UI with the project loaded. At the end every process is gone, and so is the folder."""
    # Dagster's processes talk over unix sockets, whose whole path may have some 100 letters: pytest's
    # folders, and macOS's, are too deep.
    folder = Path(tempfile.mkdtemp(prefix="streak-ui-", dir="/tmp"))
    try:
        with Sandbox(sample_workspace(), rate=0) as sandbox:
            with _dagster_dev(folder, sandbox) as running:
                yield running
            forget_budget(sandbox)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _dagster_dev(folder: Path, sandbox: Sandbox) -> Iterator[Serving]:
    home = folder / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text(_DAGSTER_YAML, encoding="utf-8")
    port = _free_port()
    served = Serving(f"http://127.0.0.1:{port}", sandbox, folder / "streak.duckdb", folder / "dagster.log")
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("STREAK_", "DAGSTER_"))
    }
    values = {
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "TMPDIR": str(folder),
        "STREAK_API_KEY": sandbox.key,
        "STREAK_API_URL": sandbox.url,
        "STREAK_DUCKDB_PATH": str(served.database),
        "STREAK_CALLS_PER_SECOND": "900",
        "STREAK_SCHEDULE": "off",  # no run but those that are asked for
    }
    program = Path(sys.executable).with_name("dagster")
    with served.log.open("wb") as output:
        process = subprocess.Popen(
            [str(program), "dev", "-w", str(WORKSPACE), "-h", "127.0.0.1", "-p", str(port)],
            env={**clean, **values},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await_loaded(served, process)
        yield served
    finally:
        _end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_loaded(served: Serving, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _is_loaded(served.url):
        assert process.poll() is None, f"dagster dev ended: {served.told()}"
        assert time.monotonic() < deadline, f"dagster dev didn't start in {PATIENCE:.0f} s: {served.told()}"
        time.sleep(0.2)


def _is_loaded(url: str) -> bool:
    """Whether the UI answers and knows the project, which it may have failed to load."""
    question = urllib.request.Request(
        f"{url}/graphql",
        json.dumps({"query": _LOADED}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(question, timeout=30) as answer:
            entries = json.load(answer)["data"]["workspaceOrError"]["locationEntries"]
    except OSError:
        return False
    loaded = [entry["locationOrLoadError"] for entry in entries]
    assert all(each is None or each["__typename"] == "RepositoryLocation" for each in loaded), loaded
    return bool(loaded) and all(loaded)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Politely first, so that Dagster ends its children; then whatever is left of the group."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
