"""Which values a column of a type can hold: what Python's coercions and those in SQL have to agree on."""

MAX_INTEGER = 2**63 - 1
"""The least value of 64 bits is left out, so that every one has its negative."""
EARLIEST_MS, LATEST_MS = -62_135_596_800_000, 253_402_300_799_999
"""The first and last milliseconds, UTC, that Python and DuckDB write as a date: of the years 1 and 9999."""
FIRST_SECOND, LAST_SECOND = 1_000_000_000, 4_200_000_000
"""A moment between them is in seconds, of 2001 to 2103. As milliseconds they would all be of early 1970."""
