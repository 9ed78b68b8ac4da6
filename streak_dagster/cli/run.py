"""``streak-dagster run``: refresh the copy, show how it goes, and say what landed."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from streak_dagster.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster import DagsterInstance

    from streak_dagster.cli.face import Face
    from streak_dagster.cli.showing import Showing
    from streak_dagster.refreshing import Finished
    from streak_dagster.settings import Settings

ANOTHER_RUNS = 75
"""The exit status where another refresh of the account is running: a temporary failure, in sysexits.h."""
_LOOKS = 1.0
"""Seconds between two looks whether that other one is over."""


@click.command(
    short_help="Refresh the copy, and say what landed.",
    epilog="Exit status: 0 where every table was published and no check is an error; 1 where not; 2 for a "
    f"wrong setting; {ANOTHER_RUNS} where another refresh of the account is running.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="PATTERN",
    help="Only these: box_tasks, 'box_*', deals; with commas, or given several times.",
)
@click.option(
    "--refresh",
    "mode",
    type=click.Choice(["complete", "changed"]),
    help="Ask for everything, or only for what changed. By default as STREAK_REFRESH says.",
)
@click.option("--strict", is_flag=True, help="Fail where a check only warns, too.")
@click.option("--wait", is_flag=True, help="Wait where another refresh of the account is running.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on standard output, and nothing else."
)
@click.pass_obj
def command(
    face: Face, select: tuple[str, ...], *, mode: str | None, strict: bool, wait: bool, as_json: bool
) -> int:
    """Refresh the copy: all tables and views, or those that are selected.

    Without a key, the built-in sample is copied. A refresh is a run of Dagster's: its UI shows it.
    """
    from streak_dagster.home import prepare_home  # noqa: PLC0415
    from streak_dagster.selecting import names_of, selected  # noqa: PLC0415

    settings = face.settings
    if settings.missing_key:
        raise SettingsError(settings.missing_key)
    selected(select, names_of(settings.exclude))
    prepare_home(settings.database)
    if not as_json:
        face.say(_whose(settings))
    from dagster import DagsterInstance  # noqa: PLC0415 - takes seconds: what is wrong is said first

    from streak_dagster.automation.housekeeping import tidied_after_a_run  # noqa: PLC0415
    from streak_dagster.cli.showing import Showing  # noqa: PLC0415

    began = time.monotonic()
    with DagsterInstance.get() as instance:
        if not _has_turn(face, settings, instance, wait=wait):
            if as_json:
                print(json.dumps({"status": "busy"}))
            return ANOTHER_RUNS
        with _terminal(quiet=face.quiet or as_json) as terminal:
            showing = Showing(settings, select, terminal, verbose=face.verbose, live=face.interactive)
            finished = _refreshed(showing, instance, settings, select, mode)
    if finished.stopped:
        raise KeyboardInterrupt
    report = showing.report(finished)
    if as_json:
        print(json.dumps(showing.document(finished, report, time.monotonic() - began), indent=2, default=str))
    else:
        for line in showing.told(finished, report, quiet=face.quiet):
            print(line)
    for line in tidied_after_a_run(settings):
        face.note(line) if as_json else face.say(line)
    return 0 if finished.success and report.good(strict=strict) else 1


def _refreshed(
    showing: Showing,
    instance: DagsterInstance,
    settings: Settings,
    select: tuple[str, ...],
    mode: str | None,
) -> Finished:
    from streak_dagster.definitions import build_definitions  # noqa: PLC0415
    from streak_dagster.refreshing import refresh  # noqa: PLC0415

    definitions = build_definitions(settings)
    with showing:
        return refresh(definitions, instance, select=select, mode=mode, onlooker=showing.see)


def _whose(settings: Settings) -> str:
    if settings.has_key:
        return f"Copying the account of STREAK_API_KEY from {settings.api_url}.\n"
    return (
        "STREAK_API_KEY isn't set: copying the built-in sample\n"
        "workspace, which the sandbox serves on this machine.\n"
        "To copy your own account: streak-dagster init\n"
    )


def _has_turn(face: Face, settings: Settings, instance: DagsterInstance, *, wait: bool) -> bool:
    """Whether nobody else refreshes the account on this machine; waits for that where it is to."""
    from streak_dagster.automation.dead_runs import call_dead_runs_failed  # noqa: PLC0415
    from streak_dagster.resources import streak_resource  # noqa: PLC0415
    from streak_dagster.sync.refresh_lock import is_refreshing  # noqa: PLC0415

    account = streak_resource(settings).outside_a_run().budget_name
    call_dead_runs_failed(instance, account)
    if not is_refreshing(account):
        return True
    if not wait:
        face.note(
            "Another refresh of this account is running on this machine, so this one was left. "
            "To wait for it and then refresh: streak-dagster run --wait"
        )
        return False
    face.note("Another refresh of this account is running on this machine: waiting for it.")
    while is_refreshing(account):
        time.sleep(_LOOKS)
    return True


@contextmanager
def _terminal(*, quiet: bool) -> Iterator[int]:
    """Standard output under a number of our own: Dagster puts files in place of 1 and 2 while a step runs."""
    sys.stdout.flush()
    descriptor = os.open(os.devnull, os.O_WRONLY) if quiet else os.dup(sys.stdout.fileno())
    try:
        yield descriptor
    finally:
        os.close(descriptor)
