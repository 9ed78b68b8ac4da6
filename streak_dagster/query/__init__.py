"""What a query finds in the copy, as text: a table to look at, CSV, JSON or Markdown.

Rows are fetched and written in batches, so an answer of millions takes no more memory than one of thousands,
but for the table, whose columns are as wide as their widest cell.
"""

from streak_dagster.query.asking import Found, ask
from streak_dagster.query.formats import FORMATS
from streak_dagster.query.writing import write_answer

__all__ = ["FORMATS", "Found", "ask", "write_answer"]
