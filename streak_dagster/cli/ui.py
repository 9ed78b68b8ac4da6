"""``streak-dagster ui``: Dagster's UI and daemon on what ran here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from streak_dagster.cli.face import Face
    from streak_dagster.settings import Settings

_SUPERSEDED = "ignore:Function `dev_command` is superseded"


@click.command(short_help="Open Dagster's UI on what ran here.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=3000, show_default=True, help="The port to listen on.")
@click.pass_obj
def command(face: Face, *, host: str, port: int) -> None:
    """Start Dagster's UI and its daemon, which runs the schedule and the sensor, until Ctrl-C."""
    from streak_dagster.environment import refuse_for_dagster  # noqa: PLC0415
    from streak_dagster.home import prepare_home  # noqa: PLC0415

    settings = face.settings
    refuse_for_dagster(Path.cwd())
    if settings.missing_key:
        face.note(settings.missing_key)
    prepare_home(settings.database)
    _tell_dead_runs(settings)
    # Dagster says of its own command that another one is to come: nobody who opens the UI can do anything.
    quiet = [os.environ.get("PYTHONWARNINGS"), _SUPERSEDED]
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, quiet))
    # By its module: where Python itself is, a script of that name needn't be.
    asked = ["-m", "dagster", "dev", "-m", "streak_dagster", "--host", host, "--port", str(port)]
    os.execv(sys.executable, [sys.executable, *asked])  # noqa: S606 - no shell is wanted


def _tell_dead_runs(settings: Settings) -> None:
    """Whoever opens the UI finds no run "Started" whose process is gone."""
    from dagster import DagsterInstance  # noqa: PLC0415

    from streak_dagster.automation.dead_runs import call_dead_runs_failed  # noqa: PLC0415
    from streak_dagster.resources import streak_resource  # noqa: PLC0415

    with DagsterInstance.get() as instance:
        call_dead_runs_failed(instance, streak_resource(settings).outside_a_run().budget_name)
