"""How a refresh is shown: as one live block on a terminal, as a line a table in a pipe, and in the end."""

from __future__ import annotations

import os
import re
import sys
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from rich.console import Console

from streak_dagster.cli import summary
from streak_dagster.cli.live import LiveBlock
from streak_dagster.cli.refreshed import Refreshed
from streak_dagster.exclusion import chosen_tables
from streak_dagster.onlookers import looked_on_by
from streak_dagster.selecting import names_of, selected
from streak_dagster.warehouse.ddl import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dagster import DagsterEvent, EventLogEntry

    from streak_dagster.checks.check_report import CheckReport
    from streak_dagster.refreshing import Finished
    from streak_dagster.settings import Settings

_WARNING = 30
_INFO = 20
_SHOWN_OTHERWISE = re.compile(
    r"\w+: ([\d,]+ of [\d,]+ |[\d,]+ rows published)"
    r"|\w+ of \S+ has nothing to judge"
    r"|STREAK_API_KEY isn't set"
    r"|replaced .*, the copy for readers|wrote the report "
    r"|Dependencies for step |op '\w+' did not yield "
)
"""Lines of the log, ours and Dagster's, of which a terminal has its own form."""
_GOING_ON = ": going on in "


class _Console(Console):
    """A console whose reader may go, as `| head` does: the refresh goes on, and nothing more is shown.

    Rich would end the process, and Dagster take that for a failure of the step that is at work.
    """

    def on_broken_pipe(self) -> None:
        self.quiet = True


class Showing:
    """Shows one refresh on the ``terminal``, a descriptor, while the block runs; then sums it up."""

    def __init__(
        self, settings: Settings, select: Sequence[str], terminal: int, *, verbose: bool, live: bool
    ) -> None:
        self._settings = settings
        self._verbose = verbose
        self._tables = chosen_tables(settings.exclude)
        chosen = {*selected(select, names_of(settings.exclude))}
        self.refreshed = Refreshed(table.name for table in self._tables if f"{SCHEMA}/{table.name}" in chosen)
        encoding = sys.stdout.encoding or "utf-8"
        self._console = _Console(
            file=os.fdopen(os.dup(terminal), "w", encoding=encoding, errors="backslashreplace"),
            markup=False,
            highlight=False,
            emoji=False,
            soft_wrap=not live,
        )
        self._live = (
            LiveBlock(self._console, self.refreshed, budget=settings.calls_per_second)
            if live and self._console.is_terminal and not self._console.is_dumb_terminal
            else None
        )
        self.width = self._console.width
        self._stack = ExitStack()
        self._begun = False
        self._told: set[str] = set()
        self._repeated = False

    def __enter__(self) -> Showing:
        self._stack.callback(self._close)
        self._stack.enter_context(looked_on_by(self.refreshed.read))
        if self._live:
            self._stack.enter_context(self._live)
        return self

    def __exit__(self, *ended: Any) -> None:
        self._stack.__exit__(*ended)

    def see(self, entry: EventLogEntry) -> None:
        """An entry of the run's log."""
        landed = self.refreshed.see(entry)
        if landed is not None and not self._live:
            if not self._begun:
                self._say(summary.header(self.width))
            self._begun = True
            self._say(summary.row_line(landed, self.width))
        event = entry.dagster_event
        if event is not None:
            if event.is_step_up_for_retry:
                self._failed_for_now(event)
            return
        text, level = entry.user_message, int(entry.level)
        if not self._verbose and (level < _INFO or _SHOWN_OTHERWISE.match(text) or self._is_repeated(text)):
            return
        if self._live and level < _WARNING:
            self.refreshed.waits_for = text
        else:
            self._say(text)

    def _is_repeated(self, text: str) -> bool:
        """Whether a line says that something is tried again of a reason that was told before."""
        return self._repeated and _GOING_ON in text and not self._live

    def _failed_for_now(self, event: DagsterEvent) -> None:
        """Why something is to be tried again: told once, however many tables meet it."""
        error = event.step_retry_data.error
        while error is not None and error.cause is not None:
            error = error.cause
        told = error.message.partition(": ")[2].strip() if error else ""
        self._repeated = summary.alike(told) in self._told
        if told and not self._repeated:
            self._told.add(summary.alike(told))
            self._say(told)

    def _say(self, text: str) -> None:
        with suppress(OSError):  # such as a full disk: it is inside of a step, which must not fail of that
            (self._live.say if self._live else self._console.print)(text)

    def _close(self) -> None:
        with suppress(OSError):  # of what couldn't be written
            self._console.file.close()

    def report(self, finished: Finished) -> CheckReport:
        """What the checks of the refreshed tables found."""
        return summary.checked(finished, self._tables, self.refreshed.rows)

    def told(self, finished: Finished, report: CheckReport, *, quiet: bool) -> list[str]:
        """The lines at the end, with the ``report`` of the checks."""
        refreshed, width = self.refreshed, self.width
        states = [row.state for row in refreshed.rows.values()]
        left = states.count("waits") + states.count("left out")
        failures = summary.failure_lines(finished.failures(), left)
        if quiet:
            return [*failures, *report.failed_lines()]
        done = [row for row in refreshed.rows.values() if row.state == "done"]
        table = [summary.header(width), *(summary.row_line(row, width) for row in done)]
        return [
            *(table if done and self._live else []),
            *summary.view_lines(refreshed, width),
            *(["", *self._fitted(failures)] if failures else []),
            *(summary.closing_lines(self._settings, refreshed) if not failures else []),
            *(["", *self._fitted(report.lines())] if done or not failures else []),
        ]

    def _fitted(self, lines: list[str]) -> list[str]:
        """The lines as a person reads them; a program gets each reason, and each check, as one line."""
        return [part for each in lines for part in summary.wrapped(each, self.width)] if self._live else lines

    def document(self, finished: Finished, report: CheckReport, seconds: float) -> dict[str, Any]:
        """All of it for a machine."""
        return summary.as_document(finished, self.refreshed, report, self._settings, seconds)
