"""One instance of DuckDB for all openings of a file in a run.

An instance takes longer to start, 15 ms, than to read what a file holds, and a refresh opens its file a
hundred times. So the instance stays, which holds no file; the file is attached while a session needs it, and
detached at its end, when others may open it. Settings are as a new instance has them at each attaching.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb

from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_RESET = "RESET memory_limit; RESET threads; RESET preserve_insertion_order"
"""What sessions of ours set for a whole instance."""
LINGERS = 0.1
"""Seconds; the checks of many tables follow each other, each with an opening of its own."""
_guard = threading.Lock()
_blocks = 0
_kept: dict[Path, _Instance] = {}
_sessions: dict[int, tuple[duckdb.DuckDBPyConnection, _Instance]] = {}
"""Connections that were given out, by their id."""


@dataclass(eq=False)
class _Instance:
    """An instance by the connection that keeps it, and how its file is attached, if it is, for how many."""

    holder: duckdb.DuckDBPyConnection
    name: str = ""
    read_only: bool = False
    users: int = 0
    shared: bool = False
    """Whether several used it at once since it was attached."""
    known: Mapping[str, Any] = field(default_factory=dict)
    """What the last writer of this process left word of; see ``Session.leaves``."""
    left: tuple[int, ...] | None = None
    """What the file looked like when that one was done."""
    lingers: object | None = None
    """The mark of a file that stays attached for a moment, though nobody has it; None where it doesn't."""


@contextmanager
def kept_instances() -> Iterator[None]:
    """Keep the instances that open files while the block runs; blocks of a process share them."""
    global _blocks  # noqa: PLW0603
    with _guard:
        _blocks += 1
    try:
        yield
    finally:
        with _guard:
            _blocks -= 1
            if not _blocks:
                for instance in _kept.values():
                    instance.lingers = None
                    if not instance.users:  # or the last of them closes it
                        instance.holder.close()
                _kept.clear()


def attach(path: Path, name: str, *, read_only: bool) -> duckdb.DuckDBPyConnection | None:
    """A connection whose current database is the file, called ``name``; to be closed by ``detach``.

    None where no instance is kept, or it can't open the file: whoever opens it otherwise finds out why.
    """
    with _guard:
        if not _blocks:
            return None
        instance = _kept.get(path)
        if instance is not None and instance.users and instance.read_only != read_only:
            return None
        if instance is not None and instance.lingers and instance.read_only != read_only:
            _let_go(instance)
            instance = _kept.get(path)
        try:
            if instance is None:
                holder = duckdb.connect(":memory:", config={"temp_directory": f"{path}.tmp"})
                instance = _kept[path] = _Instance(holder)
            if instance.lingers:
                instance.holder.execute(_RESET)
            elif not instance.users:
                before = _looks(path)
                mode = "READ_ONLY" if read_only else "READ_WRITE"
                instance.holder.execute(f"ATTACH {literal(str(path))} AS {quoted(name)} ({mode}); {_RESET}")
                instance.name, instance.read_only, instance.shared = name, read_only, False
                if instance.left is None or instance.left != before:
                    instance.known, instance.left = {}, None
            connection = instance.holder.cursor()
            connection.execute(f"USE {quoted(instance.name)}")
        except duckdb.Error:
            if instance is not None and not instance.users:
                _kept.pop(path).holder.close()
            return None
        instance.lingers = None
        instance.users += 1
        instance.shared |= instance.users > 1
        _sessions[id(connection)] = (connection, instance)
        return connection


def take_known(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Any]:
    """What the writer before, of this process, left word of; nothing where others may have written since.

    It is forgotten with that: who writes and says nothing leaves nothing behind that could be wrong.
    """
    with _guard:
        if (found := _sessions.get(id(connection))) is None:
            return {}
        instance = found[1]
        known, instance.known = instance.known, {}
        return known


def leave_known(connection: duckdb.DuckDBPyConnection, known: Mapping[str, Any]) -> None:
    """Leave word for the next writer of this process, once what it is about is committed."""
    with _guard:
        if (found := _sessions.get(id(connection))) is not None:
            # Of several writers at once nobody knows what the others do.
            found[1].known = {} if found[1].shared else known


def _looks(path: Path) -> tuple[int, ...] | None:
    """What is another once anybody else has written the file; None where that can't be told.

    A file system that counts in whole seconds may show a file that was just written as it was before.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    if not found.st_mtime_ns % 1_000_000_000 or path.with_name(f"{path.name}.wal").exists():
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def let_go(path: Path) -> None:
    """Detach a file that only lingers, for whoever needs it alone."""
    with _guard:
        instance = _kept.get(path)
        if instance is not None and instance.lingers:
            _let_go(instance)


def detach(connection: duckdb.DuckDBPyConnection, *, soon_again: bool = False) -> bool:
    """Close a connection of ``attach``, and the file with the last one. Whether it was one.

    Where it is needed ``soon_again``, a file that was only read lingers for ``LINGERS`` seconds; others may
    read it meanwhile.
    """
    with _guard:
        if id(connection) not in _sessions:
            return False
        _, instance = _sessions.pop(id(connection))
        connection.close()
        instance.users -= 1
        if instance.users:
            return True
        if soon_again and instance.read_only and _is_kept(instance):
            instance.lingers = mark = object()
            timer = threading.Timer(LINGERS, _end_lingering, (instance, mark))
            timer.daemon = True
            timer.start()
        else:
            _let_go(instance)
        return True


def _end_lingering(instance: _Instance, mark: object) -> None:
    with _guard:
        if instance.lingers is mark:
            _let_go(instance)


def _is_kept(instance: _Instance) -> bool:
    return any(each is instance for each in _kept.values())


def _let_go(instance: _Instance) -> None:
    """Detach the file of an instance; the instance ends where no run needs it any more, or it is broken."""
    instance.lingers = None
    path = next((path for path, each in _kept.items() if each is instance), None)
    with suppress(duckdb.Error):
        instance.holder.execute(f"DETACH {quoted(instance.name)}")
        if path is not None:
            if not instance.read_only:
                instance.left = _looks(path)
            return
    instance.holder.close()
    if path is not None:
        del _kept[path]
