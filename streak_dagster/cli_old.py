"""``streak-dagster``: the main job and the checks, each in one command that says what it found.

Here belongs what a terminal needs: arguments, words, exit statuses. What a command does belongs to the jobs,
the checks and the warehouse, which a Python user has, too. Dagster is imported only where a command needs it,
so that a wrong setting is reported at once.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streak_dagster import forgetting
from streak_dagster.environment import refuse_for_dagster
from streak_dagster.errors import SettingsError, TableMissingError, WarehouseError
from streak_dagster.exclusion import chosen_tables
from streak_dagster.home import prepare_home
from streak_dagster.settings import load_settings
from streak_dagster.signals import interrupting_signals, let_signals_end_at_once, spoken
from streak_dagster.terminal import drawn, forget_output, speak_any_encoding, typed
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import SCHEMA, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dagster import AssetChecksDefinition, AssetKey, ExecuteInProcessResult

    from streak_dagster.settings import Settings

_SUMMED = ("dagster/row_count", "inserted", "updated", "deleted", "calls", "seconds asking")
_LOOK = "SELECT name, comment_count, last_updated_timestamp FROM pipeline_boxes ORDER BY 3 DESC LIMIT 5"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 when every table was published, 1 when not, 2 for a wrong setting.

    A command that a signal stops ends with 128 and the signal's number, as shells have it: 130 for Ctrl-C.
    """
    speak_any_encoding()
    with interrupting_signals() as stopped_by:
        try:
            status = _command(arguments)
            sys.stdout.flush()
        except KeyboardInterrupt:
            status = None
        except BrokenPipeError:  # `| head` has seen enough
            forget_output()
            return 128 + signal.SIGPIPE
        number = stopped_by()
    if status is not None:
        return status
    number = number or signal.SIGINT
    print(f"Stopped by {spoken(number)}. Nothing is lost: the next run goes on from there.", file=sys.stderr)
    return 128 + number


def _command(arguments: Sequence[str] | None) -> int | None:
    """The exit status of what the arguments ask for; None where it was stopped."""
    parser = argparse.ArgumentParser(prog="streak-dagster", description="Copy Streak into DuckDB.")
    commands = parser.add_subparsers(dest="command", required=True)
    copying = commands.add_parser("run", help="copy every table once, and say what landed where")
    copying.add_argument("--strict", action="store_true", help="fail where an asset check only warns, too")
    checking = commands.add_parser("check", help="check the copy as it is, without asking Streak")
    checking.add_argument("--strict", action="store_true", help="fail where a check only warns, too")
    commands.add_parser("ui", help="open Dagster's UI on what ran here")
    sql = commands.add_parser("sql", help="show what a query finds in the copy")
    sql.add_argument("query", help="one statement, for example: FROM pipeline_boxes")
    forgetting.add_command(commands)
    options = parser.parse_args(arguments)
    try:
        settings = load_settings()
        if settings.database_notice and options.command != "run":  # the log of a run says it by itself
            print(f"streak-dagster: {settings.database_notice}", file=sys.stderr)
        if options.command == "sql":
            return show(settings, typed(options.query))
        if options.command == "forget":
            return forgetting.run(settings, typed(options.person), dry_run=options.dry_run, yes=options.yes)
        if options.command == "ui":
            refuse_for_dagster(Path.cwd())
            return ui(settings)
        return (run if options.command == "run" else check)(settings, strict=options.strict)
    except SettingsError as error:
        print(f"streak-dagster: {error}", file=sys.stderr)
        return 2


def run(settings: Settings, *, strict: bool = False) -> int | None:
    """Materialize all assets into the Dagster home, and print what landed. None where it was stopped.

    A check that only warns fails the command where it is ``strict``. Raises SettingsError where only a key
    is missing.
    """
    if settings.missing_key:
        raise SettingsError(settings.missing_key)
    prepare_home()
    if settings.has_key:
        print(f"Copying the account of STREAK_API_KEY from {settings.api_url}.")
    else:
        print(
            "STREAK_API_KEY isn't set: copying the built-in sample workspace, which the sandbox serves over "
            "HTTP on this machine.\nSet STREAK_API_KEY to copy your own account.\n"
        )
    result = _execute(settings, None, log_level="INFO")
    if _was_stopped(result):
        return None
    print(summary(result, settings))
    from streak_dagster.automation.housekeeping import tidied_after_a_run  # noqa: PLC0415
    from streak_dagster.checks.table_checks import checks_of  # noqa: PLC0415

    tables = chosen_tables(settings.exclude)
    good = _checks_told(result, checks_of(tables), strict=strict)
    for line in tidied_after_a_run(settings):
        print(line)
    return 0 if good and result.success else 1


def check(settings: Settings, *, strict: bool = False) -> int | None:
    """Run the checks of the tables as they are, and print what they found. None where it was stopped.

    A check that only warns fails the command where it is ``strict``.
    """
    prepare_home()
    # What goes wrong is printed below, once and without a stack of calls.
    result = _execute(settings, "streak_checks", log_level="CRITICAL")
    if _was_stopped(result):
        return None
    from streak_dagster.checks.table_checks import checks_of  # noqa: PLC0415

    for step, reason in _failures(result):
        print(f"{step} failed: {reason}")
    good = _checks_told(result, checks_of(chosen_tables(settings.exclude)), strict=strict)
    return 0 if good and result.success else 1


def _execute(settings: Settings, job: str | None, *, log_level: str) -> ExecuteInProcessResult:
    """Run a job, by default all assets, in this process and the Dagster home."""
    from dagster import DagsterInstance  # noqa: PLC0415 - a wrong setting is reported first

    from streak_dagster.definitions import build_definitions  # noqa: PLC0415

    definitions = build_definitions(settings)
    chosen = definitions.resolve_job_def(job) if job else definitions.resolve_implicit_global_asset_job_def()
    quiet = {"loggers": {"console": {"config": {"log_level": log_level}}}}
    with DagsterInstance.get() as instance:
        return chosen.execute_in_process(instance=instance, run_config=quiet, raise_on_error=False)


def _was_stopped(result: ExecuteInProcessResult) -> bool:
    from dagster import DagsterRunStatus  # noqa: PLC0415

    return result.dagster_run.status is DagsterRunStatus.CANCELED


def _checks_told(
    result: ExecuteInProcessResult, checks: Iterable[AssetChecksDefinition], *, strict: bool
) -> bool:
    """Print what the checks found in a run. Returns whether that is good."""
    from streak_dagster.checks.check_report import CheckReport  # noqa: PLC0415

    looked = {event.step_key for event in result.all_events if event.is_step_success}
    expected = {key: each.op.name in looked for each in checks for key in each.check_keys}
    report = CheckReport(result.get_asset_check_evaluations(), expected)
    print("", *report.lines(), sep="\n")
    return report.good(strict=strict)


def ui(settings: Settings) -> int:
    """Dagster's UI and daemon, in place of this process."""
    if settings.missing_key:
        print(f"streak-dagster: {settings.missing_key}", file=sys.stderr)
    prepare_home()
    program = Path(sys.executable).with_name("dagster")
    os.execv(program, [str(program), "dev", "-m", "streak_dagster"])  # noqa: S606 - no shell is wanted


def show(settings: Settings, query: str) -> int:
    """Print what a query finds; the database is opened for reading only."""
    import duckdb  # noqa: PLC0415 - not needed to refuse a wrong setting

    database = Database(settings.database, lock_wait=settings.lock_wait)
    let_signals_end_at_once()
    try:
        if not database.exists():
            raise TableMissingError(f"{settings.database} doesn't exist yet. Run: make run")
        with database.connect(read_only=True) as session:
            session.execute(f"USE {quoted(session.catalog)}.{quoted(SCHEMA)}")
            found = session.connection.sql(query)
            print("done" if found is None else drawn(str(found)))
    except (WarehouseError, duckdb.Error) as error:
        print(f"streak-dagster: {error}", file=sys.stderr)
        return 1
    return 0


def summary(result: ExecuteInProcessResult, settings: Settings) -> str:
    """One line a table, one a view, then what failed, where the data is and how to look at it."""
    lines: list[tuple[str, ...]] = [("table", "rows", "inserted", "updated", "deleted", "calls", "seconds")]
    views: list[tuple[str, ...]] = [("view", "rows")]
    for event in result.get_asset_materialization_events():
        key = event.materialization.asset_key
        found = {label: entry.value for label, entry in event.materialization.metadata.items()}
        if key.path[0] == SCHEMA:
            figures = [found.get(label, 0) for label in _SUMMED]
            lines.append((key.to_user_string(), *(f"{n:,}" for n in figures)))
        else:
            views += [
                (".".join([key.path[0], name]), f"{rows:,}") for name, rows in _rows_of_views(key, found)
            ]
    tables = _table(lines) + (["", *_table(views)] if len(views) > 1 else [])
    failures = [f"\n{step} failed: {reason}" for step, reason in _failures(result)]
    copied = [table.name for table in chosen_tables(settings.exclude)]
    look = _LOOK if "pipeline_boxes" in copied else f"FROM {copied[0]}"
    closing = [
        "",
        f"DuckDB file:  {settings.database}",
        f'Try:          {Path(sys.argv[0])} sql "{look}"',
        "Dagster's UI: make ui",
    ]
    return "\n".join(["", *tables, *failures, *closing])


def _rows_of_views(key: AssetKey, found: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The rows of each view of a materialization: of a pipeline each, or of one answer."""
    by_view = found.get("rows by view")
    return (
        list(by_view.items()) if by_view is not None else [(key.path[-1], found.get("dagster/row_count", 0))]
    )


def _table(lines: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return ["  ".join(_aligned(line, widths)) for line in lines]


def _failures(result: ExecuteInProcessResult) -> list[tuple[str, str]]:
    """The step and the reason of each failure; a check that failed is reported by itself."""
    from streak_dagster.failures import failures_of, is_of_a_check  # noqa: PLC0415 - brings Dagster with it

    return list(failures_of(event for event in result.all_events if not is_of_a_check(event)))


def _aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The first cell to the left, figures to the right."""
    first, *figures = zip(line, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in figures)]
