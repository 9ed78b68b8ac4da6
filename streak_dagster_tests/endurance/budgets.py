"""The file of an account's budget outlives its processes; a sandbox's is of no use to anybody."""

from __future__ import annotations

import hashlib

from streak_dagster.api.shared_state import shared_directory
from streak_dagster.resources import StreakResource
from streak_dagster.sandbox import Sandbox


def forget_budget(sandbox: Sandbox) -> None:
    """Remove the files of the processes that called this sandbox: their budget, and a killed one's trace."""
    account = StreakResource(api_key=sandbox.key, api_url=sandbox.url).budget_name
    name = hashlib.blake2b(account.encode(), digest_size=12).hexdigest()
    for kind in ("budget", "refreshing"):
        (shared_directory() / f"{name}.{kind}").unlink(missing_ok=True)
