"""Rows that wait in a Parquet file, read again in batches; no database is open meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from streak_dagster.warehouse.ddl import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def batches_of(path: Path, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows of a file in their order, ``size`` at once. Raises duckdb.Error."""
    with duckdb.connect() as reader:
        reader.execute("SET enable_progress_bar = false; SET threads = 1")
        found = reader.execute(f"FROM read_parquet({literal(str(path))})")
        while batch := found.fetchmany(size):
            yield batch
