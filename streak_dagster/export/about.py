"""The first sheet of a workbook, which says what it is, and the last one, which says what columns mean."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from streak_dagster.export.limits import EXCEL
from streak_dagster.export.sheet_cells import holdable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from xlsxwriter.worksheet import Worksheet

    from streak_dagster.export.reading import Moments
    from streak_dagster.export.sheet import Formats, Written


def write_about(sheet: Worksheet, moments: Moments, written: Sequence[Written], formats: Formats) -> None:
    """Say whose data it is, of when, in which time zone, and lead to each sheet."""
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 32)
    sheet.set_column(3, 3, 90)
    row = 0

    def line(label: str, text: str) -> None:
        nonlocal row
        sheet.write_string(row, 0, label, formats.header)
        sheet.write_string(row, 1, text)
        row += 1

    line("Streak", moments.database)
    if moments.as_of is not None:
        line("As it was at", _spoken(moments.as_of, moments.zone))
    line("Last refresh", _spoken(moments.copied, moments.zone) if moments.copied else "unknown")
    line("Exported", _spoken(moments.read, moments.zone))
    line("Times", f"are those of the time zone {moments.zone} (STREAK_TIMEZONE): Excel knows no time zones.")
    shortened = sum(each.shortened for each in written)
    if shortened:
        line(
            "Shortened",
            f"{shortened:,} texts are longer than a cell holds ({EXCEL.letters:,} letters) and end in …",
        )
    row += 1
    for column, name in enumerate(("Sheet", "Rows", "In the database", "What it is")):
        sheet.write_string(row, column, name, formats.header)
    for became in written:
        relation = became.relation
        for place, name in enumerate(became.sheets):
            row += 1
            target = "internal:'" + name.replace("'", "''") + "'!A1"
            sheet.write_url(row, 0, target, formats.link, name)
            if place == 0:
                sheet.write_number(row, 1, became.rows)
                sheet.write_string(row, 2, relation.full_name)
                sheet.write_string(row, 3, _first_line(relation.comment))


def write_columns(sheet: Worksheet, written: Sequence[Written], formats: Formats) -> None:
    """Say what each column means, as the comments of the database do."""
    for column, (name, width) in enumerate((("Sheet", 28), ("Column", 32), ("Meaning", 110))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, formats.header)
    row = 0
    for became in written:
        for name in became.relation.columns:
            row += 1
            sheet.write_string(row, 0, became.sheets[0])
            sheet.write_string(row, 1, name)
            meaning = " ".join(became.relation.meanings.get(name, "").split())
            sheet.write_string(row, 2, holdable(meaning, EXCEL.letters)[0])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, row, 2)


def _spoken(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"


def _first_line(comment: str) -> str:
    return holdable(comment.strip().partition("\n")[0], EXCEL.letters)[0]
