"""Hosts that are this machine: plain http is for them alone, and no proxy stands before them."""

from __future__ import annotations

from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_on_this_machine(url: str) -> bool:
    """Whether the host of an address is this machine, which plain http may reach."""
    return urlsplit(url).hostname in LOOPBACK
