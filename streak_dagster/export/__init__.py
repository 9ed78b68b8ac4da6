"""The copy as files: Parquet and CSV for programs, one workbook for people.

All files of an export show the database at one moment. Each takes the place of its former one at once, so
that nobody reads half a file, and an export that fails leaves those of before.
"""

from streak_dagster.export.exporting import FORMATS, export
from streak_dagster.export.files import Exported

__all__ = ["FORMATS", "Exported", "export"]
