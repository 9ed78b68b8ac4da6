"""Text that people type is read as a number where it has one reading, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streak_dagster.warehouse.typed_numbers import as_number_sql
from streak_dagster_tests.support.typed_numbers import read_number

WORKED_BY_HAND: dict[str, float] = {
    "48600": 48600, "0": 0, "-5": -5, "+7": 7, "0,5": 0.5, ".5": 0.5, ",5": 0.5, "1.5": 1.5, "1,23": 1.23,
    "1e5": 100000, "1.5E-2": 0.015, "  12 ": 12, "\u22125": -5, "0.500": 0.5, "0,500": 0.5,
    "1234.567": 1234.567, "7,200?": 7200, "7,200": 7200, "-7,200": -7200, "1,234,567": 1234567,
    "1.234.567": 1234567, "1.234,56": 1234.56, "1,234.56": 1234.56, "1,234.567": 1234.567,
    "1 234 567,8": 1234567.8, "48\u202f600": 48600, "48\xa0600,5": 48600.5, "1\u2019200": 1200,
    "1'234'567.8": 1234567.8, "12,34,567": 1234567, "12,34,567.50": 1234567.5, "€ 48.600,00": 48600,
    "€48.600": 48600, "48.600 €": 48600, "EUR 500": 500, "500 eur": 500, "-$5": -5, "$-5": -5,
    "US$ 1,000": 1000, "CHF 1'200.-": 1200, "500,-": 500, "500.--": 500, "1.234,-": 1234, "500 kr": 500,
    "500 kr.": 500, "12 zł": 12, "₹12,34,567": 1234567, "€ 1,234.5": 1234.5, "3k": 3000, "3 K": 3000,
    "1.1k": 1100, "2.5M": 2500000, "1,5 Mio. €": 1500000, "2 mln": 2000000, "€2.5m": 2500000,
    "2m EUR": 2000000, "5MM": 5000000, "3 bn": 3000000000, "1,5 k?": 1500, "4 Mrd.": 4000000000,
    "80 Tsd. €": 80000, "12 %": 12, "12%": 12, "-0,5 %": -0.5, "~500": 500, "≈ 500": 500, "ca. 500": 500,
    "about 3k": 3000, "500 ?": 500, "500??": 500, "500 (?)": 500, "500~": 500,
    "123456789012345": 123456789012345,
}  # fmt: skip

NO_NUMBER = [
    "", " ", "?", "-", "€", "none", "n/a", "five", "k", "%", ".", "5 rooms", "500 EUR/month",
    "500 excl. VAT", "1.234", "-1.234", "1.234k", "1,234k", "1.234 %", "1,234 %", "007", "00", "01,5",
    "(500)", "500-", "- 500", "5.", "5,", "5m", "500 m", "3b", "500+", ">500", "<5", "10-20",
    "10 \u2013 20", "5 / 7", "2024-01-31", "31.12.2024", "12/2024", "1.2.3", "1.2.3.4", "12:30",
    "030 123 456", "030/123456", "+49 30 1234567", "+4930123456", "+1 234 567", "12 34 56", "1,2,3",
    "1,234 567", "1 234,567,8", "1.234.56", "7,200, 8,300", "1,5,-", "$5 €", "5 % €", "3k %", "--5", "-$-5",
    "inf", "nan", "Infinity", "1e999", "1e5k", "$1e5", "TOP 10", "PHP 8", "500 ft", "1234567890123456",
    "4242 4242 4242 4242", "0x10", "1_000", "٣", "1" * 400, "5\n6",
]  # fmt: skip

PIECES = st.sampled_from(
    [*"0123456789", "000", "200", "345", *" ,.'+-~?%€$kKmM", "\xa0", "\u202f", "\u2019", "\u2212", "(?)",
     ",-", "e5", "E-2", "EUR", "eur", "US$", "kr.", "CHF", "Mio.", "mio", "bn", "MM", "Mrd", "tsd.",
     "ca. ", "about "]
)  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE MACRO as_number(text) AS ({as_number_sql('text')})")
        yield connection


def read(connection: duckdb.DuckDBPyConnection, text: object) -> float | None:
    ((number,),) = connection.execute("SELECT as_number(?)", [text]).fetchall()
    assert number is None or isinstance(number, float)
    return number


@pytest.mark.parametrize(("text", "number"), WORKED_BY_HAND.items())
def test_what_has_one_reading_is_read(
    connection: duckdb.DuckDBPyConnection, text: str, number: float
) -> None:
    assert read(connection, text) == number
    assert read_number(text) == number


@pytest.mark.parametrize("text", NO_NUMBER)
def test_what_is_no_number_or_would_be_a_guess_is_null(
    connection: duckdb.DuckDBPyConnection, text: str
) -> None:
    assert read(connection, text) is None
    assert read_number(text) is None


@given(text=st.lists(PIECES, max_size=9).map("".join))
@example(text="1'234.567,8")
@example(text="0 000")
def test_sql_and_python_read_the_same(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert read(connection, text) == read_number(text)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=70))
def test_no_text_makes_it_fail(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert read(connection, text) == read_number(text)


@given(number=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_number_as_json_writes_it_is_itself_or_null(
    connection: duckdb.DuckDBPyConnection, number: float
) -> None:
    assert read(connection, str(number)) in (number, None)


def test_it_is_one_expression_over_a_column_where_null_stays_null(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = "(VALUES (1, '3k'), (2, NULL), (3, 'x')) AS t(i, x)"
    query = f"SELECT list({as_number_sql('x')} ORDER BY i) FROM {rows}"
    assert connection.execute(query).fetchall() == [([3000.0, None, None],)]
