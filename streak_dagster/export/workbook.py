"""One workbook: what it is on the first sheet, then a sheet a relation, then what each column means."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from streak_dagster.errors import ExportError
from streak_dagster.export.about import write_about, write_columns
from streak_dagster.export.limits import EXCEL
from streak_dagster.export.sheet import Formats, write_sheets
from streak_dagster.export.sheet_names import SheetNames
from streak_dagster.warehouse.parquet import batches_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from xlsxwriter.worksheet import Worksheet

    from streak_dagster.export.limits import Limits
    from streak_dagster.export.reading import Moments
    from streak_dagster.export.relations import Relation
    from streak_dagster.export.sheet import Written

_BATCH = 500
"""Rows in memory at once."""


def write_workbook(
    file: Path, staged: Sequence[tuple[Relation, Path]], moments: Moments, limits: Limits = EXCEL
) -> list[Written]:
    """Make the workbook from the staged cells of relations, which are removed. Raises ExportError.

    No more than a batch of rows is in memory; what is written waits beside the file until that is packed.
    """
    options = {
        "constant_memory": True,
        "tmpdir": str(file.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook = xlsxwriter.Workbook(str(file), options)
    workbook.use_zip64()  # allowed beyond 4 GB, not used below
    workbook.set_properties({"title": moments.database, "comments": "Written by streak-dagster export."})
    formats = Formats(
        header=workbook.add_format({"bold": True, "bottom": 1}),
        moment=workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        date=workbook.add_format({"num_format": "yyyy-mm-dd"}),
        link=workbook.add_format({"font_color": "#0563C1", "underline": 1}),
        text=workbook.add_format({"quote_prefix": True}),
    )
    names = SheetNames()
    written: list[Written] = []
    try:
        about, columns = workbook.add_worksheet(names.give("About")), names.give("Columns")
        for relation, path in staged:
            name = names.give(relation.label, relation.name)
            rows = batches_of(path, _BATCH)
            written.append(write_sheets(relation, rows, _sheets(workbook, names, name), formats, limits))
            path.unlink()
        write_about(about, moments, written, formats)
        write_columns(workbook.add_worksheet(columns), written, formats)
        workbook.close()
    except (OSError, XlsxWriterException) as error:
        raise ExportError(
            f"The workbook couldn't be written: {error}. The former one is as it was."
        ) from error
    finally:
        _let_go(workbook)
    return written


def _let_go(workbook: xlsxwriter.Workbook) -> None:
    """Close what a workbook that wasn't written has open: packing it would take as long as before."""
    for sheet in workbook.worksheets():
        rows = getattr(sheet, "row_data_fh", None)
        if rows is not None:
            rows.close()


def _sheets(workbook: xlsxwriter.Workbook, names: SheetNames, name: str) -> Iterator[Worksheet]:
    """The sheets of one relation, as many as are asked for."""
    yield workbook.add_worksheet(name)
    for number in itertools.count(2):
        yield workbook.add_worksheet(names.go_on(name, number))
