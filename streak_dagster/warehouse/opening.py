"""Opening a database under a name that no schema has.

DuckDB calls a file by its name, and takes ``streak.teams`` for table ``teams`` of a *file* called streak as
well as of a schema. In a file ``streak.duckdb``, the default of earlier versions, it therefore refuses every
such name as ambiguous, also in the text of a view, which can't say the file's name and stay true once the
file has another one (DuckDB 1.4.0 and 2.0.1). Attached under another name, the file and its views read well.
MotherDuck takes no other name for a database of one's own.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import duckdb

from streak_dagster.warehouse import instances
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from pathlib import Path

ALIAS = "crm"
"""The name under which such a file is attached."""
SCHEMAS = frozenset({"streak", "streak_meta", "streak_history", "streak_at", "streak_views"})
"""Names of schemas; none may be that of the database. DuckDB compares them in any case."""
_guard = threading.Lock()


def is_ambiguous(catalog: str) -> bool:
    """Whether DuckDB would take the database's own name for one of its schemas."""
    return catalog.lower() in SCHEMAS


def open_file(path: Path, catalog: str, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A connection whose current database is the file: as DuckDB calls it, or ``ALIAS`` where it must be.

    Connections of a process to one file share it, as long as all of them read only, or none does. Where other
    code of this process has such a file open by its own name already, it is shared under that name, and no
    view can be made or read until that is closed. Raises duckdb.Error.
    """
    kept = instances.attach(path, ALIAS if is_ambiguous(catalog) else catalog, read_only=read_only)
    if kept is not None:
        return kept
    if not is_ambiguous(catalog):
        return duckdb.connect(str(path), read_only=read_only)
    try:
        return _attached(path, "READ_ONLY" if read_only else "READ_WRITE")
    except duckdb.Error as error:
        held = re.search(r'already attached by database "(?P<name>.*)"', str(error))
        if held is None or held["name"] == ALIAS:  # by us, who write where others of us read, or read
            raise
        return duckdb.connect(str(path), read_only=read_only)


def close(connection: duckdb.DuckDBPyConnection, *, soon_again: bool = False) -> None:
    """Close a connection of ``open_file``, and the file with the last of them; any other connection, too."""
    if not instances.detach(connection, soon_again=soon_again):
        connection.close()


def _attached(path: Path, mode: str) -> duckdb.DuckDBPyConnection:
    # What connections share must have a name. By one thread at a time, and without IF NOT EXISTS: with it,
    # DuckDB 1.4.0 waits for ever where one process attaches a file twice under the same alias.
    with _guard:
        connection = duckdb.connect(
            f":memory:{path.resolve()} {mode}", config={"temp_directory": f"{path}.tmp"}
        )
        try:
            known = connection.execute("SELECT database_name FROM duckdb_databases()").fetchall()
            if (ALIAS,) not in known:
                connection.execute(f"ATTACH {literal(str(path))} AS {quoted(ALIAS)} ({mode})")
            connection.execute(f"USE {quoted(ALIAS)}")
        except BaseException:
            connection.close()
            raise
    return connection
