"""``streak-dagster sql``: what a query finds in the copy."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streak_dagster.signals import let_signals_end_at_once
from streak_dagster.terminal import drawn, typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from streak_dagster.cli.face import Face

_FORMATS = ("table", "csv", "json", "markdown")  # as query.FORMATS, which brings DuckDB with it
_ROWS = 100
"""Rows that a terminal shows."""


@click.command(
    short_help="Show what a query finds in the copy.",
    epilog="Exit status: 0 where the query ran, 1 where it didn't, 2 for a wrong setting or argument.",
)
@click.argument("query", required=False)
@click.option("-f", "--file", "path", metavar="PATH", help="Read the query from a file; - is the input.")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="table",
    show_default=True,
    help="How the answer is written; csv, json and markdown row by row, however many there are.",
)
@click.pass_obj
def command(face: Face, query: str | None, path: str | None, form: str) -> None:
    """Show what QUERY finds, such as 'FROM streak_views.deals'; without one it is read from the input.

    Tables are in schema streak, which needn't be said, views in streak_views. Nothing can be changed. On a
    terminal a table shows its first 100 rows, and as many columns as have room; in a pipe or a file, all.
    """
    asked = _query(query, path)
    database, excluded = face.database, face.settings.exclude
    let_signals_end_at_once()
    from streak_dagster.query import write_answer  # noqa: PLC0415 - brings DuckDB with it

    looked_at = face.interactive and form == "table"
    write_answer(
        database,
        asked,
        _write_drawn if form == "table" else _writing_utf8(),
        form,
        width=face.out.width if looked_at else None,
        rows=_ROWS if looked_at else None,
        excluded=excluded,
        report=face.note,
    )


def _write_drawn(text: str) -> None:
    """To standard output, with lines that it knows."""
    sys.stdout.write(drawn(text))


def _writing_utf8() -> Callable[[str], object]:
    """To standard output for machines: in UTF-8, whatever the locale is."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="strict", newline="")
    return sys.stdout.write


def _query(query: str | None, path: str | None) -> str:
    """The query, from wherever it comes."""
    if query is not None and path is not None:
        raise click.UsageError("Name a query or a file, not both.")
    if path is None and query not in (None, "-"):
        return typed(str(query))
    if path in (None, "-"):
        if path is None and query is None and sys.stdin.isatty():
            raise click.UsageError("Say a query, for example: streak-dagster sql 'FROM streak_views.deals'")
        return sys.stdin.buffer.read().decode("utf-8-sig", "replace")
    file = Path(str(path)).expanduser().absolute()
    try:
        return file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise click.BadParameter(f"{file} can't be read ({error.strerror}).", param_hint="--file") from error
