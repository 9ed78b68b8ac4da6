"""Streak over HTTP: one budget, one client, every envelope. Knows no Dagster and no DuckDB."""
