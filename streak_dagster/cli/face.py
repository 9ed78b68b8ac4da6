"""What every command speaks with: the settings, two consoles, lines and plain tables."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rich.console import Console

    from streak_dagster.settings import Settings
    from streak_dagster.warehouse.database import Database

NAME = "streak-dagster"
_GAP = "  "
_NARROWEST = 8
"""Letters that a column keeps, however narrow the terminal is."""


@dataclass
class Face:
    """The terminal of one ``command``.

    ``quiet`` leaves out what isn't a result or an error, ``verbose`` adds what goes on behind it.
    """

    command: str
    quiet: bool = False
    verbose: bool = False

    @cached_property
    def settings(self) -> Settings:
        """The settings of this process. Raises SettingsError, which names the variable and what it may be."""
        from streak_dagster.settings import load_settings  # noqa: PLC0415 - `--help` needs none

        settings = load_settings()
        if settings.database_notice and self.command != "run":  # the log of a run says it by itself
            self.note(settings.database_notice)
        return settings

    @cached_property
    def database(self) -> Database:
        """The database of the settings."""
        from streak_dagster.warehouse.database import Database  # noqa: PLC0415

        return Database(self.settings.database, lock_wait=self.settings.lock_wait)

    @cached_property
    def out(self) -> Console:
        """Standard output. What is printed there is text: nothing in it is taken for markup."""
        return _console(stderr=False)

    @cached_property
    def err(self) -> Console:
        """Standard error."""
        return _console(stderr=True)

    @property
    def interactive(self) -> bool:
        """Whether a person looks at the output, and not a program."""
        return sys.stdout.isatty()

    def say(self, text: str = "") -> None:
        """A line of the output, unless it is to be quiet."""
        if not self.quiet:
            print(text)

    def note(self, text: str) -> None:
        """A line for the person on standard error: wrapped on a terminal, one line in a file."""
        told = f"{NAME}: {text}"
        print(_wrapped(told, self.err.width) if sys.stderr.isatty() else told, file=sys.stderr)

    def table(
        self, headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[int] = ()
    ) -> None:
        """Aligned columns without lines, no wider than the terminal; those of ``right`` end flush."""
        for line in aligned([headers, *rows], width=self.out.width, right=right):
            print(line)

    def leave(self, status: int) -> NoReturn:
        """End the command with an exit status."""
        raise click.exceptions.Exit(status)


def aligned(rows: Sequence[Sequence[str]], *, width: int, right: Collection[int] = ()) -> list[str]:
    """``rows`` as lines of columns, where the widest columns give up what is over ``width``."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        widest = max(range(len(widths)), key=lambda column: widths[column])
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return [
        _GAP.join(
            _fitted(cell, space).rjust(space) if column in right else _fitted(cell, space).ljust(space)
            for column, (cell, space) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _fitted(cell: str, width: int) -> str:
    return cell if len(cell) <= width else cell[: width - 1] + "…"


def _wrapped(text: str, width: int) -> str:
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        for line in text.splitlines()
    )


def _console(*, stderr: bool) -> Console:
    from rich.console import Console  # noqa: PLC0415 - takes longer than most commands' own imports

    return Console(stderr=stderr, markup=False, highlight=False, emoji=False)
