"""Hosts that are this machine: plain http is for them alone, and no proxy stands before them."""

from __future__ import annotations

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
