"""Streak CRM in DuckDB, as Dagster assets."""

from streak_dagster.definitions import defs

__all__ = ["defs"]
