"""Where a redirect leads: only to the same server, and never with the key in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import requests

from streak_dagster.errors import UnexpectedAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_REDIRECTS = 3


def redirect_target(response: requests.Response, url: str, subject: str, hide: Callable[[str], str]) -> str:
    """The address that ``response``, the answer to ``url``, redirects to.

    ``hide`` makes the key unreadable in a text. Raises UnexpectedAnswerError for what isn't followed.
    """
    status = response.status_code
    try:
        target = urljoin(url, response.headers["Location"])
        origin = urlsplit(target)[:2]
    except ValueError:
        raise UnexpectedAnswerError(
            f"Streak redirected {subject} to what is no address. Check STREAK_API_URL.", status=status
        ) from None
    if origin != urlsplit(url)[:2]:
        raise UnexpectedAnswerError(
            f"Streak redirected {subject} to another host ({hide('://'.join(origin))}), "
            "which would get the API key; not followed. Check STREAK_API_URL.",
            status=status,
        )
    if hide(target) != target:
        raise UnexpectedAnswerError(
            f"Streak redirected {subject} to an address with the API key in it, which would end up in logs; "
            "not followed. Check STREAK_API_URL.",
            status=status,
        )
    return target


class SessionWithoutRedirects(requests.Session):
    """A session that leaves redirects to its owner. requests would still read their targets, and may fail."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: this is no redirect, as far as requests is concerned."""
