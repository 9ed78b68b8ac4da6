"""What a past of many refreshes costs: the file, the versions in it, and the time to read as of a moment.

    .venv/bin/python benchmarks/past.py [refreshes] [--boxes 120] [--edits 5]

A small workspace is served over HTTP, edited at random before each refresh, read through the refresher, and
published as a run publishes it, bookkeeping and views included, but for Dagster. After each tenth of the
refreshes a line tells what there is, and ``edits`` of 0 shows what refreshes cost that find nothing new.
"""

from __future__ import annotations

import argparse
import gc
import logging
import random
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import duckdb

from streak_dagster.api.client import StreakClient
from streak_dagster.api.rate_limiter import RateLimiter
from streak_dagster.assets.session import RefreshSession
from streak_dagster.resources import WarehouseResource
from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster.sync.refresh import Refresher
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import Kind, table
from streak_dagster.type_handlers import FetchedHandler
from streak_dagster.warehouse.published import PlanRequest, take_snapshot, unlisted_boxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streak_dagster.sandbox import Workspace
    from streak_dagster.sync.fetched import Fetched
    from streak_dagster.tables import Table

OFTEN = [table(name) for name in ("pipeline_boxes", "box_field_values", "box_comments")]
"""A list, a table made of it, and one that is planned box by box: refreshed each time."""
ALL = [
    table(name)
    for name in ("pipelines", "pipeline_stages", "pipeline_fields", "pipeline_boxes", "box_stage_history")
] + OFTEN[1:]
"""What the views read: refreshed each ``SELDOM``-th time, and each time with ``--all``."""
SELDOM = 50
READS = 5
logging.basicConfig(level=logging.ERROR)


class Team:
    """Who works in the workspace: some edits between two refreshes."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.chance, self.deleted = workspace, random.Random(1), list[str]()
        self.pipelines = {each["key"]: each["stageOrder"] for each in workspace.pipelines()}

    def edit(self, times: int) -> None:
        for _ in range(times):
            keys = [key for pipeline in self.pipelines for key in self.workspace.box_keys(pipeline)]
            box = self.workspace.box(self.chance.choice(keys))
            kind = self.chance.choice(
                ["rename", "note", "move", "move", "comment", "add", "delete", "return"]
            )
            if kind == "rename":
                self.workspace.update_box(box["key"], name=f"Company {self.chance.random():.6f}")
            elif kind == "note":
                self.workspace.update_box(box["key"], notes=f"Called them {self.chance.random():.6f} times.")
            elif kind == "move":
                stage = self.chance.choice(self.pipelines[box["pipelineKey"]])
                self.workspace.update_box(box["key"], stageKey=stage)
            elif kind == "comment":
                self.workspace.add_comment(box["key"], message=f"Said {self.chance.random():.6f}.")
            elif kind == "add":
                self.workspace.add_box(box["pipelineKey"], f"New {self.chance.random():.6f}")
            elif kind == "delete":
                self.workspace.delete_box(box["key"])
                self.deleted.append(box["key"])
            elif self.deleted:
                self.bring_back(self.deleted.pop(self.chance.randrange(len(self.deleted))))

    def bring_back(self, key: str) -> None:
        """Undo a delete, which Streak itself can; the sandbox has no edit for it."""
        overlay = self.workspace._state.overlay  # noqa: SLF001
        overlay.removed_boxes.discard(key)
        overlay.join(self.workspace.box(key)["pipelineKey"], key)
        overlay.revision += 1


class Copy:
    """The database, and how it is refreshed."""

    def __init__(self, folder: Path, client: StreakClient) -> None:
        self.warehouse = WarehouseResource(database=str(folder / "copy.duckdb"))
        self.database = self.warehouse.open()
        self.path = self.database.path
        self.refresher = Refresher(client, "account", self.database.spool_root, 100, lambda _: None)
        self.handler = FetchedHandler(self.warehouse)

    def refresh(self, tables: Sequence[Table]) -> None:
        """Each table once, published in a transaction of its own, as in a run."""
        for each in tables:
            with tempfile.TemporaryDirectory() as folder:
                fetched = self._fetched(each, Path(folder) / "plan.parquet")
                context: Any = SimpleNamespace(run_id="benchmark", log=logging.getLogger())
                with self.database.transaction() as session:
                    self.handler.handle_output(context, None, fetched, session)  # type: ignore[arg-type]
                if fetched.spooled is not None:
                    fetched.spooled.discard()

    def _fetched(self, each: Table, plan: Path) -> Fetched:
        if each.kind is Kind.DERIVED:
            return replace(self.refresher, published_account="account").derive(each)
        declaration = self.refresher.declaration(each)
        request = PlanRequest(declaration, plan, changed=True, complete_after=1e9, report=lambda _: None)
        found = take_snapshot(
            self.database, each, "account", any_account=False, plan=request if each.is_planned else None
        )
        refresher = replace(self.refresher, published_account=found.account)
        session = RefreshSession(each, refresher, found, refresher.open_spool(each))
        if found.plan is not None:
            return refresher.fetch_planned(each, found.plan, session.spool)
        if each.parent is None:
            return session.fetch()
        fetched = session.fetch([Parent(key) for key in found.parents])
        if each.name != "pipeline_boxes":
            return fetched
        missing = unlisted_boxes(self.database, session.spool.rows_path, session.spool.largest_object)
        return refresher.confirm_boxes(fetched, missing, set(found.parents))

    def measure(self) -> dict[str, float]:
        """File and free blocks (MB), versions, median seconds of reads as of a moment in the middle."""
        with closing(duckdb.connect(str(self.path), read_only=True)) as connection:
            run = connection.execute
            run("SET enable_progress_bar = false; SET threads = 1")
            (block, free) = run("SELECT block_size, free_blocks FROM pragma_database_size()").fetchone() or (
                0,
                0,
            )
            names = [f"streak_history.{each.name}" for each in ALL]
            versions = sum((run(f"SELECT count(*) FROM {name}").fetchone() or (0,))[0] for name in names)
            (moment,) = run(
                f"SELECT min(_valid_from) + (max(_valid_from) - min(_valid_from)) / 2 FROM {names[3]}"
            ).fetchone() or ("",)
            found = {"file": self.path.stat().st_size / 1e6, "free": block * free / 1e6, "versions": versions}
            for name in ("pipeline_boxes", "deals"):
                seconds = []
                for _ in range(READS):
                    began = time.perf_counter()
                    run(f"SELECT * FROM streak_at.{name}(TIMESTAMPTZ '{moment}')").fetchall()
                    seconds.append(time.perf_counter() - began)
                found[name] = statistics.median(seconds)
        return found


def main() -> None:
    """Refresh, and print a line after each tenth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("refreshes", type=int, nargs="?", default=1000)
    parser.add_argument("--boxes", type=int, default=120)
    parser.add_argument("--edits", type=int, default=5, help="between two refreshes")
    parser.add_argument("--all", action="store_true", help="refresh all tables each time")
    parser.add_argument("--folder", type=Path, help="where the database is left; by default it goes")
    options = parser.parse_args()
    workspace = generated_workspace(options.boxes, seed=1)
    with tempfile.TemporaryDirectory() as temporary, Sandbox(workspace, rate=0) as sandbox:
        folder = options.folder or Path(temporary)
        limiter = RateLimiter("benchmark", 1000, directory=Path(temporary))
        with closing(StreakClient(sandbox.key, sandbox.url, limiter, in_flight=8)) as client:
            copy, team = Copy(folder, client), Team(workspace)
            copy.refresh(ALL)
            print("refreshes  seconds each  file MB  free MB  versions  boxes as of, ms  deals as of, ms")
            began, tenth = time.monotonic(), max(options.refreshes // 10, 1)
            for number in range(1, options.refreshes + 1):
                team.edit(options.edits)
                copy.refresh(ALL if options.all or number % SELDOM == 0 else OFTEN)
                sandbox.journal.clear()
                if number % tenth == 0:
                    each = (time.monotonic() - began) / tenth
                    gc.collect()
                    found = copy.measure()
                    print(
                        f"{number:9,}  {each:12.2f}  {found['file']:7.1f}  {found['free']:7.1f}  "
                        f"{found['versions']:8,.0f}  {found['pipeline_boxes'] * 1000:15.1f}  "
                        f"{found['deals'] * 1000:15.1f}",
                        flush=True,
                    )
                    began = time.monotonic()


if __name__ == "__main__":
    main()
