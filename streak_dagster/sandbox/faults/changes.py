"""Changes of the world between two calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..workspace.workspace import Workspace


@dataclass
class Change:
    """Something done once, just before a call is answered; see `Faults.when`."""

    path: str
    do: Callable[[Workspace], object]
    skip: int = 0
    method: str | None = None
    ran: bool = False
    error: BaseException | None = None
    """What it raised."""

    def __post_init__(self) -> None:
        """Check the pattern."""
        try:
            self._pattern = re.compile(self.path)
        except re.error as error:
            raise ValueError(f"The path must be a regular expression, not {self.path!r}.") from error
        self._seen = 0

    def is_due(self, method: str, below: str) -> bool:
        """Whether it is to run before this call; each call is to be shown to it once."""
        if self._seen > self.skip or self.method not in (None, method) or not self._pattern.search(below):
            return False
        self._seen += 1
        return self._seen > self.skip

    def run(self, workspace: Workspace) -> None:
        """Do it, and keep what it raises for the test's thread."""
        try:
            self.do(workspace)
        except BaseException as error:  # noqa: BLE001 - pytest.fail isn't an Exception
            self.error = error
        self.ran = True
