"""The ways to read a list to its end: one small class each, for how Streak lets a list be asked for.

``SingleAnswer`` sends no parameters, ``NumberedPages`` sends ``limit`` and ``page``, ``CursorPages`` sends
``limit`` and ``cursor``. Whoever reads a list knows none of these parameters: see ``Paginator``. What an
answer's body holds is for ``api.envelopes``.
"""

from __future__ import annotations

from .base import PageSummary, Paginator, Params
from .cursor import CursorPages
from .numbered import NumberedPages
from .single import SingleAnswer

__all__ = ["CursorPages", "NumberedPages", "PageSummary", "Paginator", "Params", "SingleAnswer"]
