"""The file of an account's budget outlives its processes; a sandbox's is of no use to anybody."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from streak_dagster.api.shared_state import shared_directory
from streak_dagster.resources import StreakResource
from streak_dagster.sandbox import Sandbox


def forget_budget(sandbox: Sandbox) -> None:
    """Remove the file through which the processes that called this sandbox shared their budget."""
    account = f"{urlsplit(sandbox.url).netloc} {StreakResource(api_key=sandbox.key).account}"
    name = hashlib.blake2b(account.encode(), digest_size=12).hexdigest()
    (shared_directory() / f"{name}.budget").unlink(missing_ok=True)
