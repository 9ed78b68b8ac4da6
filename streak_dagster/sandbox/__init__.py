"""A Streak-compatible server on loopback, for trying a client without an account and for tests.

with Sandbox(sample_workspace()) as sandbox:
    requests.get(sandbox.url + "/v1/pipelines", auth=(sandbox.key, ""))
    sandbox.journal.busiest_window()
"""

from __future__ import annotations

from .faults import Fault
from .generated import Means, generated_workspace
from .journal import Arrival, Journal
from .moves import Moves
from .sample import sample_workspace
from .server import Sandbox
from .variants import Variants
from .workspace import Workspace

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
