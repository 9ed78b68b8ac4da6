"""Who has a database open is seen, and isn't disturbed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from streak_dagster.warehouse.holders import holder_of

CODE = """
import sys, duckdb
opened = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reads")
print("open", flush=True)
while input():
    print(opened.execute("SELECT 42").fetchone()[0], flush=True)
"""


@pytest.mark.parametrize("does", ["reads", "writes"])
def test_a_reader_and_a_writer_are_told_apart(does: str, tmp_path: Path) -> None:
    database = tmp_path / "crm.duckdb"
    assert holder_of(database) is None
    duckdb.connect(str(database)).close()
    assert holder_of(database) is None
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", CODE, str(database), does], stdin=pipe, stdout=pipe, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        holder = holder_of(database)
        assert holder is not None
        assert (holder.pid, holder.writes) == (other.pid, does == "writes")
        assert str(holder).startswith(f"process {other.pid} (")
        # It has its lock still: a writer is kept out.
        with pytest.raises(duckdb.Error, match="lock"):
            duckdb.connect(str(database))
        assert holder_of(database) == holder
        print("go on", file=other.stdin, flush=True)
        assert other.stdout.readline() == "42\n"
        other.kill()
    assert holder_of(database) is None
