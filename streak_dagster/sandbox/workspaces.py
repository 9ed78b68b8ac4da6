"""The two ready workspaces: the hand-made sample, and a generated one of any size."""

from __future__ import annotations

from .generated.numbers import Means
from .generated.source import GeneratedSource
from .sample.source import SampleSource
from .workspace.workspace import Workspace

MAX_BOXES = 1_000_000


def sample_workspace(*, children_touch_updated: bool = False) -> Workspace:
    """A fresh copy of the sample; the same every time. For `children_touch_updated` see `Workspace`."""
    return Workspace(SampleSource(), children_touch_updated=children_touch_updated)


def generated_workspace(
    boxes: int,
    seed: int = 0,
    *,
    pipelines: int = 4,
    means: Means | None = None,
    contacts: int | None = None,
    organizations: int | None = None,
) -> Workspace:
    """A workspace of so many boxes over so many pipelines (and one more, which is empty).

    The same arguments give the same workspace, byte for byte, on every machine. Nothing is stored: starting
    with 100,000 boxes takes as long as with 10. `means` says how many children a box has on average. By
    default there is a contact for every two boxes and an organization for every six.
    """
    if not 0 <= boxes <= MAX_BOXES:
        raise ValueError(f"The number of boxes must be between 0 and {MAX_BOXES}, not {boxes}.")
    if pipelines < 1:
        raise ValueError(f"There must be at least one pipeline, not {pipelines}.")
    source = GeneratedSource(
        boxes,
        seed,
        pipelines=pipelines,
        means=means or Means(),
        contacts=(boxes + 1) // 2 if contacts is None else contacts,
        organizations=(boxes + 5) // 6 if organizations is None else organizations,
    )
    return Workspace(source)
