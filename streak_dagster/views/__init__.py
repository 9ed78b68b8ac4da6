"""What people read: a typed view for each pipeline, and ready answers, in schema ``streak_views``.

Here belongs the SQL of views, the names of their columns, and keeping both in step with the tables: views
are part of the transaction that publishes a table. ``names`` makes names, ``answers`` has the ready answers.
Knows tables and warehouse; knows no Dagster, and nobody below knows of views.
"""
