"""One request on the wire, and what went wrong with it in words that hold no secret."""

from __future__ import annotations

import base64
import http.client
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from streak_dagster.api.setup_faults import setup_fault
from streak_dagster.errors import AnswerTimeoutError, ConnectionLostError

if TYPE_CHECKING:
    from collections.abc import Callable

_OF_THE_NETWORK = (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError)


def send(
    session: requests.Session,
    method: str,
    url: str,
    subject: str,
    *,
    timeouts: tuple[float, float],
    reached_before: Callable[[], bool],
    hide: Callable[[str], str],
    **options: Any,
) -> requests.Response:
    """Send a request, and wait for its answer, whatever that says.

    ``timeouts`` are the seconds to connect and to wait for a byte. ``reached_before`` is asked, where the
    request failed, whether Streak answered this client, perhaps meanwhile: then what looks like a wrong setup
    is a proxy's or a server's bad moment. ``hide``
    makes the key unreadable. Raises NetworkSetupError, ConnectionLostError or AnswerTimeoutError.
    """
    try:
        return session.request(method, url, timeout=timeouts, allow_redirects=False, **options)
    except requests.exceptions.ConnectTimeout:
        raise ConnectionLostError(f"Streak wasn't reached for {subject} within {timeouts[0]:g} s.") from None
    except requests.exceptions.Timeout:
        raise AnswerTimeoutError(f"Streak didn't answer {subject} within {timeouts[1]:g} s.") from None
    except (requests.exceptions.RequestException, OSError, ValueError) as error:
        fault = setup_fault(error, urlsplit(url).hostname or "")
        if fault is not None and not reached_before():
            raise fault from None
        reason = str(fault or hide(_reason(error))[:200]).rstrip(".")
        failed = "The connection to Streak"
        if isinstance(error, requests.exceptions.ProxyError):
            failed += ", through the proxy of HTTPS_PROXY,"
        # Without its cause, which may quote what the server sent.
        raise ConnectionLostError(f"{failed} failed at {subject}: {reason}.") from None


def without_key(text: str, key: str) -> str:
    """``text`` with the key, plain or as it stands in the header, made unreadable."""
    header, alone = (base64.b64encode(f"{key}{end}".encode()).decode() for end in (":", ""))
    for secret in (header, header.rstrip("="), alone, alone.rstrip("="), key):
        text = text.replace(secret, "***")
    return text


def _reason(error: BaseException) -> str:
    """The innermost cause in a few words: requests wraps urllib3, which wraps the socket's error."""
    while isinstance(inner := error.__cause__ or error.__context__, _OF_THE_NETWORK):
        error = inner
    return f"{type(error).__name__}: {error}"
