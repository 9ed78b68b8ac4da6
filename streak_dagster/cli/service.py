"""``streak-dagster service``: a unit for systemd, launchd or cron that refreshes the copy by itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from streak_dagster import service as services
from streak_dagster.environment import only_in_the_shell

if TYPE_CHECKING:
    from streak_dagster.cli.face import Face


@click.command(
    short_help="Print a unit that refreshes the copy by itself.",
    epilog="A refresh comes every STREAK_REFRESH_INTERVAL. The UI has a schedule of its own: use `run` "
    "or `ui`.",
)
@click.argument("kind", type=click.Choice(get_args(services.Kind)))
@click.option(
    "--what",
    type=click.Choice(get_args(services.What)),
    default="run",
    show_default=True,
    help="A refresh every so often, or Dagster's UI and daemon all the time.",
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the files into this folder, and don't print them.",
)
@click.pass_obj
def command(face: Face, kind: services.Kind, *, what: services.What, into: Path | None) -> None:
    """Print what has this machine refresh the copy by itself, from this folder with this program.

    Nothing is installed: how to turn it on is said on standard error. Keys and other settings stay in .env.
    """
    settings = face.settings
    service = services.Service(
        program=Path(sys.executable).with_name("streak-dagster").absolute(),
        folder=Path.cwd(),
        minutes=settings.refresh_minutes,
        timezone=settings.timezone,
    )
    files = services.files_of(kind, what, service)
    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
        for file in files:
            (into / file.name).write_text(file.text, encoding="utf-8")
            face.say(str(into / file.name))
    else:
        for file in files:
            if len(files) > 1:
                print(f"# {file.folder}/{file.name}")
            print(file.text)
    if face.quiet:
        return
    if missing := only_in_the_shell(Path.cwd()):
        face.note(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} set in this shell alone, which a "
            f"service doesn't see. Write {'it' if len(missing) == 1 else 'them'} into .env."
        )
    if settings.missing_key:
        face.note(settings.missing_key)
    face.note(_told(files, kind, into))
    for step in services.steps_of(kind, what, service):
        print(f"  {step}", file=sys.stderr)


def _told(files: list[services.File], kind: services.Kind, into: Path | None) -> str:
    """What to do with the files."""
    if kind == "cron":
        return "To add it to the lines that you have, and to look at it:"
    if into is None:
        return f"Put it into {files[0].folder} (or give --into {files[0].folder}). Then:"
    return "To turn it on:"
