"""What the copy for readers costs, by the size of the database.

``python benchmarks/serve.py [folder] [megabytes …]``: a database of each size is made in the folder, its copy
replaced a few times after a small change, first copying each byte, then as the file system shares them
(btrfs, XFS). Twice the largest size must be free there.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.readers_file import replace_copy

TURNS = 3
ROWS_OF_A_MEGABYTE = 1800


def made(path: Path, megabytes: int) -> Database:
    """A database of about that size, of text that can't be compressed away."""
    database = Database(str(path))
    with database.connect() as session:
        session.execute("CREATE SCHEMA streak")
        session.execute("CREATE TABLE streak.changes (number BIGINT)")
        text = " || ".join(f"md5((range * 16 + {each})::VARCHAR || random()::VARCHAR)" for each in range(16))
        session.execute(
            "CREATE TABLE streak.boxes AS SELECT range AS key, unhex("
            f"{text}) || unhex({text}) AS body FROM range({megabytes * ROWS_OF_A_MEGABYTE})"
        )
    return database


def measured(database: Database, *, may_clone: bool) -> tuple[float, float, bool]:
    """Seconds and seconds of a processor to replace the copy, and whether bytes were shared."""
    seconds, processor, cloned = [], [], False
    for turn in range(TURNS):
        with duckdb.connect(database.location) as connection:
            connection.execute("INSERT INTO streak.changes VALUES (?)", [turn])
        began, worked = time.monotonic(), time.process_time()
        replaced = replace_copy(database, may_clone=may_clone)
        assert replaced is not None
        cloned = replaced.cloned
        seconds.append(time.monotonic() - began)
        processor.append(time.process_time() - worked)
    return statistics.median(seconds), statistics.median(processor), cloned


def main(folder: str | None = None, *sizes: str) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as room:
        for megabytes in map(int, sizes or ("100", "1000")):
            if shutil.disk_usage(room).free < megabytes * 3e6:
                print(f"{megabytes} MB: too little is free in {room}")
                continue
            database = made(Path(room) / "crm.duckdb", megabytes)
            size = database.path.stat().st_size / 1e6
            for may_clone in (False, True):
                seconds, processor, cloned = measured(database, may_clone=may_clone)
                if cloned == may_clone:
                    how = "bytes shared" if cloned else "bytes copied"
                    print(f"{size:7,.0f} MB, {how}: {seconds:6.2f} s, {processor:5.2f} s of a processor")
            began = time.monotonic()
            assert replace_copy(database) is None
            print(f"{size:7,.0f} MB, nothing to do: {time.monotonic() - began:6.3f} s")
            for each in (database.path, database.served_path):
                each.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
