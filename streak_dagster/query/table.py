"""A table to look at, in lines of a terminal: as wide as it needs to be, or as a terminal is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.query.cells import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streak_dagster.query.asking import Found, Row

_NARROWEST = 12
"""Letters that a column keeps before another one is left out."""
_COUNTED = 1_000_000
"""Rows that are counted where only the first are shown."""
_FRAME = 3
"""Letters of a line and its spaces between two cells."""
_PLAN = ("explain_key", "explain_value")
"""The columns of an EXPLAIN, which draws by itself."""
_UNSEEN = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
}
"""What moves a terminal's cursor, or more, is written down instead."""


def table_lines(found: Found, *, width: int | None = None, rows: int | None = None) -> Iterator[str]:
    """The table, line by line, and at its end how much there is where not all of it is shown.

    ``width`` is that of a terminal and ``rows`` how many are shown of it; None for all.
    """
    if found.columns == _PLAN:
        yield from (f"{row[-1]}\n" for batch in found.batches for row in batch)
        return
    read, count = _read(found, rows)
    cells = [tuple(map(_cell, found.columns)), *(tuple(map(_cell, row)) for row in read)]
    widths = [max(_length(row[place]) for row in cells) for place in range(len(found.columns))]
    shown = len(widths)
    if width is not None:
        widths = _fitting(widths, width)
        shown = len(widths)
    right = [is_number(kind) for kind in found.types]
    yield _ruled("┌", "┬", "┐", widths)
    for number, row in enumerate(cells):
        fields = (
            _padded(_fitted(text, space), space, to_the_right=flush and number > 0)
            for text, space, flush in zip(row, widths, right, strict=False)
        )
        yield f"│ {' │ '.join(fields)} │\n"
        if number == 0:
            yield _ruled("├", "┼", "┤", widths)
    yield _ruled("└", "┴", "┘", widths)
    yield from _left_out(count, len(read), len(found.columns), shown)


def _read(found: Found, wanted: int | None) -> tuple[list[Row], int]:
    """The rows that are shown, and how many there are, of which not all are counted."""
    read: list[Row] = []
    count = 0
    for batch in found.batches:
        count += len(batch)
        read += batch if wanted is None else batch[: wanted - len(read)]
        if wanted is not None and count > _COUNTED:
            break
    return read, count


def _left_out(count: int, rows: int, columns: int, shown: int) -> Iterator[str]:
    said = []
    if count > rows:
        known = f"{count:,}" if count <= _COUNTED else f"more than {_COUNTED:,}"
        said.append(f"{rows:,} of {known} rows")
    if columns > shown:
        said.append(f"{shown} of {columns} columns")
    if said:
        yield f"{' and '.join(said)} shown; with `| less -S`, or --format csv, all of them are.\n"


def _cell(text: str | None) -> str:
    return "NULL" if text is None else text if text.isprintable() else text.translate(_UNSEEN)


def _fitting(widths: Sequence[int], width: int) -> list[int]:
    """The widths of as many columns as have room, the widest of which give up what is over it."""
    fitting = list(widths)
    while len(fitting) > 1 and sum(min(each, _NARROWEST) + _FRAME for each in fitting) + 1 > width:
        fitting.pop()
    while sum(each + _FRAME for each in fitting) + 1 > width:
        widest = fitting.index(max(fitting))
        if fitting[widest] <= 1:
            break
        fitting[widest] -= 1
    return fitting


def _length(text: str) -> int:
    """Columns of a terminal that a text takes: two a letter in some scripts."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 - most tables are asked for without

    return cell_len(text)


def _fitted(text: str, width: int) -> str:
    if _length(text) <= width:
        return text
    from rich.cells import set_cell_size  # noqa: PLC0415

    return set_cell_size(text, width - 1).rstrip() + "…"


def _padded(text: str, width: int, *, to_the_right: bool) -> str:
    space = " " * (width - _length(text))
    return space + text if to_the_right else text + space


def _ruled(left: str, between: str, right: str, widths: Sequence[int]) -> str:
    return left + between.join("─" * (width + 2) for width in widths) + right + "\n"
