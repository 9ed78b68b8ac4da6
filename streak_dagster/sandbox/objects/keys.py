"""Opaque, Datastore-looking keys that the sandbox itself can read back.

A key must look like Streak's (clients may not take it apart) and yet lead from `comment 3 of box 81234` to
its box without an index of 100,000 boxes. So the parts are base64 behind a fixed prefix.
"""

from __future__ import annotations

import base64
import binascii

PREFIX = "agxzfnNhbmRib3hy"


def make_key(*parts: object) -> str:
    """A key for the parts, for example `make_key("box", "g0", 17)`."""
    plain = "/".join(map(str, parts))
    return PREFIX + base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_key(key: str) -> list[str] | None:
    """The parts that a key was made of; None when it isn't one of ours."""
    if not key.startswith(PREFIX):
        return None
    body = key[len(PREFIX) :]
    try:
        plain = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    parts = plain.split("/")
    # base64 has several spellings of the last character: only the one that we hand out is a key.
    return parts if make_key(*parts) == key else None
