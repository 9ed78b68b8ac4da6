"""Ctrl-C, SIGTERM and a closed terminal end a refresh wherever it is, and the next one goes on from there.

How quickly is measured by ``benchmarks/stopping.py``. Here a run that isn't stopped would go on for a minute
or for ever.
"""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from dagster import DagsterInstance, DagsterRunStatus

from streak_dagster.signals import GOES_ON
from streak_dagster_tests.support.contents import contents
from streak_dagster_tests.support.loading import FAST, Load
from streak_dagster_tests.support.recovery import assert_recovers
from streak_dagster_tests.support.stopped import STATES, Scene, in_state

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("core_alone")]

OURS, MATERIALIZE, EXECUTE = "streak-dagster run", "dagster asset materialize", "dagster job execute"
_OF_PYTHON = re.compile(r"Traceback|Stack Trace|watch_orphans|KeyboardInterrupt|\bline \d+, in")


def assert_stopped(scene: Scene, ended: int, expected: int) -> None:
    """The run ended as it was told to, in words of ours, and Dagster calls it canceled."""
    said = scene.run.said
    assert ended == expected, said
    assert GOES_ON in said
    assert not _OF_PYTHON.search(said), said
    with DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
    assert run.status is DagsterRunStatus.CANCELED, said


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("state", STATES)
def test_ctrl_c_ends_a_refresh_in_every_state(state: str, tmp_path: Path) -> None:
    with in_state(state, OURS, tmp_path) as scene:
        scene.run.send(signal.SIGINT)
        assert_stopped(scene, scene.run.ends(), 130)
        assert "Stopped by Ctrl-C." in scene.run.said.splitlines()[-1]
        if state != "waiting for the lock":
            assert "box_comments" not in contents(scene.database)


@pytest.mark.parametrize(
    ("command", "number", "status"),
    [
        (OURS, signal.SIGTERM, 143),
        (OURS, signal.SIGHUP, 129),
        (MATERIALIZE, signal.SIGINT, 1),
        (MATERIALIZE, signal.SIGHUP, 1),
        (EXECUTE, signal.SIGTERM, 1),
    ],
)
def test_every_signal_ends_every_command(command: str, number: int, status: int, tmp_path: Path) -> None:
    with in_state("asking", command, tmp_path) as scene:
        scene.run.send(number)
        assert_stopped(scene, scene.run.ends(), status)


def test_the_next_run_goes_on_from_there(tmp_path: Path, load: Load) -> None:
    with in_state("asking", OURS, tmp_path) as scene:
        scene.run.send(signal.SIGINT)
        assert scene.run.ends() == 130
        assert len(scene.comments()) < 140
        values = {**scene.values, "STREAK_CALLS_PER_SECOND": FAST}
        left = assert_recovers(scene.sandbox, scene.database, values, {}, load)
        assert len(left.kept["box_comments"]) >= 20
        assert left.twice == 0, "what was on its way was waited for"


def test_a_second_ctrl_c_waits_for_nothing(tmp_path: Path) -> None:
    with in_state("asking a silent Streak", OURS, tmp_path) as scene:
        scene.run.send(signal.SIGINT)
        scene.run.send(signal.SIGINT)
        assert_stopped(scene, scene.run.ends(), 130)
