"""Dagster's SQLite files stay open while a run of ours writes them.

Dagster makes an engine of SQLAlchemy, opens a connection and closes both again for each entry of a run's
log, 1,700 times in a refresh: each statement is compiled anew, and SQLite moves its log into the file at each
closing. Here a file has one engine, with its connections, until the run is over. Every entry is committed as
before, and other processes read it as soon.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from streak_dagster.dagster_internals import SqliteEventLogStorage, SqliteRunStorage, create_engine

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from dagster import DagsterInstance
    from sqlalchemy.engine import Connection, Engine

_BUSY_SECONDS = 30
"""For how long another process's write is waited for, as Dagster's own connections do."""


@contextmanager
def kept_open(instance: DagsterInstance) -> Iterator[None]:
    """Keep the files of an instance's runs and events open while the block runs.

    Other storages than Dagster's own SQLite files, such as PostgreSQL, are left as they are. Not for a
    process that forks meanwhile.
    """
    with ExitStack() as stack:
        events, runs = instance.event_log_storage, instance.run_storage
        if type(events) is SqliteEventLogStorage:
            stack.enter_context(_instead(events, "_connect", _to_shards(events, stack)))
            # Asked before every entry, with an engine of its own. Tables of Dagster's come and never go.
            stack.enter_context(_instead(events, "has_table", _remembering(events.has_table)))
        if type(runs) is SqliteRunStorage:
            engine = _engine(runs._conn_string, stack)  # noqa: SLF001
            stack.enter_context(_instead(runs, "connect", lambda: _connected(engine)))
        yield


def _to_shards(
    events: SqliteEventLogStorage, stack: ExitStack
) -> Callable[[str], AbstractContextManager[Connection]]:
    """What takes the place of the storage's ``_connect``: the same, but for the engine that is kept."""
    engines: dict[str, Engine] = {}

    @contextmanager
    def connect(shard: str) -> Iterator[Connection]:
        with events._db_lock:  # noqa: SLF001
            if shard not in engines:
                engines[shard] = _engine(events.conn_string_for_shard(shard), stack)
            if shard not in events._initialized_dbs:  # noqa: SLF001
                events._initdb(engines[shard])  # noqa: SLF001
                events._initialized_dbs.add(shard)  # noqa: SLF001
            with _connected(engines[shard]) as connection:
                yield connection
            # Dagster's UI looks at the file to see that a run goes on, and not at SQLite's log beside it.
            os.utime(events.path_for_shard(shard))

    return connect


def _remembering(has_table: Callable[[str], bool]) -> Callable[[str], bool]:
    there: set[str] = set()

    def remembered(table_name: str) -> bool:
        if table_name not in there and has_table(table_name):
            there.add(table_name)
        return table_name in there

    return remembered


def _engine(address: str, stack: ExitStack) -> Engine:
    engine = create_engine(
        address,
        poolclass=QueuePool,
        # One connection waits for the next to use it; more are opened where several are needed at once.
        pool_size=1,
        max_overflow=-1,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _wait_for_no_disk)
    stack.callback(engine.dispose)
    return engine


def _wait_for_no_disk(connection: sqlite3.Connection, _: object) -> None:
    """Let an entry be on its way to the disk, and wait only where SQLite's log is moved into the file.

    Where the power goes, a run may lack its last entries, and no file is broken; where a process is killed,
    none are lost. A refresh writes 1,700 times, and each wait is for the disk itself.
    """
    connection.execute("PRAGMA synchronous = NORMAL")


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def _instead(owner: object, name: str, method: Callable[..., Any]) -> Iterator[None]:
    """The ``method`` in place of an object's own while the block runs."""
    setattr(owner, name, method)
    try:
        yield
    finally:
        delattr(owner, name)
