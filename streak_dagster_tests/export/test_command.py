"""``streak-dagster export`` and ``sql`` as people run them: arguments, exit statuses, pipes and terminals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import openpyxl
import pytest

from streak_dagster.warehouse.database import Database
from streak_dagster_tests.support.pseudo_terminal import terminal
from streak_dagster_tests.support.runs import command, program, running, surroundings
from streak_dagster_tests.support.waiting import MAX_WAIT

pytestmark = pytest.mark.slow


@pytest.fixture
def values(database: Database) -> dict[str, str]:
    return {"STREAK_API_KEY": "key", "STREAK_DUCKDB_PATH": database.location, "STREAK_TIMEZONE": "Asia/Tokyo"}


def asked(
    arguments: list[str], values: dict[str, str], cwd: Path, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [program("streak-dagster"), *arguments],
        env=surroundings(values),
        cwd=cwd,
        input=given,
        capture_output=True,
        timeout=MAX_WAIT,
        check=False,
    )


def on_a_terminal(arguments: list[str], values: dict[str, str], cwd: Path, columns: int) -> str:
    """What a command writes on a terminal that is so wide."""
    with terminal(["streak-dagster", *arguments], values, cwd, columns=columns) as shown:
        shown.ends()
        return shown.shown


def test_a_workbook_from_one_command(values: dict[str, str], tmp_path: Path) -> None:
    done = command(["streak-dagster", "export", "out", "--select", "deals,followups_due"], values, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    *sheets, empty, closing = done.stdout.splitlines()
    assert [line.split() for line in sheets] == [
        ["sheet", "rows", "of"],
        ["deals", "5", "streak_views.deals"],
        ["followups_due", "3", "streak_views.followups_due"],
    ]
    assert (empty, closing[: closing.index(" (")]) == ("", f"8 rows on 2 sheets: {tmp_path}/out/crm.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out" / "crm.xlsx")
    assert "Asia/Tokyo" in str(book["About"]["B4"].value)


def test_files_from_one_command(values: dict[str, str], tmp_path: Path) -> None:
    arguments = ["streak-dagster", "export", "out", "--format", "csv", "--select", "deals"]
    done = command(arguments, values, tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[1].split()[:2] == ["streak_views/deals.csv", "5"]
    assert done.stdout.splitlines()[-1].startswith(f"5 rows in 1 files: {tmp_path}/out (")
    quiet = command(["streak-dagster", "--quiet", *arguments[1:]], values, tmp_path)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_a_killed_export_leaves_the_former_one(
    database: Database, values: dict[str, str], tmp_path: Path
) -> None:
    arguments = ["streak-dagster", "export", "out", "--select", "many"]
    with duckdb.connect(database.location) as connection:
        connection.execute("CREATE TABLE streak_views.many AS SELECT range AS a FROM range(5)")
    assert command(arguments, values, tmp_path).returncode == 0
    with duckdb.connect(database.location) as connection:
        connection.execute("INSERT INTO streak_views.many FROM range(500000)")
    out = tmp_path / "out"
    before = (out / "crm.xlsx").read_bytes()
    with running(values, tmp_path, arguments) as run:
        run.kill_once(lambda: list(out.glob(".streak-export-*/tmp*")))
    assert (out / "crm.xlsx").read_bytes() == before
    assert list(out.glob(".streak-export-*")) != []
    again = ["streak-dagster", "export", "out", "--select", "deals"]
    assert command(again, values, tmp_path).returncode == 0
    assert [path.name for path in out.iterdir()] == ["crm.xlsx"]


def test_what_cant_be_exported_is_one_sentence(values: dict[str, str], tmp_path: Path) -> None:
    absent = {**values, "STREAK_DUCKDB_PATH": str(tmp_path / "no" / "crm.duckdb")}
    none = command(["streak-dagster", "export", "out"], absent, tmp_path)
    assert none.returncode == 1
    assert none.stderr.startswith(f"streak-dagster: {tmp_path}/no/crm.duckdb doesn't exist yet. Run: ")
    assert list((tmp_path / "out").iterdir()) == []
    file = tmp_path / "a file"
    file.touch()
    refused = command(["streak-dagster", "export", "a file", "--format", "csv"], values, tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert f"{file} can't be made a folder" in refused.stderr


def test_a_query_comes_from_anywhere(values: dict[str, str], tmp_path: Path) -> None:
    query = "SELECT 1 AS a; SELECT 'é' AS b; -- no more"
    (tmp_path / "q.sql").write_text(query, encoding="utf-8-sig")
    for arguments, given in (
        ([query], b""),
        (["-f", "q.sql"], b""),
        (["--file", "-"], query.encode()),
        (["-"], query.encode()),
        ([], query.encode()),
    ):
        done = asked(["sql", "--format", "csv", *arguments], values, tmp_path, given)
        assert (done.returncode, done.stdout, done.stderr) == (0, "b\né\n".encode(), b"")


def test_a_query_that_isnt_there(values: dict[str, str], tmp_path: Path) -> None:
    for arguments, said, status in (
        (["-f", "no/q.sql"], f"{tmp_path}/no/q.sql can't be read (No such file or directory)", 2),
        (["SELECT 1", "-f", "q.sql"], "not both", 2),
        ([], "The query is empty", 1),
        (["--format", "pdf", "SELECT 1"], "'pdf' is not one of", 2),
    ):
        done = asked(["sql", *arguments], values, tmp_path)
        assert done.returncode == status
        assert said in done.stderr.decode()
        assert done.stdout == b""
    assert "Say a query" in on_a_terminal(["sql"], values, tmp_path, 80)


def test_machines_get_utf8_whatever_the_locale(values: dict[str, str], tmp_path: Path) -> None:
    plain = {**values, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = asked(["sql", "--format", "json", "SELECT 'Zoë 🦆' AS name"], plain, tmp_path)
    assert json.loads(done.stdout) == [{"name": "Zoë 🦆"}]


def test_a_pipe_gets_everything_and_a_terminal_what_fits(values: dict[str, str], tmp_path: Path) -> None:
    query = "SELECT range AS number, repeat('wide ', 60) AS text, 1 AS a, 2 AS b, 3 AS c FROM range(150)"
    done = asked(["sql", query], values, tmp_path)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 150 + 4
    assert all("wide " * 60 in line for line in lines[3:-1])
    shown = on_a_terminal(["sql", query], values, tmp_path, 60).splitlines()
    assert len(shown) == 100 + 4 + 1
    assert max(map(len, shown[:-1])) == 60
    assert shown[-1].startswith("100 of 150 rows shown;")
    narrow = on_a_terminal(["sql", query], values, tmp_path, 20).splitlines()
    assert narrow[-1].startswith("100 of 150 rows and 1 of 5 columns shown;")


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
def test_a_reader_that_has_seen_enough_ends_it(form: str, values: dict[str, str], tmp_path: Path) -> None:
    query = "SELECT range, repeat('x', 50) AS x FROM range(100000)"
    with subprocess.Popen(
        [program("streak-dagster"), "sql", "--format", form, query],
        env=surroundings(values),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(timeout=MAX_WAIT), said) == (141, b"")


def test_a_writer_is_waited_for_and_named(database: Database, values: dict[str, str], tmp_path: Path) -> None:
    with duckdb.connect(database.location):
        done = asked(["sql", "SELECT 1"], {**values, "STREAK_LOCK_WAIT": "0"}, tmp_path)
        exported = asked(["export", "out"], {**values, "STREAK_LOCK_WAIT": "0"}, tmp_path)
    for each in (done, exported):
        assert each.returncode == 1
        assert f"is held by process {os.getpid()}" in each.stderr.decode()
        assert "STREAK_LOCK_WAIT" in each.stderr.decode()


def test_a_query_brings_no_dagster(values: dict[str, str], tmp_path: Path) -> None:
    """It takes seconds to load."""
    code = (
        "import sys; from streak_dagster.cli import main; status = main(['sql', 'SELECT 1']); "
        "heavy = {'dagster', 'pandas', 'matplotlib', 'requests', 'xlsxwriter'} & sys.modules.keys(); "
        "sys.exit(status or ', '.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=surroundings(values),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=MAX_WAIT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
