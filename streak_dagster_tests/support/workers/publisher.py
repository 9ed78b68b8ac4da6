"""A process of its own that works with a database.

``publisher.py turn FOLDER`` has the turn to write there until the standard input ends.
``publisher.py hold FILE`` keeps the file open until the standard input ends.
``publisher.py once FILE ROWS`` publishes a spool when a line comes, and ends.
``publisher.py loop FILE TURNS ROWS…`` publishes the spools in turn, so many times (0: without end).
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.publish import publish
from streak_dagster.warehouse.turns import turn
from streak_dagster_tests.support.spools import LARGEST, THINGS


def hold(file: str) -> None:
    with duckdb.connect(file, config={"storage_compatibility_version": "v1.4.0"}):
        print("held", flush=True)
        sys.stdin.read()


def have_turn(folder: str) -> None:
    with turn(Path(folder), 0.0, lambda: None):
        print("held", flush=True)
        sys.stdin.read()


def publish_once(file: str, rows: str) -> None:
    with Database(file, lock_wait=60).transaction() as session:
        publish(session, THINGS, select_spool(THINGS, Path(rows), LARGEST))


def once(file: str, rows: str) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    publish_once(file, rows)
    print("published", flush=True)


def loop(file: str, turns: str, *rows: str) -> None:
    print("ready", flush=True)
    for number, path in enumerate(itertools.cycle(rows), start=1):
        publish_once(file, path)
        if number == int(turns):
            break
        time.sleep(0.02)  # others want the file, too
    print("published", flush=True)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    commands: dict[str, Callable[..., None]] = {"turn": have_turn, "hold": hold, "once": once, "loop": loop}
    commands[command](*arguments)
