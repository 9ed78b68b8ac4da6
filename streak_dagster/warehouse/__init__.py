"""DuckDB: reading inputs and publishing tables whole. Knows ``tables``; knows no HTTP and no Dagster."""
