"""What Streak's answer means: which error it is, or which JSON.

Sources: the status table of Streak's reference, and bodies observed live in 2026-08
(the two 401s). An error body is an object with ``error`` or ``message``, or it is empty, or no JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from streak_dagster.api.flags import read_flag
from streak_dagster.api.json_text import read_json
from streak_dagster.api.retries import parse_retry_after
from streak_dagster.api.setup_faults import of_proxy_status
from streak_dagster.errors import (
    ApiError,
    EndpointRetiredError,
    KeyRefusedError,
    NetworkSetupError,
    ObjectUnavailableError,
    RateLimitedError,
    ServerFaultError,
    UnexpectedAnswerError,
    UnreadableAnswerError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

KEY_NAME = "STREAK_API_KEY"
"""The variable of the key, where nobody says otherwise."""


class _NoContent:
    """The type of ``NO_CONTENT``."""


NO_CONTENT: Final = _NoContent()
"""What a 204 is read as: no JSON, not even ``null``. A list takes it for empty; nothing else takes it."""
_MAX_QUOTE = 200
_ABOUT_THE_OBJECT = {400: "refused the request for", 403: "doesn't let this key see", 404: "doesn't have"}


def error_of(  # noqa: PLR0911 - one return for each meaning
    response: requests.Response,
    subject: str,
    *,
    key_works: bool = False,
    key_name: str = KEY_NAME,
    hide: Callable[[str], str] = str,
) -> ApiError | None:
    """The error that a response stands for, or None for a 200 or a 204.

    ``subject`` names the object and key. ``key_works`` says that Streak accepted this key before: then
    a 401 that doesn't name the key is about the object, for which Streak documents that status too.
    ``key_name`` is what the key is set by. ``hide`` makes the key unreadable in what Streak said.
    """
    status = response.status_code
    if status in (200, 204):
        return None
    said = hide(_said(response))[:_MAX_QUOTE].rstrip(".")
    tail = f' Streak said "{said}".' if said else ""
    if status == 401:
        return _unauthorized(said, subject, tail, key_works=key_works, key_name=key_name)
    if status in _ABOUT_THE_OBJECT:
        meaning = _ABOUT_THE_OBJECT[status]
        return ObjectUnavailableError(f"Streak {meaning} {subject} (HTTP {status}).{tail}", status=status)
    if status == 410:
        return EndpointRetiredError(
            f"Streak no longer supports the endpoint of {subject} (HTTP 410).{tail} "
            "Look for a newer version of streak_dagster.",
            status=status,
        )
    proxy = of_proxy_status(status, "Streak") if status == 407 else None
    if proxy:  # where Streak was reached before, the login may be renewed
        return (ServerFaultError if key_works else NetworkSetupError)(proxy, status=status)
    retry_after = parse_retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))
    if status == 429:
        return RateLimitedError(
            f"Streak asked to slow down (HTTP 429) at {subject}.{tail}", retry_after=retry_after
        )
    if (status >= 500 and status != 501) or status in (408, 409):
        return ServerFaultError(
            f"Streak failed (HTTP {status}) at {subject}.{tail}", status=status, retry_after=retry_after
        )
    return UnexpectedAnswerError(f"Streak answered HTTP {status} to {subject}.{tail}", status=status)


def _unauthorized(said: str, subject: str, tail: str, *, key_works: bool, key_name: str) -> ApiError:
    lowered = said.lower()
    if "authentication required" in lowered:
        return KeyRefusedError(
            f"Streak saw no API key at {subject} (HTTP 401).{tail} Set {key_name} to the account's key, "
            "and check that no proxy removes the Authorization header.",
            status=401,
        )
    if "invalid api key" in lowered or not key_works:
        return KeyRefusedError(
            f"Streak doesn't accept the API key (HTTP 401, at {subject}).{tail} It is wrong or was revoked: "
            f"create a new one in Streak under Integrations, and set {key_name} to it.",
            status=401,
        )
    return ObjectUnavailableError(f"Streak doesn't let this key see {subject} (HTTP 401).{tail}", status=401)


def _said(response: requests.Response) -> str:
    """The message of an error body; empty where there is none."""
    try:
        body = read_json(response.content)
    except ValueError:
        body = None
    message = None
    if isinstance(body, dict):
        message = body.get("error") or body.get("message")
    return message if isinstance(message, str) else ""


def json_of(response: requests.Response, subject: str, *, hide: Callable[[str], str] = str) -> Any:
    """The JSON of a 200, or ``NO_CONTENT`` of a 204. ``subject`` and ``hide`` as for ``error_of``.

    Raises UnreadableAnswerError for a body that isn't JSON, is ``null`` or empty, or is an object
    that says ``success: false`` in whatever form: such answers were seen in passing with status 200.
    """
    if response.status_code == 204:
        return NO_CONTENT
    try:
        body = read_json(response.content)
    except ValueError as error:
        kind = hide(response.headers.get("Content-Type", "no content type"))[:_MAX_QUOTE]
        raise UnreadableAnswerError(
            f"Streak answered {subject} with {len(response.content)} bytes that aren't JSON ({kind}).",
            status=200,
        ) from error
    if body is None:
        raise UnreadableAnswerError(f"Streak answered {subject} with null.", status=200)
    if isinstance(body, dict) and read_flag(body.get("success")) is False:
        raise UnreadableAnswerError(f"Streak answered {subject} with success: false.", status=200)
    return body
