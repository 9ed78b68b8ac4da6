"""The key that a call was sent with."""

from __future__ import annotations

import base64
import binascii

_URL_SAFE = str.maketrans("-_", "+/")


def credential(headers: list[tuple[bytes, bytes]], *, strict: bool = False) -> str | None:
    """The key that was sent, as Basic user or as Bearer; None when none was.

    Strict wants an empty password and base64 as RFC 4648 has it. Clients of Streak send its URL-safe letters,
    and padding too much.
    """
    sent = next((value for name, value in headers if name == b"authorization"), b"")
    scheme, _, rest = sent.decode("latin-1").strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip() or None
    if scheme.lower() == "basic":
        return _basic_user(rest.strip(), strict=strict) or None
    return None


def _basic_user(sent: str, *, strict: bool) -> str:
    if not strict:
        sent = sent.rstrip("=").translate(_URL_SAFE)
        sent += "=" * (-len(sent) % 4)
    try:
        user, _, password = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError):
        return "?"  # sent something, but it can't be a key
    return "?" if password and strict else user
