"""What the running server reads on every request; `Sandbox` is its handle."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from ..answers import Answer, error_answer, json_answer
from ..faults.plan import Faults
from ..workspace.workspace import Workspace
from .journal import Journal
from .limiter import SlidingWindow
from .variants import Variants


@dataclass
class State:
    """Plain attributes: replacing one takes effect with the next request."""

    workspace: Workspace
    key: str
    limiter: SlidingWindow
    latency: float
    variants: Variants
    strict: bool = False
    """Whether what no document allows is refused."""
    accounts: dict[str, Workspace] = field(default_factory=dict)
    """The workspaces of other keys."""
    revoked: set[str] = field(default_factory=set)
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)

    def account(self, sent: str | None) -> Workspace | Answer:
        """The workspace that a key opens, or the 401 to it."""
        if sent is None:
            return error_answer(401, "Authentication required", "unauthorized")
        if sent not in self.revoked:
            if hmac.compare_digest(sent.encode(), self.key.encode()):
                return self.workspace
            if sent in self.accounts:
                return self.accounts[sent]
        return json_answer({"success": False, "error": "invalid api key"}, 401, "unauthorized")
