"""A process that keeps a database open and asks it what it is told: ``asker.py FILE [write]``.

It prints ``open``, and then, for each line of its input, which is a query, the first row as JSON.
"""

from __future__ import annotations

import json
import sys

import duckdb


def main(file: str, mode: str = "read") -> None:
    with duckdb.connect(file, read_only=mode == "read") as connection:
        print("open", flush=True)
        for query in sys.stdin:
            print(json.dumps(connection.execute(query).fetchone()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
