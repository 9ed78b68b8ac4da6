"""Copying a rate-limited REST API into a warehouse: ours, dlt and plain Dagster, side by side.

``python -m benchmarks.side_by_side``, or ``make bench``; what was measured is in ``docs/benchmarks.md``. Each
contestant is a process of its own and copies the same lists of the same sandbox, which is another process
and judges by its own clock.
"""
