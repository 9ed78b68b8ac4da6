"""A list of the whole account was refused: the key, the address, or what the account includes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from streak_dagster.errors import ABOUT_ONE_OBJECT
from streak_dagster.exclusion import VARIABLE, made_from
from streak_dagster.tables import TEAMS

if TYPE_CHECKING:
    from streak_dagster.api.client import StreakClient
    from streak_dagster.errors import PermanentError
    from streak_dagster.tables import Table


def refused_list(client: StreakClient, table: Table, error: PermanentError) -> PermanentError:
    """The error of the list of a ``table`` without parents, with what to do.

    Costs a call where none of this client was answered yet. Raises KeyRefusedError where it is the key.
    """
    if error.status is None or not 400 <= error.status < 500:
        return error
    if error.status in (401, 403):
        client.confirm_key()
    elif not client.key_works and table is not TEAMS:
        with contextlib.suppress(*ABOUT_ONE_OBJECT):
            client.confirm_key()
    if not client.key_works:
        advice = "Check STREAK_API_URL: it ends in /api, as in https://api.streak.com/api."
    else:
        advice = (
            "Key and address are right, since other calls were answered: the account's plan, or the key's "
            f"user, doesn't have {table.name}."
        )
        if not made_from(table.name):
            advice += f" To go without, set {VARIABLE}={table.name}."
    return type(error)(f"{error} {advice}", status=error.status)
