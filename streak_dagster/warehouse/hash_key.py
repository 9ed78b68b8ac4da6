"""The key of the hashes, where no setting says it: a random one in a file beside the database.

It has to be the same in every run, and on every machine that fills the database, or the same address would
have two hashes. So it is made once, and never again while the file is there.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from streak_dagster.errors import DatabaseUnusableError

SHORTEST = 16
"""Characters of a key; a shorter one could be found by trying."""


def kept_key(path: Path) -> bytes:
    """The key in the file, which is made where it isn't there, for its owner alone to read.

    Raises DatabaseUnusableError where it can't be read or made, or holds no key.
    """
    try:
        return _read(path) if path.exists() else _make(path)
    except OSError as error:
        raise DatabaseUnusableError(
            f"The key of the hashes can't be kept in {path} ({error.strerror}). Give yourself the right to "
            "read and write it, or set STREAK_HASH_KEY."
        ) from error


def _read(path: Path) -> bytes:
    key = path.read_bytes().strip()
    if len(key) < SHORTEST:
        raise DatabaseUnusableError(
            f"{path} should hold the key of the hashes, but is damaged. Put it back from a backup; or remove "
            "it: a new key is made then, and every hash changes as its table is refreshed."
        )
    return key


def _make(path: Path) -> bytes:
    """Put a new key there whole, unless another process was faster: then its key is the one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # unlike a renaming, it replaces nothing
    finally:
        draft.unlink()
    return _read(path)
