"""DuckDB: the rows of a refresh become a table, whole, and what is published is read and compared.

Here belongs what asks or changes the database, and how it is opened: by a ``Database``, which yields the
``Session`` that all else takes. ``publish``, ``derive``, ``guards`` and ``audit`` replace a table; ``meta``
and ``planning`` keep the database's own memory, which ``recorded`` reads; ``published``, ``inspection``,
``references``, ``pipeline_counts``, ``drift`` and ``changes`` look at what is there.

It knows ``tables``, where columns are declared, and neither HTTP nor Dagster. What to ask of Streak, when to
publish, and what a check says of a finding belong to others.
"""
