"""A key that somebody pasted: without what came along, and whose it is, if Streak accepts it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from streak_dagster.api.asking import asking
from streak_dagster.api.client import StoppedError
from streak_dagster.api.envelopes import read_page
from streak_dagster.errors import (
    AnswerTimeoutError,
    KeyRefusedError,
    SettingsError,
    UnreadableAnswerError,
)
from streak_dagster.settings import BY_VARIABLE

NAME = "STREAK_API_KEY"
WHERE = (
    "In Gmail, open the Streak menu to the right of the search bar, then Integrations; "
    "under Streak API, choose Create New Key, and copy it."
)
USER = "v1/users/me"
TEAMS = "v2/users/me/teams"
SECONDS = 20.0
"""How long Streak is waited for, with everything."""

_ASSIGNED = re.compile(rf"^(?:export\s+)?{NAME}\s*=", re.IGNORECASE)
_QUOTES = "\"'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


@dataclass(frozen=True)
class Holder:
    """Whose key it is: the user, as ``told_user`` says it, and the teams' names."""

    user: str
    teams: tuple[str, ...]


def cleaned_key(pasted: str) -> str:
    """The key in what somebody pasted: without white space, quotes, or the variable's name before it.

    Raises SettingsError where nothing is left, or something that no API key holds.
    """
    key, before = pasted, None
    while key != before:
        before = key
        key = _ASSIGNED.sub("", key.strip().strip(_INVISIBLE).strip(_QUOTES))
    if not BY_VARIABLE[NAME].read({NAME: key}):
        raise SettingsError(f"No key was given. {WHERE}")
    return key


def holder_of(key: str, url: str, calls_per_second: float) -> Holder:
    """Whose key it is, asked of Streak with two calls of the account's shared budget; one if it is wrong.

    Raises KeyRefusedError, or another ApiError where Streak can't be asked.
    """
    with asking(key, url, calls_per_second, seconds=SECONDS) as client:
        try:
            user = client.get(USER, subject="the key's user", read=user_of).content
            teams = client.get(
                TEAMS, subject="teams", read=lambda body: read_page(body, "teams")
            ).content.records
        except StoppedError:
            raise AnswerTimeoutError(f"Streak didn't say within {SECONDS:g} s whose key this is.") from None
        except KeyRefusedError as error:
            if "saw no API key" in str(error):  # something on the way took it
                raise
            raise error.with_message(
                "Streak doesn't accept this key (HTTP 401): it is mistyped, or was deleted there. " + WHERE
            ) from None
    return Holder(
        told_user(user),
        tuple(str(team.get("name") or team.get("key") or "a team without a name") for team in teams),
    )


def user_of(body: Any) -> dict[str, Any]:
    """The user in the answer to ``USER``. Raises UnreadableAnswerError where that is no object."""
    if not isinstance(body, dict):
        raise UnreadableAnswerError("Streak said something else than whose key this is.", status=200)
    return body


def told_user(user: dict[str, Any]) -> str:
    """A user's name and address, as far as Streak says them."""
    name = user.get("displayName") or user.get("googleProfileFullName")
    email = user.get("email") or user.get("lowercaseEmail")
    told = [str(name) if name else "", f"<{email}>" if email else ""]
    return " ".join(filter(None, told)) or "a user without a name"
