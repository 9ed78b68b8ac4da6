"""The hand-made workspace.

A team of five, four pipelines, some forty boxes with everything that hangs on them.
"""

from __future__ import annotations

from ..workspace import Workspace
from .source import SampleSource

__all__ = ["sample_workspace"]


def sample_workspace(*, children_touch_updated: bool = False) -> Workspace:
    """A fresh copy of the sample; the same every time. For `children_touch_updated` see `Workspace`."""
    return Workspace(SampleSource(), children_touch_updated=children_touch_updated)
