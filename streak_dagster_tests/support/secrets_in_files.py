"""Finds secrets in everything that a command left behind: files of any kind, and DuckDB's values."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import duckdb

from streak_dagster.sandbox import Workspace


def secrets_of(key: str, workspace: Workspace) -> list[str]:
    """The key, its two spellings of the header, and the users' ``intercomHmac``."""
    encoded = [base64.b64encode(text.encode()).decode().rstrip("=") for text in (key, f"{key}:")]
    hmacs = [user["intercomHmac"] for user in workspace.users()]
    return [key, *encoded, *hmacs]


def found(secrets: list[str], *places: Path) -> list[str]:
    """Where a secret stands: ``file`` or ``file table.column``, below or in the places."""
    return [where for place in places for where in _in(place, secrets)]


def _in(place: Path, secrets: list[str]) -> Iterator[str]:
    for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if path.is_file():
            content = path.read_bytes()
            yield from (str(path) for secret in secrets if secret.encode() in content)
            if path.suffix == ".duckdb":
                yield from (f"{path} {where}" for where in _in_values(path, secrets))


def _in_values(path: Path, secrets: list[str]) -> Iterator[str]:
    """DuckDB compresses text, so that its file alone tells nothing."""
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        for schema, table, column in columns:
            values = connection.execute(f'SELECT "{column}"::VARCHAR FROM "{schema}"."{table}"').fetchall()
            text = "\n".join(value for (value,) in values if value is not None)
            if any(secret in text for secret in secrets):
                yield f"{schema}.{table}.{column}"
