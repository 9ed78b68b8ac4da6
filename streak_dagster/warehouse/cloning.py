"""Copying the bytes of an open file; where the file system shares them between files, without copying."""

from __future__ import annotations

import fcntl
import sys
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from io import FileIO

_FICLONE = 0x40049409
"""Linux: a file shares all bytes of another until one of them is written (btrfs, XFS; ioctl_ficlone(2))."""
_CHUNK = 4 << 20


def clone(source: BinaryIO, target: FileIO) -> bool:
    """Whether the file system let ``target`` share the bytes of ``source``; nothing is done where not."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())
    except OSError:  # it can't, or not from one of its disks to another
        return False
    return True


def copy_bytes(source: BinaryIO, target: FileIO) -> None:
    """Copy the whole of ``source`` into the empty ``target``. Raises OSError."""
    source.seek(0)
    while chunk := source.read(_CHUNK):
        rest = memoryview(chunk)
        while rest:  # an unbuffered file may take less
            rest = rest[target.write(rest) :]
