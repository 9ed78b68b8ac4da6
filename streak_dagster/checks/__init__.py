"""What must hold of the tables, as Dagster asset checks."""
