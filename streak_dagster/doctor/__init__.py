"""Is all well? Questions about the account, the database and this machine, each answered in a line.

Here belong the probes: each asks one thing that a refresh needs, with a handful of calls or none, changes
nothing, and has a deadline. A probe that fails is a finding, and stops no other. How findings are shown
belongs to the command line; what a probe finds out by belongs to ``api``, ``warehouse`` and ``locks``.
"""

from __future__ import annotations

from .examination import Examination, examine
from .findings import Finding, Mark

__all__ = ["Examination", "Finding", "Mark", "examine"]
