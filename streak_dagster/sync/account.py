"""Whose key is it? Asked only when the database was filled with another key.

A key may be renewed, and then the account is the same: the teams that its user is in are the ones
that the database holds. A key of another account would replace every row by somebody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.api.envelopes import read_page
from streak_dagster.errors import AccountMismatchError

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from streak_dagster.api.client import StreakClient


def confirm_same_account(client: StreakClient, published_teams: AbstractSet[str]) -> None:
    """Raises AccountMismatchError unless the key's user is in a team that the database holds.

    ``published_teams`` are the keys in ``streak.teams``. Costs one call. Source: ``v2/users/me/teams``.
    """
    answer = client.get("v2/users/me/teams", subject="teams", read=lambda body: read_page(body, "teams"))
    teams = {str(record.get("key") or record.get("teamKey")) for record in answer.content.records}
    if teams & published_teams:
        return
    raise AccountMismatchError(
        "The database holds the data of another Streak account than the one of STREAK_API_KEY; nothing was "
        "changed. Set STREAK_DUCKDB_PATH to another file for this account. If the database shall change "
        "hands, set STREAK_ALLOW_ACCOUNT_CHANGE=1 for one run."
    )
