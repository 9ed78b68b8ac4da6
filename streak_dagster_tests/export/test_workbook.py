"""A workbook says what the database says, in cells that Excel takes for what they are."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pytest

from streak_dagster.errors import ExportError
from streak_dagster.export import export
from streak_dagster.export.limits import Limits
from streak_dagster.export.sheet_cells import holdable, number_of, serial
from streak_dagster.export.sheet_names import SheetNames
from streak_dagster.warehouse.database import Database


def table_of(database: Database, statement: str, name: str = "odd") -> None:
    with duckdb.connect(str(database.path)) as connection:
        connection.execute(f"CREATE OR REPLACE TABLE streak_views.{name} AS {statement}")


def at(year: int, month: int, day: int, *clock: int) -> datetime:
    """A moment without a time zone: Excel knows no others. ``clock`` are hours to microseconds."""
    hour, minute, second, microsecond = (*clock, 0, 0, 0, 0)[:4]
    return datetime(year, month, day, hour, minute, second, microsecond)  # noqa: DTZ001


def rows_of(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))


def test_sheets_are_pipelines_then_answers(database: Database, tmp_path: Path) -> None:
    exported = export(database, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "crm.xlsx")
    assert [name for each in exported for name in each.sheets] == book.sheetnames[1:-1]
    assert book.sheetnames[:6] == [
        "About",
        "DEALS",
        "History 2",
        "Sales",
        "Sales EU 'all' of the things th",
        "Support",
    ]
    assert "deals 2" in book.sheetnames
    assert book.sheetnames[-1] == "Columns"
    for sheet in book.worksheets[1:]:
        assert sheet["A1"].font.bold
        assert sheet.auto_filter.ref == sheet.dimensions
        assert str(sheet.freeze_panes).endswith("2")
    # Each of them is named, and can be gone to.
    links = {cell.value: cell.hyperlink.location for (cell,) in book["About"]["A7:A99"] if cell.hyperlink}
    assert list(links) == book.sheetnames[1:-1]
    assert links["Sales EU 'all' of the things th"] == "'Sales EU ''all'' of the things th'!A1"


def test_tables_are_asked_for(database: Database, tmp_path: Path) -> None:
    export(database, tmp_path / "all.xlsx", tables=True)
    export(database, tmp_path / "one.XLSX", select=["streak/box_tasks"])
    assert "pipeline_boxes" in openpyxl.load_workbook(tmp_path / "all.xlsx").sheetnames
    assert openpyxl.load_workbook(tmp_path / "one.XLSX").sheetnames == ["About", "box_tasks", "Columns"]


def test_a_view_reads_back_equal(database: Database, tmp_path: Path) -> None:
    (each,) = export(database, tmp_path, select=["streak_views/sales"])
    with database.connect(read_only=True) as session:
        columns = session.columns("sales", "streak_views")
        moments = [name for name, kind in columns.items() if kind.startswith("TIMESTAMP")]
        shown = ", ".join(
            f"strftime({name}, '%Y-%m-%d %H:%M:%S.%f') AS {name}" if name in moments else name
            for name in columns
        )
        found = session.execute(f"SELECT {shown} FROM streak_views.sales ORDER BY stage_order, name, key")
        expected = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    frame = pd.read_excel(each.path, sheet_name="Sales", keep_default_na=False, na_values=[""])
    assert list(frame.columns) == list(columns)
    assert len(frame) == len(expected) == each.rows == 3
    for row, wanted in zip(frame.to_dict("records"), expected, strict=True):
        for name, value in wanted.items():
            if value is None:
                assert pd.isna(row[str(name)])
            elif name in moments:
                assert abs(pd.Timestamp(row[str(name)]) - pd.Timestamp(value)) <= pd.Timedelta(milliseconds=1)
            elif name == "link":
                assert row["link"] == value
            else:
                assert row[str(name)] == value, name


def test_formulas_stay_texts(database: Database, tmp_path: Path) -> None:
    export(database, tmp_path, select=["streak_views/sales"])
    sheet = openpyxl.load_workbook(tmp_path / "crm.xlsx")["Sales"]
    names = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert {cell.value for cell in names} == {"=1+1", "+cmd|' /C calc'!A0", "@sum"}
    assert {cell.data_type for cell in names} <= {"s", "inlineStr"}
    # Who edits such a cell doesn't make a formula of it either.
    assert all(cell.quotePrefix for cell in names)


def test_values_are_what_they_are(database: Database, tmp_path: Path) -> None:
    table_of(
        database,
        """
        SELECT TIMESTAMPTZ '2026-07-01 12:00:00+00' AS summer, TIMESTAMP '2026-01-02 03:04:05.678' AS plain,
          DATE '2026-01-02' AS day, TIMESTAMPTZ '1850-01-01 00:00:00+00' AS old, DATE '0001-01-01' AS oldest,
          DATE '1900-01-01' AS first, DATE '1900-02-28' AS february, DATE '1900-03-01' AS march,
          true AS yes, false AS no, 9007199254740992 AS exact, 9007199254740993 AS beyond,
          0.1::DOUBLE AS tenth, 'NaN'::DOUBLE AS nan, 12.50::DECIMAL(9, 2) AS price,
          123456789012345678.25::DECIMAL(38, 2) AS much, sum(3::BIGINT) AS huge, ['a', NULL, 'b'] AS labels,
          {'a': [1, 2]} AS nested, '007' AS number, 'https://x.example' AS url, TIME '10:00:00' AS clock,
          'infinity'::TIMESTAMPTZ AS never, '' AS empty, NULL AS nothing, '_x0041_' AS escaped
        """,
    )
    (each,) = export(database, tmp_path, select=["streak_views/odd"], zone="Europe/Berlin")
    (header, values) = rows_of(each.path, "odd")
    cells = dict(zip(header, values, strict=True))
    assert cells == {
        "summer": at(2026, 7, 1, 14),
        "plain": at(2026, 1, 2, 3, 4, 5, 678_000),
        "day": at(2026, 1, 2),
        "old": "1850-01-01 00:53:28",
        "oldest": "0001-01-01",
        "first": at(1900, 1, 1),
        "february": at(1900, 2, 28),
        "march": at(1900, 3, 1),
        "yes": True,
        "no": False,
        "exact": 9007199254740992,
        "beyond": "9007199254740993",
        "tenth": 0.1,
        "nan": "nan",
        "price": 12.5,
        "much": "123456789012345678.25",
        "huge": 3,
        "labels": "a, b",
        "nested": '{"a":[1,2]}',
        "number": "007",
        "url": "https://x.example",
        "clock": "10:00:00",
        "never": None,
        "empty": None,
        "nothing": None,
        "escaped": "_x005F_x0041_",  # as Excel writes it, which openpyxl doesn't read back
    }
    about = dict(row[:2] for row in rows_of(each.path, "About")[:4])
    assert "Europe/Berlin" in about["Times"]
    assert about["Last refresh"] == "2027-01-01 01:00 Europe/Berlin"


def test_a_text_is_shortened_to_what_a_cell_holds(database: Database, tmp_path: Path) -> None:
    table_of(
        database,
        "SELECT repeat('x', 40000) AS long, repeat('🦆', 20000) AS ducks, E'a\\x01\\x0bb\\r\\nc' AS odd",
    )
    (each,) = export(database, tmp_path, select=["streak_views/odd"])
    (_, (long, ducks, odd)) = rows_of(each.path, "odd")
    assert long == "x" * 32_766 + "…"
    assert ducks == "🦆" * 16_383 + "…"
    assert odd == "ab\nc"
    shortened = [row[1] for row in rows_of(each.path, "About") if row[0] == "Shortened"]
    assert shortened == ["2 texts are longer than a cell holds (32,767 letters) and end in …"]


def test_more_rows_than_a_sheet_holds_go_on_on_the_next(database: Database, tmp_path: Path) -> None:
    table_of(database, "SELECT range AS number, 'https://x.example/' || range AS link FROM range(25)")
    (each,) = export(database, tmp_path, select=["streak_views/odd"], limits=Limits(rows=11, links=4))
    assert (each.rows, each.sheets) == (25, ("odd", "odd (2)", "odd (3)"))
    found = [row for name in each.sheets for row in rows_of(each.path, name)[1:]]
    assert found == [(number, f"https://x.example/{number}") for number in range(25)]
    book = openpyxl.load_workbook(each.path)
    assert all(book[name]["A1"].value == "number" for name in each.sheets)
    linked = [cell for row in book["odd"].iter_rows() for cell in row if cell.hyperlink]
    assert [cell.hyperlink.target for cell in linked] == [f"https://x.example/{n}" for n in range(4)]


def test_exactly_as_many_rows_as_a_sheet_holds(database: Database, tmp_path: Path) -> None:
    table_of(database, "FROM range(10)")
    (each,) = export(database, tmp_path, select=["streak_views/odd"], limits=Limits(rows=11))
    assert each.sheets == ("odd",)


def test_more_columns_than_a_sheet_holds_are_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"streak_views\.deals has \d+ columns, and a sheet holds 3"):
        export(database, tmp_path, select=["deals"], limits=Limits(columns=3))
    assert not (tmp_path / "crm.xlsx").exists()


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["Sales", "sales", "SALES"], ["Sales", "sales 2", "SALES 3"]),
        (["History", "'quoted'", " a/b:c "], ["History 2", "quoted", "a b c"]),
        (["[]:*?/\\", "", "\x07"], ["Sheet", "Sheet 2", "Sheet 3"]),
        (["x" * 40, "x" * 41], ["x" * 31, "x" * 29 + " 2"]),
        (["🦆" * 20], ["🦆" * 15]),
    ],
)
def test_names_of_sheets(labels: list[str], names: list[str]) -> None:
    given = SheetNames()
    assert [given.give(label) for label in labels] == names


def test_a_sheet_that_goes_on_has_a_name_of_its_own() -> None:
    names = SheetNames()
    assert [names.give("Sales (2)"), names.give("Sales")] == ["Sales (2)", "Sales"]
    assert names.go_on("Sales", 2) == "Sales 2 (2)"
    assert names.go_on("y" * 31, 12) == "y" * 26 + " (12)"


def test_edges() -> None:
    assert serial(0) == 25_569
    assert serial(-2_209_075_200_000_000) is None
    assert number_of("-0.10") == -0.1
    assert number_of("1234567890123456") is None
    assert holdable("x" * 32_767, 32_767) == ("x" * 32_767, False)
