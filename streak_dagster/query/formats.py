"""CSV, JSON and Markdown, batch by batch."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from streak_dagster.query import cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streak_dagster.query.asking import Found
    from streak_dagster.query.cells import Cell

_QUOTED_IN_CSV = re.compile(r'[",\r\n]|^$')


def csv_lines(found: Found) -> Iterator[str]:
    """A header and a line a row, quoted as RFC 4180 has it; lines end as Unix has it.

    A NULL is an empty field, an empty text is ``""``. Formulas of spreadsheets aren't defused: this is for
    machines, which want the values as they are.
    """
    # A line of nothing would be no row to who reads it.
    null = '""' if len(found.columns) == 1 else ""
    yield ",".join(map(_csv_field, found.columns)) + "\n"
    for batch in found.batches:
        yield "".join(
            ",".join([null if cell is None else _csv_field(cell) for cell in row]) + "\n" for row in batch
        )


def json_lines(found: Found) -> Iterator[str]:
    """An array of objects, one a line; the second column of a name is called ``<name>_1``."""
    names = [json.dumps(name, ensure_ascii=False) + ": " for name in _distinct(found.columns)]
    between = "[\n"
    for batch in found.batches:
        objects = (
            "{"
            + ", ".join(
                [name + ("null" if cell is None else cell) for name, cell in zip(names, row, strict=True)]
            )
            + "}"
            for row in batch
        )
        yield between + ",\n".join(objects)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def markdown_lines(found: Found) -> Iterator[str]:
    """A table of GitHub's Markdown, numbers to the right."""
    yield _markdown_line(found.columns)
    yield _markdown_line(["---:" if cells.is_number(kind) else "---" for kind in found.types])
    for batch in found.batches:
        yield "".join(_markdown_line(["NULL" if cell is None else cell for cell in row]) for row in batch)


class Format(NamedTuple):
    """How cells are asked for, and how they are written."""

    cell: Cell
    lines: Callable[[Found], Iterator[str]]


STREAMED = {
    "csv": Format(cells.plain, csv_lines),
    "json": Format(cells.json, json_lines),
    "markdown": Format(cells.shown, markdown_lines),
}
FORMATS = ("table", *STREAMED)
"""All formats; the first is that of a terminal."""


def _csv_field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED_IN_CSV.search(text) else text


def _markdown_line(fields: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(map(_markdown_field, fields))} |\n"


def _markdown_field(text: str) -> str:
    text = text.replace("\\", "\\\\").replace("|", "\\|")
    return re.sub(r"\r\n|\r|\n", "<br>", text)


def _distinct(names: tuple[str, ...]) -> list[str]:
    used: dict[str, None] = {}
    for name in names:
        given, number = name, 0
        while given in used:
            number += 1
            given = f"{name}_{number}"
        used[given] = None
    return list(used)
