"""What a workbook can hold, as Excel's specification has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Of a sheet: rows with the header, columns, links; of a cell: letters, in UTF-16."""

    rows: int = 1_048_576
    columns: int = 16_384
    links: int = 65_530
    letters: int = 32_767


EXCEL = Limits()
