"""The ready answers, a file each: what people ask of a CRM, over all pipelines.

Here belongs the SQL of an answer and what it means. How a view is made, and what stands for a table that
isn't there, belongs to ``views.publish``.
"""

from __future__ import annotations

from ..answer import Answer
from .deals import DEALS
from .people import PEOPLE
from .stages import STAGES

ALL_ANSWERS: tuple[Answer, ...] = (PEOPLE, STAGES, DEALS)
"""Every answer, after those that it reads."""

__all__ = ["ALL_ANSWERS", "DEALS", "PEOPLE", "STAGES"]
