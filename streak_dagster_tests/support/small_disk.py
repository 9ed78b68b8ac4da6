"""A file system of a few MiB, which only a process that may mount can make."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[Path]:
    """``folder`` as a disk of its own; skips the test where this process can't mount one."""
    folder.mkdir()
    _mount_or_skip("-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Nobody, not even root, can write the file ``place``, or what is below the folder."""
    _mount_or_skip("--bind", str(place), str(place))
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(place)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """A file that takes all room but ``leave`` bytes; without it there is room again."""
    ballast = disk / "ballast"
    block = b"\0" * 4096
    with ballast.open("wb", buffering=0) as file:
        while _free(disk) > leave:
            file.write(block)
    return ballast


def _free(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def _mount_or_skip(*arguments: str) -> None:
    try:
        done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    if done.returncode:
        pytest.skip(f"this process may not mount: {done.stderr.strip()}")
