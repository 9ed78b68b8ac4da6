"""Ports for programs that want a number: free ones, which nothing else on the machine is handed by chance."""

from __future__ import annotations

import os
import random
import socket

_RANGE = (10_000, 30_000)
"""Below the numbers from which the kernel picks for whoever asks for any port."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at, from this worker's own part of the range."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    share = (_RANGE[1] - _RANGE[0]) // max(1, workers)
    first = _RANGE[0] + worker * share
    for port in random.sample(range(first, first + share), 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(
        f"No port of 127.0.0.1 from {first} to {first + share} is free. "
        "End what listens there (`ss -ltnp` shows it) and run the tests again."
    )
