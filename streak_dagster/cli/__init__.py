"""``streak-dagster``: the front door, a thin face over the same definitions that Dagster runs.

A file a command; what a command does belongs to the packages beside this one, which a Python user has, too.
A command is imported only where it is asked for, and Dagster only where a command needs it: help, a wrong
setting and a query are answered at once.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import signal
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from streak_dagster.cli.face import Face
from streak_dagster.cli.told import sentence_of
from streak_dagster.signals import GOES_ON, interrupting_signals, is_interrupted_query, spoken
from streak_dagster.terminal import forget_output, open_what_is_closed, speak_any_encoding

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "init": "Set up the key of an account, and test it.",
    "doctor": "Look at the key, the database and this machine.",
    "plan": "Say what a refresh would cost, a row a table.",
    "run": "Refresh the copy, and say what landed.",
    "status": "Say how old each table is, and what is due.",
    "check": "Check the copy as it is, without asking Streak.",
    "sql": "Show what a query finds in the copy.",
    "export": "Write the tables as Parquet, CSV or Excel files.",
    "report": "Write a page about the pipelines, to look at and to mail.",
    "forget": "Remove one person from the copy, and keep them out.",
    "ui": "Open Dagster's UI on what ran here.",
    "service": "Print a unit that refreshes the copy by itself.",
    "sandbox": "Serve a made-up account on this machine.",
}
"""The commands in the order of their help, with their line in it. Each is a module of this package."""

_AFTER = {
    "run": f" {GOES_ON}",
    "forget": " Do the same again, so that no copy of the database still names them.",
}
"""What is to be known of a command that was stopped."""


class _Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; one whose reader has seen enough, as `| head` has, ends as by a signal."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click itself would call it a failure
            forget_output()
            raise click.exceptions.Exit(128 + signal.SIGPIPE) from None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{cmd_name}").command
        if not command.ignore_unknown_options and not any(each.name == "quiet" for each in command.params):
            command.params += [_flag("-q", "--quiet"), _flag("-v", "--verbose")]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _flag(short: str, long: str) -> click.Option:
    """One of the flags of every command, for those who write it behind the command's name."""

    def see(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's
        if value and ctx.obj is not None:
            setattr(ctx.obj, str(param.name), True)

    return click.Option([short, long], is_flag=True, hidden=True, expose_value=False, callback=see)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings come from the environment and from .env: see README.md.",
)
@click.option("-q", "--quiet", is_flag=True, help="Only results and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Also what goes on behind a command.")
@click.version_option(version("streak_dagster"), prog_name="streak-dagster")
@click.pass_context
def cli(context: click.Context, *, quiet: bool, verbose: bool) -> None:
    """Copy a team's Streak CRM into DuckDB, and give it to people."""
    context.obj = Face(command=context.invoked_subcommand or "", quiet=quiet, verbose=verbose)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 where all went well, 1 where something failed, 2 for a wrong setting or argument.

    A command that a signal stops ends with 128 and the signal's number, as shells have it: 130 for Ctrl-C.
    """
    atexit.register(gc.freeze)  # to look for garbage as the interpreter ends took 0.8 s of a run
    open_what_is_closed()
    speak_any_encoding()
    with interrupting_signals() as stopped_by:
        try:
            status = _command(arguments)
            sys.stdout.flush()
        except (KeyboardInterrupt, click.Abort):
            status = None
        except BrokenPipeError:  # as what is left is written
            forget_output()
            return 128 + signal.SIGPIPE
        number = stopped_by()
    if status is not None:
        return status
    number = number or signal.SIGINT
    goes_on = _AFTER.get(_asked_for(arguments), "")
    print(f"Stopped by {spoken(number)}.{goes_on}", file=sys.stderr)
    return 128 + number


def _asked_for(arguments: Sequence[str] | None) -> str:
    """The command that the arguments name; empty where they name none."""
    given = sys.argv[1:] if arguments is None else arguments
    return next((each for each in given if not each.startswith("-")), "")


def _command(arguments: Sequence[str] | None) -> int | None:
    """The exit status of what the arguments ask for; None where it was stopped.

    What a person can mend is told in a sentence; any other error is one of ours, and keeps its stack.
    """
    try:
        status = cli.main(args=arguments, prog_name="streak-dagster", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:
        if is_interrupted_query(error):
            return None
        told = sentence_of(error)
        if told is None:
            raise
        Face(command="").note(told.text)
        return told.status
    return status if isinstance(status, int) else 0
