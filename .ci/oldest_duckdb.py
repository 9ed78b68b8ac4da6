"""Open a copy with the oldest DuckDB that reads it: ``oldest_duckdb.py data/sandbox.duckdb``.

People read it with what their BI tool bundles: the first release of the version in pyproject.toml, even
where that asks for a later one to write with. That DuckDB goes into a temporary folder, and reads every
row of every table and view; the exit status is 1 where it can't.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READ = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
tables = connection.execute(
    "SELECT database_name, schema_name, table_name FROM duckdb_tables() UNION ALL "
    "SELECT database_name, schema_name, view_name FROM duckdb_views() WHERE schema_name = 'streak_views'"
).fetchall()
rows = 0
for table in tables:
    name = ".".join('"' + each.replace('"', '""') + '"' for each in table)
    count, _ = connection.execute(f"SELECT count(*), bit_xor(hash(t)) FROM {name} AS t").fetchall()[0]
    rows += count
assert tables and rows, "there is nothing in it"
print(f"DuckDB {duckdb.__version__} reads {rows:,} rows of {len(tables)} tables and views of {sys.argv[1]}")
"""


def main(database: str) -> int:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'"duckdb>=([0-9]+[.][0-9]+)[0-9.]*,', pyproject)
    if found is None:
        print("pyproject.toml has no range of duckdb that begins with >=", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        # The first release of that version may have no wheel for a Python that came later.
        for wanted in (f"duckdb=={found[1]}.0", f"duckdb=={found[1]}.*"):
            if subprocess.call([*PIP, "--target", folder, wanted], stderr=subprocess.DEVNULL) == 0:
                return subprocess.call(
                    [sys.executable, "-c", READ, database], env={**os.environ, "PYTHONPATH": folder}
                )
    print(f"No DuckDB {found[1]} could be installed for Python {sys.version.split()[0]}", file=sys.stderr)
    return 1


PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-input"]

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
