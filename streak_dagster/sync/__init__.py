"""What to ask Streak for, and what is kept of its answers until they are published.

Here belongs the work between a table's declaration and a spool that is ready: ``refresh`` puts it together,
``walk`` asks, ``projection`` makes rows of records, ``spool`` keeps them on disk, ``confirm`` asks by key for
what no list showed. ``probe`` is the sensor's short look. ``fetched`` and ``plan`` are what goes to and comes
from the warehouse: data, without any work of their own.

How one call is made belongs to ``api``. What is published, and every query, belongs to ``warehouse``.
Nothing here knows Dagster or DuckDB.
"""
