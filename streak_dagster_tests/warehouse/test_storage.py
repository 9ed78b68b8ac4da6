"""The form of the file: what DuckDB 1.4 reads, also where the file was made in a newer form before."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from streak_dagster.warehouse import storage
from streak_dagster.warehouse.database import Database, _unusable
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.sandboxes import sandbox_of

TWO = duckdb.__version__ >= "1.5"
"""Whether the installed DuckDB knows a form that 1.4 doesn't."""
newer = pytest.mark.skipif(not TWO, reason="this DuckDB knows no newer form")

OWN = """
CREATE SCHEMA mine;
CREATE TABLE mine.notes (id INTEGER PRIMARY KEY, note VARCHAR NOT NULL DEFAULT '-', tags JSON);
INSERT INTO mine.notes VALUES (1, 'kept', '{"a": 1}');
COMMENT ON TABLE mine.notes IS 'Notes'; COMMENT ON COLUMN mine.notes.note IS 'What was said';
CREATE VIEW mine.seen AS SELECT * FROM crm.mine.notes; CREATE MACRO mine.twice(x) AS 2 * x;
CREATE SEQUENCE mine.numbers START 7; CREATE INDEX by_note ON mine.notes (note);
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in the newest form that the installed DuckDB knows, with what somebody made in it."""
    made = tmp_path / "crm.duckdb"
    with duckdb.connect(str(made), config={"storage_compatibility_version": "latest"}) as connection:
        connection.execute(OWN)
    return made


def seen(path: Path) -> list[object]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return [
            connection.execute(query).fetchall()
            for query in (
                "FROM mine.notes",
                "FROM mine.seen",
                "SELECT mine.twice(21)",
                "SELECT table_name, comment FROM duckdb_tables() ORDER BY ALL",
                "SELECT column_name, comment, column_default FROM duckdb_columns() ORDER BY ALL",
                "SELECT sequence_name, start_value FROM duckdb_sequences() ORDER BY ALL",
                "SELECT index_name FROM duckdb_indexes() ORDER BY ALL",
                "SELECT constraint_text FROM duckdb_constraints() ORDER BY ALL",
            )
        ]


def test_a_new_file_is_for_every_duckdb_of_the_range(tmp_path: Path, load: Load) -> None:
    with sandbox_of() as sandbox:
        assert load(sandbox, tmp_path / "crm.duckdb", select=["teams"]).success
    assert not storage.is_newer(tmp_path / "crm.duckdb")


@newer
def test_a_newer_file_is_rewritten_once_with_all_that_is_in_it(path: Path) -> None:
    assert storage.is_newer(path)
    path.chmod(0o640)
    before, told = seen(path), list[str]()
    for _ in range(2):
        with Database(str(path)).transaction(report=told.append) as connection:
            connection.execute("CREATE OR REPLACE TABLE mine.other AS SELECT 1")
            connection.execute("DROP TABLE mine.other")
    assert not storage.is_newer(path)
    assert seen(path) == before
    assert told == ["crm.duckdb has the form of a newer DuckDB: writing it once more, for 1.4.0 and later"]
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["crm.duckdb"]


@newer
def test_reading_rewrites_nothing(path: Path) -> None:
    with Database(str(path)).connect(read_only=True):
        pass
    assert storage.is_newer(path)


@newer
def test_what_a_killed_rewriting_left_is_removed(path: Path) -> None:
    (path.parent / ".crm.duckdb.rewriting").write_bytes(b"half")
    with Database(str(path)).connect():
        pass
    assert not storage.is_newer(path)
    assert [each.name for each in path.parent.iterdir()] == ["crm.duckdb"]


@newer
def test_what_cant_be_rewritten_stays_and_is_told_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path.parent / ".crm.duckdb.rewriting").mkdir()  # in the way
    before, told = seen(path), list[str]()
    for _ in range(2):
        with Database(str(path)).connect(report=told.append) as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS ours")
    assert seen(path) == before
    assert [line.partition(",")[0] for line in told] == [
        "crm.duckdb has the form of a newer DuckDB: writing it once more",
        "crm.duckdb stays as it is",
    ]


@pytest.mark.parametrize("words", ["an newer", "a newer"], ids=["1.4", "1.5"])
def test_a_file_that_is_too_new_names_the_remedy(words: str) -> None:
    """What DuckDB 1.4.5 and 1.5.6 say of a file of 2.0; that of the installed one can't be forged."""
    error = duckdb.IOException(
        "IO Error: Trying to read a database file with version number 69, but we can only read versions "
        f"between 64 and 68.\nThe database file was created with {words} version of DuckDB.\n"
    )
    told = str(_unusable("/srv/crm.duckdb", error))
    assert re.match(r"/srv/crm\.duckdb was written by a newer DuckDB .* pip install -U duckdb\.", told)
    assert "repair" not in told
