"""``streak-dagster report``: the page about the pipelines, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from streak_dagster.cli.face import Face


@click.command(
    short_help="Write a page about the pipelines, to look at and to mail.",
    epilog="The page is one file that loads nothing from elsewhere: it can be mailed, printed and kept. "
    "Exit status: 0 where it was written, 1 where not, 2 for a wrong setting or argument.",
)
@click.argument("file", metavar="FILE.html", type=click.Path(path_type=Path))
@click.option("--title", help="The heading, instead of the team's name.")
@click.option("--zone", help="Time zone of its moments, as Europe/Berlin; by default STREAK_TIMEZONE.")
@click.option("--open", "shown", is_flag=True, help="Open it in the browser afterwards.")
@click.pass_obj
def command(face: Face, *, file: Path, title: str | None, zone: str | None, shown: bool) -> None:
    """Write a page about the pipelines as the copy has them, in place of what FILE.html was before.

    It asks Streak nothing: what is older than the last refresh shows its age.
    """
    import webbrowser  # noqa: PLC0415 - help needs none of these
    from datetime import timedelta  # noqa: PLC0415

    from streak_dagster.report import written  # noqa: PLC0415
    from streak_dagster.report.words import moment  # noqa: PLC0415

    settings = face.settings
    made = written(
        face.database,
        file,
        title=title,
        zone=zone or settings.timezone,
        interval=timedelta(minutes=settings.refresh_minutes),
        excluded=settings.exclude,
    )
    data = f"data of {moment(made.data_of)}" if made.data_of else "no data yet: run streak-dagster run"
    face.say(f"{file}: {made.size / 1000:,.0f} kB, {data}")
    if shown and not webbrowser.open(file.absolute().as_uri()):
        face.note(f"There is no browser here that could show {file}.")
