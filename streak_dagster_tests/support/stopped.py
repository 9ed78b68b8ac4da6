"""A refresh as a command, brought into the state in which it is to be stopped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from streak_dagster.sandbox import Arrival, Means, Sandbox, Workspace, generated_workspace
from streak_dagster_tests.support.asked import spooled
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.runs import EVERYTHING, Run, running
from streak_dagster_tests.support.sandboxes import sandbox_of

BOXES = 150
COMMANDS = {
    "streak-dagster run": ["streak-dagster", "run"],
    "dagster asset materialize": EVERYTHING,
    "dagster job execute": ["dagster", "job", "execute", "-m", "streak_dagster", "-j", "streak_complete"],
}


@dataclass(frozen=True)
class Scene:
    """A command and all that it can meet."""

    sandbox: Sandbox
    database: Path
    run: Run
    values: dict[str, str]
    """The settings that it runs with."""

    def comments(self) -> list[Arrival]:
        """The calls for the comments of a box so far."""
        return self.sandbox.journal.calls(re.compile("/comments$"))


@dataclass(frozen=True)
class State:
    """How a run gets into a state, and when it is in it; ``comments`` is how many a box has."""

    reached: Callable[[Scene], bool]
    prepare: Callable[[Sandbox, Path, ExitStack], object] = lambda *_: None
    rate: str = "10"
    comments: float = 1.0


def _held(_: Sandbox, database: Path, held: ExitStack) -> None:
    held.enter_context(duckdb.connect(str(database)))


def _failing(sandbox: Sandbox, _: Path, __: ExitStack) -> None:
    sandbox.faults.add("/comments", status=503, times=1_000_000)


def _silent(sandbox: Sandbox, _: Path, __: ExitStack) -> None:
    sandbox.faults.add("/comments", kind="hang", seconds=3600, times=1_000_000)


def _publishing(scene: Scene) -> bool:
    """Whether all is answered, and the temporary files or the log of the large table are there."""
    folder = scene.database.parent
    written = [*folder.glob(f"{scene.database.name}.wal"), *folder.glob(f"{scene.database.name}.tmp/*")]
    answered = len(spooled(scene.database).get("box_comments", ()))
    return answered == BOXES and any(path.stat().st_size > 100_000 for path in written if path.exists())


STATES = {
    "asking": State(lambda scene: len(scene.comments()) > 20),
    "asking a silent Streak": State(lambda scene: len(scene.comments()) >= 20, _silent),
    "in backoff": State(lambda scene: len(scene.comments()) >= 20, _failing),
    "waiting for a retry": State(
        lambda scene: "box_comments: going on in" in scene.run.said, _failing, "100"
    ),
    "waiting for the lock": State(lambda scene: " is held by " in scene.run.said, _held),
    "publishing": State(_publishing, rate="900", comments=1000.0),
}


@contextmanager
def in_state(name: str, command: str, folder: Path, **more: str) -> Iterator[Scene]:
    """A command of ``COMMANDS`` that has come into a state of ``STATES``; ``more`` are further settings."""
    state, database = STATES[name], folder / "streak.duckdb"
    values = {"STREAK_CALLS_PER_SECOND": state.rate, "DAGSTER_HOME": str(folder / "home"), **more}
    (folder / "home").mkdir(exist_ok=True)
    with ExitStack() as held, sandbox_of(_account(state.comments)) as sandbox:
        state.prepare(sandbox, database, held)
        settings = {**environment(sandbox, database), **values}
        with running(settings, folder, COMMANDS[command]) as run:
            scene = Scene(sandbox, database, run, settings)
            run.awaits(lambda: state.reached(scene), pause=0.005)
            yield scene


def _account(comments: float) -> Workspace:
    means = Means(comments=comments, tasks=1.0, meetings=1.0, threads=1.0, quiet=0.0)
    return generated_workspace(BOXES, 5, means=means, contacts=40)
