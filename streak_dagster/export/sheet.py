"""One table or view on a sheet, or on several where it has more rows than one holds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streak_dagster.errors import ExportError
from streak_dagster.export import sheet_cells as cells
from streak_dagster.export.sheet_cells import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from streak_dagster.export.limits import Limits
    from streak_dagster.export.relations import Relation

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "'")
"""Who edits a text that begins so would make a formula of it, or lose the letter."""
_LONGEST_LINK = 2_000
_WIDTHS = {Kind.MOMENT: 16, Kind.DATE: 11}
_NARROWEST, _WIDEST = 8, 50
_OF_KEYS = 12
"""People need no key, and programs no width."""
_MEASURED = 200
"""Rows by which the width of a column is chosen."""


@dataclass(frozen=True)
class Formats:
    """How cells look."""

    header: Format
    moment: Format
    date: Format
    link: Format
    text: Format
    """Of a text that would be a formula if somebody typed it."""


@dataclass
class Written:
    """What became of a relation."""

    relation: Relation
    rows: int = 0
    shortened: int = 0
    sheets: list[str] = field(default_factory=list)


def write_sheets(
    relation: Relation,
    batches: Iterable[Sequence[tuple[Any, ...]]],
    sheets: Iterator[Worksheet],
    formats: Formats,
    limits: Limits,
) -> Written:
    """Write the staged rows of a relation; ``sheets`` are made as they are needed."""
    if len(relation.columns) > limits.columns:
        raise ExportError(
            f"{relation.full_name} has {len(relation.columns):,} columns, and a sheet holds "
            f"{limits.columns:,}. Write it as parquet or csv, or choose others with --select."
        )
    written = Written(relation)
    sheet = _Sheet(relation, next(sheets), formats, limits, written)
    for batch in batches:
        for row in batch:
            if sheet.is_full:
                sheet.finish()
                sheet = _Sheet(relation, next(sheets), formats, limits, written)
            sheet.write(row)
        written.rows += len(batch)
    sheet.finish()
    return written


class _Sheet:
    def __init__(
        self, relation: Relation, sheet: Worksheet, formats: Formats, limits: Limits, written: Written
    ) -> None:
        self._sheet, self._formats, self._limits, self._written = sheet, formats, limits, written
        self._kinds = [cells.kind_of(name, kind) for name, kind in relation.columns.items()]
        self._writers = [self._writer(kind) for kind in self._kinds]
        self._names = list(relation.columns)
        self._widths = [len(name) + 4 for name in self._names]  # room for the filter's button
        self._row = self._links = 0
        written.sheets.append(sheet.get_name())
        for column, name in enumerate(self._names):
            sheet.write_string(0, column, name, formats.header)
        sheet.freeze_panes(1, 2 if self._names[:2] == ["key", "name"] and len(self._names) > 2 else 0)

    @property
    def is_full(self) -> bool:
        return self._row + 1 >= self._limits.rows

    def write(self, row: Sequence[Any]) -> None:
        self._row += 1
        for column, (write, value) in enumerate(zip(self._writers, row, strict=True)):
            if value is not None:
                write(column, value)

    def finish(self) -> None:
        for column, (name, kind) in enumerate(zip(self._names, self._kinds, strict=True)):
            width = max(_WIDTHS.get(kind, _NARROWEST), self._widths[column])
            if name == "key" or name.endswith("_key") or kind is Kind.LINK:
                width = min(width, _OF_KEYS)
            self._sheet.set_column(column, column, min(width, _WIDEST))
        self._sheet.autofilter(0, 0, self._row, len(self._kinds) - 1)

    def _writer(self, kind: Kind) -> Callable[[int, Any], None]:
        writers: dict[Kind, Callable[[int, Any], None]] = {
            Kind.TEXT: self._write_text,
            Kind.WHOLE: self._write_whole,
            Kind.NUMBER: self._write_number,
            Kind.DECIMAL: self._write_decimal,
            Kind.BOOLEAN: self._write_boolean,
            Kind.MOMENT: self._write_moment,
            Kind.DATE: self._write_date,
            Kind.LINK: self._write_link,
        }
        return writers[kind]

    def _write_whole(self, column: int, value: int) -> None:
        if -cells.EXACT <= value <= cells.EXACT:
            self._sheet.write_number(self._row, column, value)
        else:
            self._write_text(column, str(value))

    def _write_number(self, column: int, value: float) -> None:
        if math.isfinite(value):
            self._sheet.write_number(self._row, column, value)
        else:
            self._write_text(column, str(value))

    def _write_decimal(self, column: int, value: str) -> None:
        number = cells.number_of(value)
        if number is None:
            self._write_text(column, value)
        else:
            self._sheet.write_number(self._row, column, number)

    def _write_boolean(self, column: int, value: bool) -> None:  # noqa: FBT001 - it is the value
        self._sheet.write_boolean(self._row, column, value)

    def _write_link(self, column: int, value: str) -> None:
        if value.startswith("https://") and len(value) <= _LONGEST_LINK and self._links < self._limits.links:
            self._links += 1
            self._sheet.write_url(self._row, column, value, self._formats.link)
        else:
            self._write_text(column, value)

    def _write_moment(self, column: int, microseconds: int) -> None:
        number = cells.serial(microseconds)
        if number is None:
            self._write_text(column, cells.moment_of(microseconds).isoformat(sep=" "))
        else:
            self._sheet.write_number(self._row, column, number, self._formats.moment)

    def _write_date(self, column: int, microseconds: int) -> None:
        number = cells.serial(microseconds)
        if number is None:
            self._write_text(column, cells.moment_of(microseconds).date().isoformat())
        else:
            self._sheet.write_number(self._row, column, number, self._formats.date)

    def _write_text(self, column: int, value: str) -> None:
        text, shortened = cells.holdable(value, self._limits.letters)
        self._written.shortened += shortened
        if not text:
            return
        like_a_formula = text.startswith(_FORMULAS)
        self._sheet.write_string(self._row, column, text, self._formats.text if like_a_formula else None)
        if self._row <= _MEASURED and len(text) + 2 > self._widths[column]:
            self._widths[column] = len(text) + 2
