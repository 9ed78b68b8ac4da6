"""The sandbox as a process of its own: what a contestant is served by, and the judge of its calls."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cases import Case

KEY = "sandbox"
SEED = 1


class Server:
    """What a running sandbox is asked beside its API: its journal, and edits."""

    def __init__(self, url: str) -> None:
        self.url = url

    def arrivals(self) -> list[dict[str, Any]]:
        """Every request since the last ``forget``, by the server's clock."""
        found: list[dict[str, Any]] = self._ask("GET", "journal")["arrivals"]
        return found

    def forget(self) -> None:
        """Begin the journal anew."""
        self._ask("DELETE", "journal")

    def edit(self, do: str, **arguments: Any) -> None:
        """An edit of the workspace, by the name and the arguments of its method."""
        self._ask("POST", "edit", {"do": do, **arguments})

    def _ask(self, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            self.url.removesuffix("/api") + "/_sandbox/" + name,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)


@contextmanager
def serving(case: Case) -> Iterator[Server]:
    """A fresh sandbox for one contestant.

    A refused call doesn't count against the budget, and its answer says when to come back: kinder to who
    calls too often than what the sandbox does by default.
    """
    command = [
        sys.executable, "-m", "streak_dagster.sandbox", "--port", "0", "--key", KEY, "--seed", str(SEED),
        "--boxes", str(case.boxes), "--rate", str(case.rate), "--latency-ms", str(case.latency_ms),
        "--no-count-refused",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/api", line)
            if found is None:
                raise RuntimeError(f"The sandbox didn't start: {line!r}")
            yield Server(found[0])
        finally:
            process.terminate()
