"""``streak-dagster init``: the key of an account, tested and written into ``.env``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streak_dagster.errors import NetworkSetupError, SettingsError, StreakDagsterError, TransientError

if TYPE_CHECKING:
    from streak_dagster.cli.face import Face
    from streak_dagster.settings import Settings

_NEXT = (
    ("streak-dagster run", "copies the account into {database}"),
    ("streak-dagster export .", "writes a workbook for Excel"),
    ("streak-dagster plan", "says before what that would cost"),
    ("streak-dagster doctor", "looks whether all is well"),
    ("streak-dagster service", "keeps the copy fresh by itself"),
    ("streak-dagster ui", "shows it in a browser"),
)


@click.command(
    short_help="Set up the key of an account, and test it.",
    epilog="Exit status: 0 where .env has the key, 1 where Streak refuses it or isn't reached, 2 where none "
    "was given.\n\n\b\nFrom a script: streak-dagster init --yes < file-with-the-key",
)
@click.option("-y", "--yes", "--force", is_flag=True, help="Replace another key without asking.")
@click.option("--no-check", is_flag=True, help="Write it without asking Streak whether it works.")
@click.pass_obj
def command(face: Face, *, yes: bool, no_check: bool) -> None:
    """Ask for the API key of a Streak account, test it with two calls, and write it into .env.

    The key is read from the terminal, where it isn't shown, or as one line from standard input. It is
    never an argument: those are seen by everybody on the machine. All else that .env says stays.
    """
    from streak_dagster.onboarding.env_file import text_of, value_in, with_value, write_dotenv  # noqa: PLC0415
    from streak_dagster.onboarding.ignored import is_open_to_git  # noqa: PLC0415
    from streak_dagster.onboarding.key import NAME, cleaned_key  # noqa: PLC0415

    path = Path.cwd() / ".env"
    in_environment = os.environ.get(NAME, "").strip()
    text = text_of(path)
    key = cleaned_key(_given(face))
    changed = with_value(text, NAME, key)
    known = value_in(text, NAME)
    is_other = known not in ("", key)
    if is_other and not yes and not sys.stdin.isatty():
        raise StreakDagsterError(f"{path} has another key, and was left as it is. --yes replaces it.")
    settings = _settings_with(key)
    if not no_check:
        _tell_holder(face, key, settings)
    if is_other and not yes and not click.confirm(f"{path} has another key. Replace it?", err=True):
        face.note("nothing was changed.")
        face.leave(1)
    told = write_dotenv(path, changed)
    untested = ", untested" if no_check else ""
    face.say(f"{path} {'had the key already' if known == key else 'has the key now'}{untested}.")
    if told:
        face.note(told)
    if is_open_to_git(path):
        face.note(f"git doesn't ignore {path}: put a line .env into .gitignore before anything is committed.")
    if in_environment not in ("", key):
        face.note(f"the environment sets {NAME}, too, to another key, and that one wins: unset {NAME}")
    _tell_next(face, settings)


def _given(face: Face) -> str:
    """What was typed or piped in for a key."""
    from streak_dagster.onboarding.key import WHERE  # noqa: PLC0415

    if sys.stdin.isatty():
        face.say(f"{click.wrap_text(WHERE, min(face.out.width, 100))}\n")
        typed: str = click.prompt("Paste it here (it isn't shown)", hide_input=True, err=True)
        return typed
    line = sys.stdin.readline()
    if not line.strip():
        raise SettingsError(
            "No key was given: there is no terminal to ask at, and nothing came on standard input. "
            f"Write the key there as one line: streak-dagster init < file-with-the-key. {WHERE}"
        )
    return line


def _settings_with(key: str) -> Settings:
    """The settings as they will be: a former key, even one that can't be read, is none of them."""
    from streak_dagster.environment import fill_environment  # noqa: PLC0415
    from streak_dagster.onboarding.key import NAME  # noqa: PLC0415
    from streak_dagster.settings import load_settings  # noqa: PLC0415

    fill_environment(Path.cwd())
    return load_settings({**os.environ, NAME: key})


def _tell_holder(face: Face, key: str, settings: Settings) -> None:
    """Whose key it is. Raises the ApiError of a key that isn't accepted, or can't be tested."""
    from streak_dagster.onboarding.key import holder_of  # noqa: PLC0415

    try:
        holder = holder_of(key, settings.api_url, settings.calls_per_second)
    except (NetworkSetupError, TransientError) as error:
        raise error.with_message(
            f"{error} Nothing was written; --no-check writes the key without asking Streak."
        ) from None
    word = {0: "no team", 1: "the team "}.get(len(holder.teams), "the teams ")
    face.say(f"It is the key of {holder.user}, in {word}{', '.join(holder.teams)}.")


def _tell_next(face: Face, settings: Settings) -> None:
    """What to do now."""
    database = Path(settings.database)
    shown = database.relative_to(Path.cwd()) if database.is_relative_to(Path.cwd()) else settings.database
    face.say()
    for what, does in _NEXT:
        face.say(f"{what.ljust(24)}{does.format(database=shown)}")
