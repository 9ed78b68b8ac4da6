"""Answers that are given instead of the true one."""

from __future__ import annotations

import math
import time
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..answers import Answer, json_answer
from ..refusals import NOT_FOR_YOU

if TYPE_CHECKING:
    from .fault import Fault

_HTML = b"text/html; charset=utf-8"
_MESSAGES = {429: "Too many requests", 500: "Internal error", 503: "Service unavailable"}


def plain(fault: Fault) -> Answer:
    """Exactly what the fault says."""
    headers = tuple((name.lower().encode(), value.encode()) for name, value in fault.headers.items())
    status = fault.status or 500
    if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):  # have no body
        return Answer(status, b"", headers=headers)
    if fault.body is not None:
        return Answer(status, fault.body, headers=headers)
    return json_answer({"error": _MESSAGES.get(status) or _phrase(status)}, status, headers=headers)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def failure(fault: Fault, status: int, *, after: str | None = None, page: bool = False) -> Answer:
    """An error status, with a `Retry-After` in seconds or as a date, and Streak's body or a proxy's page."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    seconds = math.ceil(fault.seconds or 0)
    if after == "seconds":
        headers = ((b"retry-after", str(seconds).encode()),)
    elif after == "date":  # whole seconds, rounded up, so that who comes then isn't too early
        headers = ((b"retry-after", formatdate(math.ceil(time.time() + seconds), usegmt=True).encode()),)
    if page:
        return Answer(status, _page(f"Error {status} ({HTTPStatus(status).phrase})"), content_type=_HTML)
    return json_answer({"error": _MESSAGES[status]}, status, headers=headers)


def gone(fault: Fault) -> Answer:
    """An error that doesn't name the object."""
    status = fault.status or 404
    return json_answer({"error": NOT_FOR_YOU[status]}, status)


def reset(_fault: Fault) -> Answer:
    """No answer: the connection is reset."""
    return Answer(0, b"", manner="reset")


def hang(fault: Fault) -> Answer:
    """No answer: the connection stays silent, then it is closed."""
    return Answer(0, b"", manner="hang", seconds=fault.seconds or 0)


def html(_fault: Fault) -> Answer:
    """A page for people, with the status of success."""
    return Answer(200, _page("We're sorry, something went wrong"), content_type=_HTML)


def null(_fault: Fault) -> Answer:
    """`null`, as seen for form-encoded bodies (API notes, section 6)."""
    return Answer(200, b"null")


def empty(_fault: Fault) -> Answer:
    """Nothing, as seen for malformed updates (API notes, section 6)."""
    return Answer(200, b"")


def success_false(_fault: Fault) -> Answer:
    """A failure with the status of success, as clients of 2015 expect it (API notes, section 6)."""
    return json_answer({"success": False, "error": "An error occurred while processing your request"})


def _page(title: str) -> bytes:
    return (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>"
        f"<body><h1>{title}</h1><p>Please try again in 30 seconds.</p></body></html>\n"
    ).encode()
