"""A key that somebody pasted: without what came along, and whose it is, if Streak accepts it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streak_dagster.api.asking import asking
from streak_dagster.api.client import StoppedError
from streak_dagster.api.envelopes import read_page
from streak_dagster.errors import (
    AnswerTimeoutError,
    ConnectionLostError,
    KeyRefusedError,
    SettingsError,
    UnreadableAnswerError,
)
from streak_dagster.settings import BY_VARIABLE

if TYPE_CHECKING:
    from streak_dagster.api.client import StreakClient

NAME = "STREAK_API_KEY"
WHERE = (
    "In Gmail, open the Streak menu to the right of the search bar, then Integrations; "
    "under Streak API, choose Create New Key, and copy it."
)
SECONDS = 20.0
"""How long Streak is waited for, with everything."""

_ASSIGNED = re.compile(rf"^(?:export\s+)?{NAME}\s*=", re.IGNORECASE)
_QUOTES = "\"'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


@dataclass(frozen=True)
class Holder:
    """Whose key it is: the user's name and address, as far as Streak says them, and the teams' names."""

    name: str
    email: str
    teams: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.name, f"<{self.email}>" if self.email else ""])) or "a user"


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
            user = read_user(client)
            teams = read_teams(client)
        except StoppedError:
            raise AnswerTimeoutError(f"Streak didn't say within {SECONDS:g} s whose key this is.") from None
        except KeyRefusedError as error:
            raise error.with_message(
                "Streak doesn't accept this key (HTTP 401): it is mistyped, or was deleted there. " + WHERE
            ) from None
        except ConnectionLostError as error:
            raise error.with_message(f"{error} Is this machine online?") from None
    return Holder(
        str(user.get("displayName") or user.get("googleProfileFullName") or ""),
        str(user.get("email") or user.get("lowercaseEmail") or ""),
        tuple(str(team.get("name") or team.get("key") or "a team without a name") for team in teams),
    )


def read_user(client: StreakClient) -> dict[str, Any]:
    """The user of the client's key. One call. Source: ``v1/users/me``, an object."""

    def read(body: Any) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise UnreadableAnswerError("Streak answered users/me with no object.", status=200)
        return body

    return client.get("v1/users/me", subject="the key's user", read=read).content


def read_teams(client: StreakClient) -> list[dict[str, Any]]:
    """The teams that the key's user is in. One call. Source: ``v2/users/me/teams``."""
    return client.get(
        "v2/users/me/teams", subject="teams", read=lambda body: read_page(body, "teams")
    ).content.records
