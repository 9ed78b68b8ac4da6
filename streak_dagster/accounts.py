"""What an account or the sample is called in files of this machine: never by the key."""

from __future__ import annotations

from streak_dagster.api.identity import account_name, budget_name
from streak_dagster.warehouse.meta import SAMPLE


def account_of(key: str) -> str:
    """The name of the account of an API key; that of the sample where there is none."""
    return account_name(key) if key else SAMPLE


def budget_of(api_url: str, key: str) -> str:
    """Names the account at its server: what shares a budget, and refreshes one at a time."""
    return budget_name(api_url, account_name(key)) if key else SAMPLE
