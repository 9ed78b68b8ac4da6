"""``streak-dagster check``: the checks on the copy as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from streak_dagster.checks.check_report import CheckReport
    from streak_dagster.cli.face import Face


@click.command(
    short_help="Check the copy as it is, without asking Streak.",
    epilog="Exit status: 0 where no check is an error (with --strict: nor warns), 1 where one is "
    "or nothing was copied yet, 2 for a wrong setting or argument.",
)
@click.option("--strict", is_flag=True, help="Fail where a check only warns, too.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on standard output, and nothing else."
)
@click.pass_obj
def command(face: Face, *, strict: bool, as_json: bool) -> int:
    """Check the tables as they are in DuckDB, without a key and without a call to Streak."""
    from streak_dagster.home import prepare_home  # noqa: PLC0415
    from streak_dagster.query.opening import opened_to_read  # noqa: PLC0415

    settings = face.settings
    with opened_to_read(face.database, face.note):
        pass  # where that can't be, it is said once, and not by the checks of each table
    prepare_home(settings.database)
    from dagster import DagsterInstance  # noqa: PLC0415 - takes seconds: what is wrong is said first

    from streak_dagster.cli.summary import checked  # noqa: PLC0415
    from streak_dagster.definitions import build_definitions  # noqa: PLC0415
    from streak_dagster.exclusion import chosen_tables  # noqa: PLC0415
    from streak_dagster.refreshing import run_job  # noqa: PLC0415

    if face.interactive and not face.quiet and not as_json:
        face.note("Running the checks: that takes up to half a minute.")
    with DagsterInstance.get() as instance:
        finished = run_job(build_definitions(settings), instance, "streak_checks")
    if finished.stopped:
        raise KeyboardInterrupt
    report = checked(finished, chosen_tables(settings.exclude))
    if as_json:
        failures = [{"step": step, "reason": reason} for step, reason in finished.failures()]
        print(json.dumps({**report.as_document(), "failures": failures}, indent=2, default=str))
    else:
        _tell(face, report, finished.failures())
    return 0 if report.good(strict=strict) and finished.success else 1


def _tell(face: Face, report: CheckReport, failures: list[tuple[str, str]]) -> None:
    from streak_dagster.cli.summary import failure_lines, wrapped  # noqa: PLC0415

    told = report.failed_lines() if face.quiet else report.lines()
    for line in (*failure_lines(failures), *told):
        print("\n".join(wrapped(line, face.out.width)) if face.interactive else line)
