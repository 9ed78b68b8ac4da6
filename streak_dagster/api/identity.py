"""By which names the processes of this machine know an account, none of which shows its key."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit


def account_name(key: str) -> str:
    """Names the account of a key in files and databases, without holding the key."""
    return hashlib.blake2b(key.encode(), digest_size=16, person=b"streak-account").hexdigest()


def budget_name(url: str, account: str) -> str:
    """Names an account at its server: what shares a budget of calls, and refreshes one at a time."""
    return f"{urlsplit(url).netloc} {account}"
