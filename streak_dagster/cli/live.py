"""One block on the terminal while a refresh runs: a bar a table, the pace, and what is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from streak_dagster.sync.progress import duration

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from streak_dagster.cli.refreshed import Refreshed, Row

_MARKS = {"waits": "·", "runs": "▸", "done": "✓", "failed": "✗", "left out": "-"}
_ASCII_MARKS = {"waits": ".", "runs": ">", "done": "+", "failed": "x", "left out": "-"}
_BAR = 20
_OF_ITS_OWN = 4
"""Lines of the block that aren't a table's."""


class LiveBlock:
    """Draws a refresh four times a second until it is left; then nothing of it stays."""

    def __init__(self, console: Console, refreshed: Refreshed, *, budget: float) -> None:
        self._console = console
        self._refreshed = refreshed
        self._budget = budget
        self._plain = not console.encoding.startswith("utf")
        self._live = Live(
            console=console,
            get_renderable=self._drawn,
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> LiveBlock:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        """A line above the block, which stays."""
        self._live.console.print(text)

    def _drawn(self) -> RenderableType:
        rows = [*self._refreshed.rows.values()]
        room = max(1, self._console.height - _OF_ITS_OWN)
        shown = rows if len(rows) <= room else [row for row in rows if row.state not in ("waits", "done")]
        table = Table.grid(padding=(0, 1))
        for row in shown[:room]:
            table.add_row(*self._row(row))
        return Group(table, Text(self._pace(), overflow="ellipsis", no_wrap=True), *self._waiting())

    def _row(self, row: Row) -> tuple[RenderableType, ...]:
        total, done = row.total, row.done
        if row.state != "runs" or not total:
            total, done = 1, int(row.state == "done")
        bar = ProgressBar(total=total, completed=done, width=min(_BAR, self._console.width // 4))
        mark = (_ASCII_MARKS if self._plain else _MARKS)[row.state]
        return Text(mark), Text(row.name), bar, Text(_told(row))

    def _pace(self) -> str:
        seen = self._refreshed
        done = sum(row.state == "done" for row in seen.rows.values())
        parts = [
            f"{done} of {len(seen.rows)} tables",
            f"{seen.calls_a_second:.1f} of {self._budget:g} calls/s",
        ]
        if left := seen.calls_left:
            parts.append(f"{duration(left / self._budget)} left or more")
        return ", ".join(parts)

    def _waiting(self) -> list[Text]:
        waits = self._refreshed.waits_for
        return [Text(waits, overflow="fold")] if waits else []


def _told(row: Row) -> str:
    if row.state == "done":
        return f"{int(row.figures['rows']):,} rows"
    if row.state == "runs":
        return f"{row.done:,} of {row.total:,}" if row.total else "asks"
    return "" if row.state == "waits" else row.state
