"""What a query finds, as text that reads back."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest

from streak_dagster.errors import TableMissingError, WarehouseError
from streak_dagster.query import write_answer
from streak_dagster.warehouse.database import Database

ODD = """
SELECT 1 AS a, 'x' AS a, NULL AS nothing, '' AS empty, E'two\\nlines, "quoted" | \\\\' AS text,
  1.50::DECIMAL(9, 2) AS price, 0.1::DOUBLE AS tenth, 'NaN'::DOUBLE AS nan, true AS yes,
  170141183460469231731687303715884105727::HUGEINT AS huge, DATE '2026-01-02' AS day,
  TIMESTAMPTZ '2026-07-01 12:00:00.5+02' AS moment, TIMESTAMP '2026-07-01 12:00:00' AS plain,
  ['p', NULL] AS list, {'k': [1]} AS nested, '{"j": 1}'::JSON AS json
"""


@pytest.fixture
def database(tmp_path: Path) -> Database:
    path = tmp_path / "crm.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA streak; CREATE TABLE streak.teams (key VARCHAR)")
    return Database(str(path))


def answer(database: Database, query: str, form: str = "table", width: int | None = None) -> str:
    out = io.StringIO()
    write_answer(database, query, out.write, form, width=width, excluded=("webhooks",))
    return out.getvalue()


def test_json(database: Database) -> None:
    assert json.loads(answer(database, ODD, "json")) == [
        {
            "a": 1,
            "a_1": "x",
            "nothing": None,
            "empty": "",
            "text": 'two\nlines, "quoted" | \\',
            "price": "1.50",
            "tenth": 0.1,
            "nan": "nan",
            "yes": True,
            "huge": 2**127 - 1,
            "day": "2026-01-02",
            "moment": "2026-07-01T10:00:00.500000Z",
            "plain": "2026-07-01T12:00:00.000000",
            "list": ["p", None],
            "nested": {"k": [1]},
            "json": {"j": 1},
        }
    ]


def test_csv(database: Database) -> None:
    header, row = csv.reader(io.StringIO(answer(database, ODD, "csv"), newline=""))
    assert header[:4] == ["a", "a", "nothing", "empty"]
    assert row == [
        *("1", "x", "", "", 'two\nlines, "quoted" | \\', "1.50", "0.1", "nan", "true", str(2**127 - 1)),
        *("2026-01-02", "2026-07-01T10:00:00.500000Z", "2026-07-01T12:00:00.000000"),
        *('["p",null]', '{"k":[1]}', '{"j": 1}'),
    ]


def test_markdown(database: Database) -> None:
    found = answer(database, "SELECT 1 AS number, E'a|b\\nc' AS text, NULL::VARCHAR AS nothing", "markdown")
    assert found == "| number | text | nothing |\n| ---: | --- | --- |\n| 1 | a\\|b<br>c | NULL |\n"


def test_a_table(database: Database) -> None:
    query = (
        "SELECT 10 AS n, '木漏れ日' AS name, E'\\x1b[31m\\n' AS odd UNION ALL SELECT 5, NULL, 'é' ORDER BY n"
    )
    assert answer(database, query) == (
        "┌────┬──────────┬────────────┐\n"
        "│ n  │ name     │ odd        │\n"
        "├────┼──────────┼────────────┤\n"
        "│  5 │ NULL     │ é          │\n"
        "│ 10 │ 木漏れ日 │ \\x1b[31m\\n │\n"
        "└────┴──────────┴────────────┘\n"
    )
    assert "│ 木漏れ…  │" in answer(database, "SELECT '木漏れ日旅館' AS name", width=12)


@pytest.mark.parametrize(
    ("form", "nothing"),
    [
        ("csv", "a\n"),
        ("json", "[]\n"),
        ("markdown", "| a |\n| ---: |\n"),
        ("table", "┌───┐\n│ a │\n├───┤\n└───┘\n"),
    ],
)
def test_no_rows(form: str, nothing: str, database: Database) -> None:
    assert answer(database, "SELECT 1 AS a WHERE false", form) == nothing


def test_order_stays_over_many_batches(database: Database) -> None:
    found = answer(database, "FROM range(20000) ORDER BY range DESC", "csv").split()
    assert found == ["range", *map(str, range(19_999, -1, -1))]


@pytest.mark.parametrize(
    "query",
    [
        "SHOW TABLES",
        "DESCRIBE teams",
        "SUMMARIZE teams",
        "PRAGMA version",
        "CALL pragma_version()",
        "EXPLAIN SELECT 1",
        "PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b)",
        "WITH x AS (SELECT 1 AS a) FROM x; -- and no more",
        "VALUES (1)",
        "CREATE TEMP TABLE mine AS SELECT 1 AS a; FROM mine",
    ],
)
def test_any_statement_that_finds_something(query: str, database: Database) -> None:
    assert json.loads(answer(database, query, "json"))
    assert answer(database, query)


def test_a_statement_that_finds_nothing(database: Database) -> None:
    assert answer(database, "SET threads = 1") == "done\n"
    assert answer(database, "SET threads = 1", "json") == ""


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("DELETE FROM teams", "opened for reading only, so DELETE was refused"),
        ("CREATE TABLE streak.mine (a INTEGER)", "CREATE was refused"),
        ("FROM webhooks", "STREAK_EXCLUDE leaves webhooks out"),
        ("FROM box_tasks", "box_tasks was never copied into this database. Run: streak-dagster run"),
        ("FROM deals", "FROM streak_views.deals"),
        ("FROM team", 'Did you mean "teams'),
        ("SELEC 1", "LINE 1: SELEC 1"),
        ("  ", "The query is empty"),
    ],
)
def test_what_cant_be_asked(query: str, said: str, database: Database) -> None:
    with pytest.raises(WarehouseError) as caught:
        answer(database, query)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 12


def test_a_long_query_with_a_fault_is_a_short_message(database: Database) -> None:
    with pytest.raises(WarehouseError) as caught:
        answer(database, "SELECT\n" + "1,\n" * 5_000 + "FROM FROM")
    assert len(str(caught.value).splitlines()) <= 12


def test_no_database_yet(tmp_path: Path) -> None:
    with pytest.raises(
        TableMissingError, match=f"{tmp_path}/no/crm.duckdb doesn't exist yet. Run: streak-dagster run"
    ):
        answer(Database(str(tmp_path / "no" / "crm.duckdb")), "SELECT 1")
