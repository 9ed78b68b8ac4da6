"""One page about the pipelines, to look at and to mail: an HTML file that needs nothing outside itself.

Here belongs what the page says and how it looks. What a figure means belongs to ``views``: the page asks the
ready answers, and reckons nothing that they don't define. It knows no terminal and no Dagster.

``write_report`` is public; ``written`` does the same from a ``Database``, and ``page`` from an open one.
"""

from streak_dagster.report.page import Page, page
from streak_dagster.report.writing import Written, write_report, written

__all__ = ["Page", "Written", "page", "write_report", "written"]
