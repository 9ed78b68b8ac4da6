"""Answers that are given instead of the true one."""

from __future__ import annotations

import math
from http import HTTPStatus

from ..answers import NO_ACCESS, Answer, json_answer, retry_after
from .struck import Settings

_HTML = b"text/html; charset=utf-8"
_MESSAGES = {429: "Too many requests", 500: "Internal error", 503: "Service unavailable"}


def plain(settings: Settings) -> Answer:
    """Exactly what the fault says."""
    headers = tuple((name.lower().encode(), value.encode()) for name, value in settings.headers.items())
    status = settings.status or 500
    if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):  # have no body
        return Answer(status, b"", headers=headers)
    if settings.body is not None:
        return Answer(status, settings.body, headers=headers)
    return json_answer({"error": _MESSAGES.get(status) or _phrase(status)}, status, headers=headers)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def failure(settings: Settings, status: int, *, after: str | None = None, page: bool = False) -> Answer:
    """An error status, with a `Retry-After` in seconds or as a date, and Streak's body or a proxy's page."""
    headers = retry_after(after, math.ceil(settings.seconds or 0))
    if page:
        return Answer(status, _page(f"Error {status} ({HTTPStatus(status).phrase})"), content_type=_HTML)
    return json_answer({"error": _MESSAGES[status]}, status, headers=headers)


def gone(settings: Settings) -> Answer:
    """An error that doesn't name the object."""
    status = settings.status or 404
    return json_answer({"error": NO_ACCESS[status]}, status)


def reset(_settings: Settings) -> Answer:
    """No answer: the connection is reset."""
    return Answer(0, b"", manner="reset")


def hang(settings: Settings) -> Answer:
    """No answer: the connection stays silent, then it is closed."""
    return Answer(0, b"", manner="hang", seconds=settings.seconds or 0)


def html(_settings: Settings) -> Answer:
    """A page for people, with the status of success."""
    return Answer(200, _page("We're sorry, something went wrong"), content_type=_HTML)


def null(_settings: Settings) -> Answer:
    """`null`, as seen for form-encoded bodies (API notes, section 6)."""
    return Answer(200, b"null")


def empty(_settings: Settings) -> Answer:
    """Nothing, as seen for malformed updates (API notes, section 6)."""
    return Answer(200, b"")


def success_false(_settings: Settings) -> Answer:
    """A failure with the status of success, as clients of 2015 expect it (API notes, section 6)."""
    return json_answer({"success": False, "error": "An error occurred while processing your request"})


def _page(title: str) -> bytes:
    return (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>"
        f"<body><h1>{title}</h1><p>Please try again in 30 seconds.</p></body></html>\n"
    ).encode()
