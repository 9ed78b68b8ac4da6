"""Dagster's UI and daemon as ``dagster dev`` starts them, over a sandbox, with no database yet."""

from __future__ import annotations

import json
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from streak_dagster.home import DAGSTER_YAML
from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster.tables import ALL_TABLES
from streak_dagster_tests.support.contents import reading
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.ports import free_port
from streak_dagster_tests.support.processes import REPOSITORY
from streak_dagster_tests.support.runs import Run, running
from streak_dagster_tests.support.truth import differences
from streak_dagster_tests.support.waiting import MAX_WAIT

PROJECT = ("-w", str(REPOSITORY / "workspace.yaml"))
SENSOR = {"STREAK_SCHEDULE": "off", "STREAK_SENSOR": "on", "STREAK_PROBE_INTERVAL": "10s"}
CLOCK_DRIVEN = {
    column.name
    for table in ALL_TABLES
    for column in table.columns
    if column.volatile or column.volatile_members
}
_LOADED = """{ workspaceOrError { ... on Workspace { locationEntries {
    locationOrLoadError { __typename ... on PythonError { message } }
} } } }"""


@dataclass(frozen=True)
class Serving:
    """A running UI and daemon with the project loaded: what it copies from, and where to."""

    url: str
    sandbox: Sandbox
    database: Path
    run: Run

    def is_true(self) -> bool:
        """Whether the copy equals the account, but for what the clock drives; not while it is written."""
        try:
            found = differences(self.database, self.sandbox.workspace, Variants())
        except duckdb.Error:
            return False
        return all(each.partition(": ")[2].split(" ")[0] in CLOCK_DRIVEN for each in found)

    def becomes_true(self) -> None:
        """Wait for Dagster to bring in what there is."""
        self.run.awaits(self.is_true, pause=0.5)

    def misses(self, edit: Callable[[], object]) -> None:
        """Edit the account, and prove that the copy doesn't have it: nobody can publish while we look."""
        with reading(self.database):
            edit()
            assert not self.is_true()


@contextmanager
def dagster_dev(
    sandbox: Sandbox, target: Sequence[str] = PROJECT, *, dotenv: str = "", **settings: str
) -> Iterator[Serving]:
    """Dagster with a home of its own; at the end every process is gone, and so is the folder.

    ``dotenv`` is what ``.env`` of its working directory says.

    Its folder is short, because Dagster's processes meet at unix sockets below it, whose whole path may
    have some 100 letters: pytest's folders, and macOS's, are too deep.
    """
    with tempfile.TemporaryDirectory(prefix="streak-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        home.mkdir()
        (home / "dagster.yaml").write_text(DAGSTER_YAML, encoding="utf-8")
        (Path(folder) / ".env").write_text(dotenv, encoding="utf-8")
        database = Path(folder) / "crm.duckdb"
        values = {
            **environment(sandbox, database, **settings),
            "DAGSTER_HOME": str(home),
            "TMPDIR": folder,
            "PYTHONPATH": str(REPOSITORY),  # the tests aren't installed
        }
        port = free_port()
        arguments = ["dagster", "dev", *target, "-h", "127.0.0.1", "-p", str(port)]
        with running(values, Path(folder), arguments) as run:
            served = Serving(f"http://127.0.0.1:{port}", sandbox, database, run)
            run.awaits(lambda: _is_loaded(served.url), pause=0.2)
            yield served


def a_box(sandbox: Sandbox) -> str:
    workspace = sandbox.workspace
    return str(workspace.boxes(workspace.pipelines()[0]["key"])[0]["key"])


def graphql(url: str, query: str) -> Any:
    """What Dagster's UI answers a query with. Raises OSError where it doesn't answer."""
    headers = {"Content-Type": "application/json"}
    question = urllib.request.Request(f"{url}/graphql", json.dumps({"query": query}).encode(), headers)
    with urllib.request.urlopen(question, timeout=MAX_WAIT) as answer:
        return json.load(answer)["data"]


def _is_loaded(url: str) -> bool:
    """Whether the UI answers and knows the project, which it may have failed to load."""
    try:
        entries = graphql(url, _LOADED)["workspaceOrError"]["locationEntries"]
    except OSError:
        return False
    loaded = [entry["locationOrLoadError"] for entry in entries]
    assert all(each is None or each["__typename"] == "RepositoryLocation" for each in loaded), loaded
    return bool(loaded) and all(loaded)
