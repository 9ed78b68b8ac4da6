"""Parquet and CSV files say what the database says, and take each other's place whole."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from streak_dagster.errors import ExportError, SettingsError, TableMissingError
from streak_dagster.export import export
from streak_dagster.export.placing import workshop
from streak_dagster.warehouse.database import Database


def relations(database: Database) -> set[str]:
    with database.connect(read_only=True) as session:
        rows = session.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name LIKE 'streak' "
            "UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() "
            "WHERE schema_name = 'streak_views'"
        )
        return {name for (name,) in rows.fetchall()}


def add(database: Database, statement: str) -> None:
    with duckdb.connect(str(database.path)) as connection:
        connection.execute(statement)


def test_parquet_says_what_the_database_says(database: Database, tmp_path: Path) -> None:
    exported = export(database, tmp_path / "out", "parquet")
    assert {each.relation for each in exported} == relations(database)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{database.path}' AS crm (READ_ONLY); SET TimeZone = 'UTC'")
        for each in exported:
            schema, name = each.relation.split(".")
            assert each.path == tmp_path / "out" / schema / f"{name}.parquet"
            assert each.size == each.path.stat().st_size
            # What counts days since, or looks at now, may have gone on.
            source = f'crm."{schema}"."{name}"'
            (rows,) = connection.execute(f"SELECT count(*) FROM {source}").fetchone() or (None,)
            assert each.rows == rows
            if schema == "streak":
                different = f"FROM {source} EXCEPT ALL FROM '{each.path}'"
                assert connection.execute(different).fetchall() == []
            types = connection.execute(f"DESCRIBE FROM {source}").fetchall()
            assert [row[:2] for row in connection.execute(f"DESCRIBE FROM '{each.path}'").fetchall()] == [
                row[:2] for row in types
            ]


def test_csv_is_for_any_program(database: Database, tmp_path: Path) -> None:
    add(
        database,
        "CREATE TABLE streak_views.odd AS SELECT 'a, \"b\"' AS text, ['x', 'y'] AS list, "
        "TIMESTAMPTZ '2026-07-01 12:00:00+02' AS moment, 1.50 AS price, NULL::INTEGER AS nothing, "
        "'' AS empty, '=1+1' AS name",
    )
    (each,) = export(database, tmp_path, "csv", select=["streak_views.odd"])
    assert each.path.read_text(encoding="utf-8").splitlines() == [
        "text,list,moment,price,nothing,empty,name",
        '"a, ""b""","[""x"",""y""]",2026-07-01T10:00:00.000000Z,1.50,,"",=1+1',
    ]
    frame = pd.read_csv(each.path, parse_dates=["moment"])
    assert frame["moment"][0] == pd.Timestamp("2026-07-01T10:00Z")
    assert json.loads(str(frame["list"][0])) == ["x", "y"]


def test_an_emptied_table_has_a_header(database: Database, tmp_path: Path) -> None:
    (each,) = export(database, tmp_path, "csv", select=["streak_views/history"])
    assert each.rows == 0
    assert each.path.read_text(encoding="utf-8").count("\n") == 1


def test_what_the_database_lost_is_removed_and_nothing_else(database: Database, tmp_path: Path) -> None:
    out = tmp_path / "out"
    add(database, "CREATE TABLE streak_views.mine AS SELECT 1 AS a")
    export(database, out, "csv")
    foreign = out / "streak_views" / "theirs.csv"
    foreign.write_text("theirs", encoding="utf-8")
    add(database, "DROP TABLE streak_views.mine")
    said: list[str] = []
    export(database, out, "csv", select=["deals"], report=said.append)
    assert said == [f"removed {out / 'streak_views' / 'mine.csv'}: the database has it no longer"]
    assert not (out / "streak_views" / "mine.csv").exists()
    assert foreign.exists()
    manifest = json.loads((out / "streak-export.json").read_text(encoding="utf-8"))
    assert {each["relation"] for each in manifest["files"]} == relations(database)
    assert (out / "streak" / "pipelines.csv").exists()


@pytest.mark.parametrize(
    "listed",
    [
        "not JSON",
        '{"files": [{"file": "../precious.csv", "relation": "streak.gone"}]}',
        '{"files": [{"file": "/etc/precious.csv", "relation": "streak.gone"}]}',
        '{"files": [{"file": "streak/../precious.csv", "relation": "streak.gone"}]}',
        '{"files": [{"file": "streak/precious.txt", "relation": "streak.gone"}]}',
        '{"files": [1, null]}',
        "[]",
    ],
)
def test_a_manifest_of_somebody_else_removes_nothing(listed: str, database: Database, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "streak").mkdir(parents=True)
    kept = [tmp_path / "precious.csv", out / "precious.csv", out / "streak" / "precious.txt"]
    for path in kept:
        path.write_text("precious", encoding="utf-8")
    (out / "streak-export.json").write_text(listed, encoding="utf-8")
    export(database, out, "csv", select=["pipelines"])
    assert all(path.read_text(encoding="utf-8") == "precious" for path in kept)


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_an_export_that_fails_leaves_the_former_one(form: str, database: Database, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(database, out, form, select=["last_touch"])
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    add(database, "CREATE VIEW streak_views.zzz AS SELECT error('no such luck') AS a")
    with pytest.raises(ExportError, match=r"streak_views\.zzz couldn't be written.*no such luck"):
        export(database, out, form, select=["last_touch", "zzz"])
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_one_export_at_a_time(database: Database, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with workshop(out), pytest.raises(ExportError, match="Another export is writing into"):
        export(database, out, "csv")
    (out / ".streak-export-killed").mkdir()
    export(database, out, "csv", select=["pipelines"])
    assert sorted(path.name for path in out.iterdir()) == ["streak", "streak-export.json"]


def test_files_are_for_whom_others_are(database: Database, tmp_path: Path) -> None:
    former = os.umask(0o022)
    try:
        for form in ("csv", "parquet", "xlsx"):
            (each,) = export(database, tmp_path / "out", form, select=["deals"])
            assert stat.S_IMODE(each.path.stat().st_mode) == 0o644
    finally:
        os.umask(former)


def test_what_is_asked_for_wrongly_is_said(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="xlsx, parquet, csv"):
        export(database, tmp_path, "pdf")
    with pytest.raises(SettingsError, match="deals"):
        export(database, tmp_path, "csv", select=["deels"])
    with pytest.raises(ExportError, match="snippets isn't in the database"):
        export(database, tmp_path, "csv", select=["deals, streak.snippets"])
    with pytest.raises(ExportError, match="'soon' is no moment"):
        export(database, tmp_path, "csv", as_of="soon")
    with pytest.raises(ExportError, match=r"crm\.duckdb can't be made a folder"):
        export(database, database.path, "csv")
    with pytest.raises(TableMissingError, match=r"nowhere\.duckdb doesn't exist yet"):
        export(Database(str(tmp_path / "nowhere.duckdb")), tmp_path, "csv")
    add(Database(str(tmp_path / "empty.duckdb")), "SELECT 1")
    with pytest.raises(ExportError, match="no table of Streak's yet"):
        export(Database(str(tmp_path / "empty.duckdb")), tmp_path, "csv")


def test_as_it_was(database: Database, tmp_path: Path) -> None:
    (now,) = export(database, tmp_path, "csv", select=["streak/pipeline_boxes"])
    (before,) = export(database, tmp_path, "csv", select=["streak/pipeline_boxes"], as_of="2020-01-01")
    (after,) = export(
        database,
        tmp_path,
        "csv",
        select=["streak/pipeline_boxes"],
        as_of="2100-01-01 09:30",
        zone="Asia/Tokyo",
    )
    assert (now.rows, before.rows, after.rows) == (5, 0, 5)
    exported = export(
        database, tmp_path, "parquet", select=["deals", "streak_views/sales"], as_of="2100-01-01T00:00:00Z"
    )
    assert {each.relation: each.rows for each in exported} == {
        "streak_views.sales": 3,
        "streak_views.deals": 5,
    }
