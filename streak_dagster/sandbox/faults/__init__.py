"""Failures on purpose: what a test needs in order to see retries, resumed work and clear errors.

sandbox.faults.add("/comments$", kind="truncated_json", probability=0.05, seed=1)
sandbox.faults.when("/boxes$", skip=2, do=lambda workspace: workspace.delete_box(key))
"""

from __future__ import annotations

from .asked import Asked
from .changes import Change
from .fault import Fault
from .kinds import KINDS
from .planned import Faults
from .spelling import fault_from_text

__all__ = ["KINDS", "Asked", "Change", "Fault", "Faults", "fault_from_text"]
