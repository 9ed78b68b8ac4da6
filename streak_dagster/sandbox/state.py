"""What the running server reads on every request; `Sandbox` is its handle."""

from __future__ import annotations

from dataclasses import dataclass, field

from .faults import Faults
from .journal import Journal
from .limiter import SlidingWindow
from .variants import Variants
from .workspace import Workspace


@dataclass
class State:
    """Plain attributes: replacing one takes effect with the next request."""

    workspace: Workspace
    key: str
    limiter: SlidingWindow
    latency: float
    variants: Variants
    valid: bool = True
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
