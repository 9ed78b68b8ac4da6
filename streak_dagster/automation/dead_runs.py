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

from streak_dagster.automation.running import SILENCE, last_sign
from streak_dagster.home import is_ours
from streak_dagster.namespace import OURS, Namespace
from streak_dagster.signals import GOES_ON
from streak_dagster.sync.refresh_lock import is_refreshing

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

PROCESS = ".dagster/streak_process"
"""The tag of a run that says which process it runs in; Dagster's UI shows none that begins so."""
_UNDER_WAY = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
_SILENCE_OF_OTHERS = 1800.0
"""``SILENCE`` of a run that asks nothing: it holds no lock, and keeps house for 600 s without an event."""
_TOLD = f"The process of this run ended without a word: it was killed, or the machine went down. {GOES_ON}"


def process_mark(run_id: str, number: int | None = None) -> str:
    """Names the process of a run, this one by default: its machine, its number, and when it began.

    Another process may get the number later, and a run that executes this one again gets its tags.
    """
    number = os.getpid() if number is None else number
    return f"{run_id} {_machine()} {number} {_began(number)}"


def call_dead_runs_failed(instance: DagsterInstance, account: str, names: Namespace = OURS) -> list[str]:
    """Report runs of the account as failed whose process is gone. Their ids; Dagster's daemon retries them.

    One that was told to stop is canceled, so that nobody retries it. A run that carries the mark of a process
    of this machine is judged by that. Of others it is known that no process refreshes ``account``, and that
    they are silent; that is enough only in a home that we made, which is of one machine and one database.
    """
    dead = []
    for record in instance.get_run_records(RunsFilter(statuses=_UNDER_WAY), limit=100):
        if not names.owns(record.dagster_run) or not _is_dead(instance, record.dagster_run, account, names):
            continue
        # Asked again, now that nothing more can come: it may have ended well since the first answer.
        run = instance.get_run_by_id(record.dagster_run.run_id)
        if run is None or run.status not in _UNDER_WAY:
            continue
        if run.status is DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, message=_TOLD)
        else:
            instance.report_run_failed(run, message=_TOLD)
        dead.append(run.run_id)
    return dead


def _is_dead(instance: DagsterInstance, run: DagsterRun, account: str, names: Namespace) -> bool:
    run_id, machine, number, *_ = [*run.tags.get(PROCESS, "").split(" "), "", "", ""]
    if run_id == run.run_id and machine == _machine():
        return process_mark(run_id, int(number)) != run.tags[PROCESS]
    if not is_ours(Path(instance.root_directory)) or is_refreshing(account):
        return False
    latest = last_sign(instance, run)
    silence = SILENCE if names.refreshes(run) else _SILENCE_OF_OTHERS
    return latest is not None and time.time() - latest > silence


def _machine() -> str:
    """Where the number of a process means something: containers may share a name, and not their processes."""
    try:
        return f"{socket.gethostname()}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not Linux
        return socket.gethostname()


def _began(number: int) -> str:
    """When a process began, in whatever unit the system counts; empty where it isn't there."""
    stat = Path(f"/proc/{number}/stat")
    if stat.parent.parent.joinpath("self").exists():  # Linux
        with contextlib.suppress(OSError, IndexError):
            # Behind the name, which may hold anything: the 3rd field of all is the state, the 22nd the start.
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            # One that ended stays a zombie where nobody waits for it, as in a container without an init.
            return "" if fields[0] == "Z" else fields[19]
        return ""
    asked = ["ps", "-o", "lstart=", "-p", str(number)]
    # In one language and time zone, whatever those of a terminal, of launchd and of cron are.
    same = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    told = subprocess.run(asked, capture_output=True, text=True, check=False, env=same)  # noqa: S603 - a number
    return "-".join(told.stdout.split())
