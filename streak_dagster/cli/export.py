"""``streak-dagster export``: the copy as Parquet, CSV or Excel files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from streak_dagster.terminal import typed

if TYPE_CHECKING:
    from streak_dagster.cli.face import Face
    from streak_dagster.export import Exported


@click.command(
    short_help="Write the tables as Parquet, CSV or Excel files.",
    epilog="Exit status: 0 where all was written, 1 where nothing was: then the former files stay; "
    "2 for a wrong setting or argument.",
)
@click.argument("directory", metavar="DIR")
@click.option(
    "--format",
    "form",
    type=click.Choice(("xlsx", "parquet", "csv")),  # as export.FORMATS, which brings DuckDB with it
    default="xlsx",
    show_default=True,
    help="One workbook for Excel, or a file for each table and view.",
)
@click.option("--tables", is_flag=True, help="In a workbook, the tables too, and not only the views.")
@click.option(
    "--select",
    "patterns",
    metavar="PATTERN",
    multiple=True,
    help="Only these: deals, box_tasks, 'streak_views/*'; with commas, or given several times.",
)
@click.option("--as-of", metavar="MOMENT", help="As it was then, such as 2026-11-01 or '2026-11-01 09:30'.")
@click.pass_obj
def command(
    face: Face, directory: str, form: str, *, tables: bool, patterns: tuple[str, ...], as_of: str | None
) -> None:
    """Write the copy into the folder DIR, all of it as it is at one moment.

    A workbook is DIR/<name of the database>.xlsx, or DIR itself where that ends with .xlsx: a sheet for each
    pipeline and ready answer. Other formats are DIR/streak/<table> and DIR/streak_views/<view>. Each file
    replaces its former one at once, so that nobody reads half of it.
    """
    database, zone = face.database, face.settings.timezone
    from streak_dagster.export import export  # noqa: PLC0415 - brings DuckDB with it

    exported = export(
        database,
        typed(directory),
        form,
        select=[typed(each) for each in patterns],
        tables=tables,
        as_of=as_of,
        zone=zone,
        report=face.note,
    )
    if as_of is not None and not any(each.rows for each in exported):
        face.note(f"Nothing is known of {as_of}: what was is kept from the first refresh on.")
    if face.quiet:
        return
    if form == "xlsx":
        rows = [(", ".join(each.sheets), f"{each.rows:,}", each.relation) for each in exported]
        face.table(("sheet", "rows", "of"), rows, right=(1,))
    else:
        rows = [(_short(each), f"{each.rows:,}", _size(each.size)) for each in exported]
        face.table(("file", "rows", "size"), rows, right=(1, 2))
    face.say()
    face.say(_closing(exported, form))


def _short(each: Exported) -> str:
    return "/".join(each.path.parts[-2:])


def _closing(exported: list[Exported], form: str) -> str:
    count = sum(each.rows for each in exported)
    if form == "xlsx":
        sheets = sum(len(each.sheets) for each in exported)
        return f"{count:,} rows on {sheets} sheets: {exported[0].path} ({_size(exported[0].size)})"
    size = sum(each.size for each in exported)
    return f"{count:,} rows in {len(exported)} files: {exported[0].path.parent.parent} ({_size(size)})"


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
