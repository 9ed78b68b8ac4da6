"""Parquet and CSV: a file a table and view, written by DuckDB itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from streak_dagster.errors import ExportError
from streak_dagster.export.relations import columns_query
from streak_dagster.query import cells
from streak_dagster.warehouse.ddl import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from streak_dagster.export.relations import Relation
    from streak_dagster.warehouse.session import Session

_OPTIONS = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER true",
    # To be read again at once: small groups of rows take little memory.
    "staged": "FORMAT parquet, ROW_GROUP_SIZE 2048",
}
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


@dataclass(frozen=True)
class Exported:
    """What became of a table or view: ``rows`` of it are in the file ``path``, which has ``size`` bytes.

    In a workbook they are in ``sheets``, and the file is that of all relations.
    """

    relation: str
    path: Path
    rows: int
    size: int
    sheets: tuple[str, ...] = ()


def copy_out(session: Session, query: str, path: Path, form: str, name: str) -> int:
    """Write what a query finds into a file. Returns how many rows. Raises ExportError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        (rows,) = session.one_row(f"COPY ({query}) TO {literal(str(path))} ({_OPTIONS[form]})")
    except duckdb.Error as error:
        said = str(error).strip().splitlines()[0]
        raise ExportError(
            f"{name} couldn't be written, so nothing was; the files of before are as they were. {said}"
        ) from error
    return int(rows)


def file_query(relation: Relation, form: str) -> str:
    """All of a relation. In CSV times are ISO 8601 in UTC, what is nested is JSON, bytes are base64."""
    if form == "parquet":
        return f"SELECT {', '.join(map(quoted, relation.columns))} FROM {relation.source}"
    return columns_query(
        relation, [cells.plain(quoted(name), kind) for name, kind in relation.columns.items()]
    )


def file_names(relations: Iterable[Relation], form: str) -> dict[str, str]:
    """The path of each relation's file in the folder, by its full name; distinct in any case of letters."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for each in relations:
        stem = f"{each.schema}/{_UNSAFE.sub('_', each.name)}"
        name, number = stem, 1
        while name.lower() in used:
            number += 1
            name = f"{stem}_{number}"
        used.add(name.lower())
        names[each.full_name] = f"{name}.{form}"
    return names
