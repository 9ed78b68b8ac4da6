"""``streak-dagster`` on terminals that don't know every letter, and before readers that go early."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import duckdb
import pytest

from streak_dagster_tests.support.runs import program, surroundings
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually

pytestmark = pytest.mark.slow

NAMED = "SELECT 'Zoë ✓ 🦆' AS name"
ENCODINGS = {
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "crm.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA streak")
    return path


def sql(query: str, database: Path, encoding: str) -> subprocess.Popen[bytes]:
    values = {"STREAK_API_KEY": "key", "STREAK_DUCKDB_PATH": str(database), **ENCODINGS[encoding]}
    return subprocess.Popen(
        [program("streak-dagster"), "sql", query],
        env=surroundings(values),
        cwd=database.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_a_terminal_doesnt_know_is_written_otherwise(encoding: str, database: Path) -> None:
    with sql(NAMED, database, encoding) as shown:
        out, err = shown.communicate()
    assert (shown.returncode, err) == (0, b"")
    if encoding == "utf-8":
        assert "Zoë ✓ 🦆" in out.decode()
        assert "┌" in out.decode()
    else:
        assert b"\\u2713" in out
        assert b"+---" in out
        assert b"\\u25" not in out


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_so_is_an_error(encoding: str, database: Path) -> None:
    with sql("SELECT '✓'::INTEGER", database, encoding) as shown:
        out, err = shown.communicate()
    assert (shown.returncode, out) == (1, b"")
    assert err.startswith(b"streak-dagster: Conversion Error")
    assert b"Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_query_that_takes_long_can_be_stopped(number: int, database: Path) -> None:
    """At any moment: while it is loaded, too, when nothing is printed of that either."""
    endless = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"
    with sql(endless, database, "utf-8") as shown:
        eventually(lambda: is_open(database))
        shown.send_signal(number)
        out, err = shown.communicate(timeout=MAX_WAIT)
    assert shown.returncode == -number
    assert out == b""
    # Who looks whether it is open may be in its way for a moment, which it then says.
    assert b"Traceback" not in err
    assert err.count(b"\n") <= 1, err


def is_open(database: Path) -> bool:
    """Whether another process has a database open, for which nobody can write it."""
    try:
        duckdb.connect(str(database)).close()
    except duckdb.Error:
        return True
    return False


def test_a_reader_that_goes_ends_the_command(database: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    values = {"STREAK_API_KEY": "key", "STREAK_DUCKDB_PATH": str(database)}
    shown = subprocess.run(
        [program("streak-dagster"), "sql", NAMED],
        env=surroundings(values),
        cwd=database.parent,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (shown.returncode, shown.stderr) == (141, b"")
