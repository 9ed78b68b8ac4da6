"""The one place that starts a sandbox for a test of the product, and leaves nothing of it behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streak_dagster.api.identity import account_name, budget_name
from streak_dagster.api.shared_state import file_name, shared_directory
from streak_dagster.sandbox import Sandbox, Workspace, sample_workspace


@contextmanager
def sandbox_of(
    workspace: Workspace | None = None, *, rate: float = 0, strict: bool = True, **options: Any
) -> Iterator[Sandbox]:
    """A running sandbox, by default of the sample and without a limit of calls; closed at the end.

    Strict, and who uses it is held to that: at the end nothing may have been sent that isn't documented, also
    where the product takes a refusal in its stride.
    """
    with Sandbox(workspace or sample_workspace(), rate=rate, strict=strict, **options) as running:
        try:
            yield running
            wrong = [each for each in running.journal.arrivals if each.kind == "undocumented"]
            assert not wrong, f"not documented: {wrong}"
        finally:
            forget_budget(running)


def forget_budget(sandbox: Sandbox) -> None:
    """Remove the files of the processes that called this sandbox: their budget, and a killed one's trace.

    An account's files are kept for its next process; this account has none.
    """
    for key in (sandbox.key, *sandbox.accounts):
        for kind in ("budget", "refreshing"):
            account_file(sandbox.url, key, kind).unlink(missing_ok=True)


def account_file(url: str, key: str, kind: str = "budget") -> Path:
    """The file in which the processes of an account meet."""
    return shared_directory() / file_name(budget_name(url, account_name(key)), kind)


def budget_of(sandbox: Sandbox) -> str:
    """What the processes of the sandbox's account call their budget."""
    return budget_name(sandbox.url, account_name(sandbox.key))
