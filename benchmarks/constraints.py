"""What real PRIMARY KEY and FOREIGN KEY constraints would cost where a table is replaced whole.

``python benchmarks/constraints.py [rows]``: the same rows are published as the product does it, in one
transaction that replaces the table, without and with a key. Then one that a foreign key names is replaced.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
TURNS = 3
COLUMNS = ", ".join(f"c{number} VARCHAR" for number in range(30))
VALUES = ", ".join(f"'value ' || (range * {number}) % 997" for number in range(30))


def published(key: str) -> tuple[float, float]:
    """The least seconds of a processor for a publication, and the megabytes of the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.duckdb"
        seconds = []
        for _ in range(TURNS):
            with duckdb.connect(str(path), config={"threads": 1, "memory_limit": "96MB"}) as connection:
                began = time.process_time()
                connection.execute("BEGIN")
                connection.execute("CREATE SCHEMA IF NOT EXISTS streak")
                connection.execute(
                    f"CREATE OR REPLACE TABLE streak.boxes (key VARCHAR NOT NULL{key}, {COLUMNS})"
                )
                connection.execute(
                    f"INSERT INTO streak.boxes SELECT 'agxzfm1haWxmb29nYWU' || md5(range::VARCHAR), {VALUES} "
                    f"FROM range({ROWS})"
                )
                connection.execute("COMMIT")
                connection.execute("CHECKPOINT")
                seconds.append(time.process_time() - began)
        return min(seconds), path.stat().st_size / 1e6


def replaced_parent() -> str:
    """What DuckDB says where a parent with children is replaced."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE boxes (key VARCHAR PRIMARY KEY)")
        connection.execute("CREATE TABLE comments (key VARCHAR, box_key VARCHAR REFERENCES boxes (key))")
        try:
            connection.execute("CREATE OR REPLACE TABLE boxes (key VARCHAR PRIMARY KEY)")
        except duckdb.Error as error:
            return str(error).splitlines()[0]
    return "replaced"


def main() -> None:
    for name, key in (("no key", ""), ("PRIMARY KEY", " PRIMARY KEY")):
        try:
            seconds, size = published(key)
            print(f"{name}: {ROWS:,} rows in {seconds:.2f} s of a processor, a file of {size:.1f} MB")
        except duckdb.Error as error:
            print(f"{name}: {str(error).splitlines()[0]}")
    print(f"a parent of a FOREIGN KEY: {replaced_parent()}")


if __name__ == "__main__":
    main()
