"""A Streak-compatible server on loopback, for trying a client without an account and for tests.

with Sandbox(sample_workspace()) as sandbox:
    requests.get(sandbox.url + "/v1/pipelines", auth=(sandbox.key, ""))
    sandbox.journal.busiest_window()
"""

from __future__ import annotations

from .faults.fault import Fault
from .generated.numbers import Means
from .http.journal import Arrival, Journal
from .http.server import Sandbox
from .http.variants import Variants
from .workspace.moves import Moves
from .workspace.workspace import Workspace
from .workspaces import generated_workspace, sample_workspace

__all__ = [
    "Arrival",
    "Fault",
    "Journal",
    "Means",
    "Moves",
    "Sandbox",
    "Variants",
    "Workspace",
    "generated_workspace",
    "sample_workspace",
]
