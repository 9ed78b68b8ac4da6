"""True copies of accounts, each loaded once by a worker and handed to its tests as a file of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.fewer import are_fewer
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.truth import differences


class Copies:
    """The copies that this worker has made, below a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, path: Path, sandbox: Sandbox, load: Load) -> Path:
        """A true copy of the sandbox's account at `path`, and nothing in its journal.

        `name` must tell the account, as it is now, from all others that tests have copied: what was
        loaded under it is not loaded again.
        """
        name = f"{name}, the core" if are_fewer() else name
        first = self._folder / f"{name}.duckdb"
        if not first.exists():
            # The name of the file is that of DuckDB's catalog, so that it is a test's own already now.
            making = self._folder / name / path.name
            making.parent.mkdir(exist_ok=True)
            latency, sandbox.latency = sandbox.latency, 0
            assert load(sandbox, making).success
            assert differences(making, sandbox.workspace, sandbox.variants) == []
            sandbox.latency = latency
            sandbox.journal.clear()
            making.rename(first)
        return Path(shutil.copy(first, path))
