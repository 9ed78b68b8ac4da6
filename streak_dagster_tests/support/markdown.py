"""What holds of every page of Markdown that is written from declarations."""

from __future__ import annotations

import re

_CELL_BORDER = re.compile(r"(?<!\\)\|")


def assert_rows_are_as_wide_as_their_heading(page: str) -> None:
    """In every table of the page."""
    width = 0
    for line in page.splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        cells = len(_CELL_BORDER.findall(line))
        width = width or cells
        assert cells == width, line
