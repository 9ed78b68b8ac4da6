"""An export from its beginning to its end: what is asked for, read at one moment, written, put in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.errors import ExportError
from streak_dagster.export.files import Exported, copy_out, file_names, file_query
from streak_dagster.export.limits import EXCEL
from streak_dagster.export.manifest import replace_manifest
from streak_dagster.export.placing import put, workshop
from streak_dagster.export.reading import Asked, choose, reading
from streak_dagster.views.sources import SCHEMA as VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streak_dagster.export.limits import Limits
    from streak_dagster.warehouse.database import Database

    Report = Callable[[str], None]

FORMATS = ("xlsx", "parquet", "csv")
WORKBOOK = ".xlsx"


def export(
    database: Database,
    directory: str | Path,
    form: str = "xlsx",
    *,
    select: Sequence[str] = (),
    tables: bool = False,
    as_of: str | None = None,
    zone: str = "UTC",
    limits: Limits = EXCEL,
    report: Report | None = None,
) -> list[Exported]:
    """Write the copy as files, a file for each table and view, or one workbook; all of them of one moment.

    ``form`` is one of ``FORMATS``, ``directory`` the folder, or the workbook where it ends with .xlsx.
    ``select`` are patterns (``selecting.selected``); without any, a workbook has the views, with ``tables``
    the tables, too, and the other forms have all. ``as_of`` is a moment such as 2026-11-01 in the time zone
    ``zone``, which is also that of a workbook's times. ``report`` gets a line where the database has to be
    waited for, and one for each file that was removed because its table is gone.

    The database is open for reading until all of it is read: of a workbook, before that is written. Raises
    ExportError, SettingsError for a pattern, and WarehouseError; the files of before are then as they were.
    """
    if form not in FORMATS:
        raise ExportError(f"There is no format {form!r}: choose from {', '.join(FORMATS)}.")
    target = Path(directory).expanduser().absolute()
    _refuse_the_name_of_a_file(target, form)
    if form != "xlsx":
        return _files(database, target, form, Asked(select, as_of, zone), report)
    everything = ["*"] if tables else [f"{VIEWS}/*"]
    if target.suffix.lower() != WORKBOOK:
        target /= f"{_name(database)}{WORKBOOK}"
    return _workbook(database, target, Asked(select or everything, as_of, zone), limits, report)


def _refuse_the_name_of_a_file(target: Path, form: str) -> None:
    """Raises ExportError for a new folder with a name such as deals.csv, which isn't what anybody means."""
    suffix = target.suffix.lower()
    if suffix not in {".csv", ".parquet", ".xls", WORKBOOK} or target.is_dir():
        return
    if form != "xlsx" or suffix != WORKBOOK:
        kind = suffix[1:] if suffix[1:] in FORMATS else form
        raise ExportError(
            f"{target} is named like a file. Either name a folder, such as {target.stem} --format "
            f"{'csv' if kind == 'xlsx' else kind}, or a workbook, such as {target.stem}.xlsx."
        )


def _workbook(
    database: Database, file: Path, asked: Asked, limits: Limits, report: Report | None
) -> list[Exported]:
    from streak_dagster.export.sheet_cells import staged_query  # noqa: PLC0415
    from streak_dagster.export.workbook import write_workbook  # noqa: PLC0415 - brings XlsxWriter with it

    with workshop(file.parent) as bench:
        with reading(database, report) as session:
            chosen = choose(session, _name(database), asked)
            staged = []
            for place, each in enumerate(chosen.relations):
                path = bench / f"{place}.parquet"
                copy_out(session, staged_query(each, asked.zone), path, "staged", each.full_name)
                staged.append((each, path))
        made = bench / f"workbook{WORKBOOK}"
        written = write_workbook(made, staged, chosen.moments, limits)
        put(made, file)
    size = file.stat().st_size
    return [Exported(each.relation.full_name, file, each.rows, size, tuple(each.sheets)) for each in written]


def _files(
    database: Database, folder: Path, form: str, asked: Asked, report: Report | None
) -> list[Exported]:
    with workshop(folder) as bench:
        with reading(database, report) as session:
            chosen = choose(session, _name(database), asked)
            names = file_names(chosen.there, form)
            rows = {}
            for each in chosen.relations:
                name = each.full_name
                rows[name] = copy_out(session, file_query(each, form), bench / names[name], form, name)
        exported = []
        for name, count in rows.items():
            place = folder / names[name]
            put(bench / names[name], place)
            exported.append(Exported(name, place, count, place.stat().st_size))
        there = {each.full_name for each in chosen.there}
        gone = replace_manifest(folder, bench, chosen.moments, exported, there)
    for each_gone in gone:
        if report is not None:
            report(f"removed {each_gone}: the database has it no longer")
    return exported


def _name(database: Database) -> str:
    return database.path.stem if database.is_file else database.catalog
