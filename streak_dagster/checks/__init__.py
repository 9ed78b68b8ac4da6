"""What must hold of the tables, as Dagster asset checks.

Here belongs what a finding means: which checks a table has (``table_checks``), whether one passed, how bad
it is and what evidence it shows (``verdicts``, ``reading``), and how a terminal shows it (``check_report``).

The queries behind a finding belong to ``warehouse``. What must hold before rows are published is no check but
a guard, in ``warehouse.guards``. No check asks Streak.
"""
