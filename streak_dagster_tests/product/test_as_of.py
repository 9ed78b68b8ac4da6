"""Every macro of ``streak_at`` reads what the sample holds, in a copy of its database."""

from __future__ import annotations

from pathlib import Path

import duckdb

from streak_dagster.tables import ALL_TABLES


def test_every_macro_reads_the_present_as_tables_and_views_do(database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:

        def names(query: str) -> set[str]:
            return {name for (name,) in connection.execute(query).fetchall()}

        tables = {table.name for table in ALL_TABLES}
        views = names("SELECT view_name FROM duckdb_views() WHERE schema_name = 'streak_views'")
        macros = names("SELECT function_name FROM duckdb_functions() WHERE schema_name = 'streak_at'")
        assert macros == tables | views
        for name in sorted(macros):
            present = f"streak.{name}" if name in tables else f"streak_views.{name}"
            columns = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {present})")
            declared = columns.fetchall()
            columns = connection.execute(
                f"SELECT column_name, column_type FROM (DESCRIBE FROM streak_at.{name}(now()))"
            )
            assert columns.fetchall() == declared, name
            count = f"SELECT count(*) FROM {present}"
            assert (
                connection.execute(f"SELECT count(*) FROM streak_at.{name}(now())").fetchall()
                == connection.execute(count).fetchall()
            ), name
        assert connection.execute("FROM streak_history.deletions").fetchall() == []
