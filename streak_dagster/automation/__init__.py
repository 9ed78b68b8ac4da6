"""What runs, and when: the jobs, the schedule, the sensor, the alert of a failed run, the housekeeping.

Here belongs what Dagster's daemon does by itself, and what keeps two refreshes of an account from starting
(``running``). The housekeeping (``old_runs``, ``leftovers``) removes what refreshes leave on disk.

What the sensor asks belongs to ``sync.probe``, and how that is compared with the tables to
``warehouse.changes``; here is what follows from it. How a table is refreshed belongs to ``assets``.
"""
