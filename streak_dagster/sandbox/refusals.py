"""Who is let in: the credential of a call, and the 429 of one too many."""

from __future__ import annotations

import base64
import binascii
import math
import time
from email.utils import formatdate

from .answers import Answer, json_answer

NOT_FOR_YOU = {
    400: "Invalid request",
    401: "You do not have access to this object",
    403: "Forbidden",
    404: "Not found",
}
"""Errors that name no object, by status."""


def credential(headers: list[tuple[bytes, bytes]], *, strict: bool = False) -> str | None:
    """The key that was sent, as Basic user or as Bearer; None when none was.

    Strict wants an empty password and base64 as RFC 4648 has it. Clients of Streak send its URL-safe letters,
    and padding too much.
    """
    sent = next((value for name, value in headers if name == b"authorization"), b"")
    return _credential(sent, strict=strict) or None


def _credential(header: bytes, *, strict: bool) -> str | None:
    scheme, _, rest = header.decode("latin-1").strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        sent = rest.strip()
        if not strict:
            sent = sent.rstrip("=").translate(_URL_SAFE)
            sent += "=" * (-len(sent) % 4)
        try:
            user, _, password = base64.b64decode(sent, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeError, ValueError):
            return "?"  # sent something, but it can't be a key
        return "?" if password and strict else user
    return None


_URL_SAFE = str.maketrans("-_", "+/")


def too_many(wait: float, form: str) -> Answer:
    """A 429 that says, or doesn't, when to come back."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if form == "seconds":
        headers = ((b"retry-after", str(max(1, math.ceil(wait))).encode()),)
    elif form == "date":
        # HTTP dates have whole seconds: rounded up, so that who comes then isn't too early.
        headers = ((b"retry-after", formatdate(math.ceil(time.time() + wait), usegmt=True).encode()),)
    return json_answer(
        {"error": "Too many requests: the limit of calls a second is exceeded"}, 429, "refused", headers
    )
