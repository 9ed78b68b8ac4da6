"""An export takes no more memory for many rows than for few."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from streak_dagster_tests.support.waiting import MAX_WAIT

pytestmark = [
    pytest.mark.slow,
    # What getrusage says of a process includes its parent's memory of before exec.
    pytest.mark.skipif(
        not Path("/proc/self/status").exists(), reason="the peak of a process is asked of Linux"
    ),
]

PEAK = """
import sys
from streak_dagster.export import export
from streak_dagster.warehouse.database import Database
export(Database(sys.argv[1]), sys.argv[2], sys.argv[3], select=["streak_views/" + sys.argv[4]])
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(line.split()[1])
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "crm.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA streak; CREATE SCHEMA streak_views")
        for name, rows in (("few", 1_000), ("many", 40_000)):
            connection.execute(
                f"CREATE TABLE streak_views.{name} AS SELECT range AS key, md5(range::VARCHAR) AS name, "
                f"repeat('long ', 1000) || range AS notes, now() AS created FROM range({rows})"
            )
    return path


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_memory_is_flat(form: str, database: Path, tmp_path: Path) -> None:
    peaks = {}
    for name in ("few", "many"):
        done = subprocess.run(
            [sys.executable, "-c", PEAK, str(database), str(tmp_path), form, name],
            capture_output=True,
            text=True,
            timeout=MAX_WAIT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        peaks[name] = int(done.stdout)
    # 40,000 rows are 200 MB of text, of which DuckDB stores little.
    assert peaks["many"] - peaks["few"] < 120_000
