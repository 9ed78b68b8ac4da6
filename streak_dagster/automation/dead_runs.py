"""Runs whose process died: Dagster goes on to call them started, until somebody says that they aren't."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dagster import DagsterRunStatus, RunsFilter

from streak_dagster.home import is_ours
from streak_dagster.stopping import GOES_ON
from streak_dagster.sync.refresh_lock import is_refreshing

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

PROCESS = "streak_dagster/process"
"""The tag of a run that says which process it runs in: machine, number, and when that began."""
_UNDER_WAY = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
_SILENCE = 300.0
"""Seconds without an event after which a run that no process of the account's can be making is dead."""
_TOLD = f"The process of this run ended without a word: it was killed, or the machine went down. {GOES_ON}"


def process_mark(number: int | None = None) -> str:
    """Names a process for as long as it lives, this one by default: another may get its number later."""
    number = os.getpid() if number is None else number
    return f"{socket.gethostname()} {number} {_began(number)}"


def call_dead_runs_failed(instance: DagsterInstance, account: str) -> list[str]:
    """Report runs as failed whose process is gone; Dagster's daemon then retries them. Their ids.

    A run that carries the mark of a process of this machine is judged by that. Of others it is known that no
    process refreshes ``account``, and that they are silent; that is enough only in a home that we made, which
    is of one machine and one database.
    """
    dead = []
    for record in instance.get_run_records(RunsFilter(statuses=_UNDER_WAY), limit=100):
        run = record.dagster_run
        if _is_dead(instance, run, account):
            instance.report_run_failed(run, message=_TOLD)
            dead.append(run.run_id)
    return dead


def _is_dead(instance: DagsterInstance, run: DagsterRun, account: str) -> bool:
    host, _, rest = run.tags.get(PROCESS, "").partition(" ")
    if host == socket.gethostname():
        return process_mark(int(rest.partition(" ")[0])) != run.tags[PROCESS]
    if host or not is_ours(Path(instance.root_directory)) or is_refreshing(account):
        return False
    latest = instance.get_records_for_run(run.run_id, limit=1, ascending=False).records
    return bool(latest) and time.time() - latest[0].timestamp > _SILENCE


def _began(number: int) -> str:
    """When a process began, in whatever unit the system counts; empty where it isn't there."""
    stat = Path(f"/proc/{number}/stat")
    if stat.parent.parent.joinpath("self").exists():  # Linux
        with contextlib.suppress(OSError, IndexError):
            # Behind the name, which may hold anything: the 22nd field of all is the start.
            return stat.read_text(encoding="utf-8").rpartition(")")[2].split()[19]
        return ""
    asked = ["ps", "-o", "lstart=", "-p", str(number)]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - a number
    return "-".join(told.stdout.split())
