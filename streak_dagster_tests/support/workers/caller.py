"""A process that calls as fast as its budget lets it: ``caller.py URL KEY DIRECTORY SECONDS [THREADS]``.

It says ``ready`` and begins when a line comes. With 0 seconds it makes one call.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from streak_dagster.api.client import StreakClient
from streak_dagster.api.rate_limiter import RateLimiter


def main(url: str, key: str, directory: str, seconds: str, threads: str = "24") -> None:
    client = StreakClient(
        key, url, RateLimiter("tests", 10, directory=Path(directory)), in_flight=int(threads)
    )
    print("ready", flush=True)
    sys.stdin.readline()
    end = time.monotonic() + float(seconds)

    def call(_: int) -> None:
        client.get("v1/users/me", subject="the current user", read=dict)
        while time.monotonic() < end:
            client.get("v1/users/me", subject="the current user", read=dict)

    with ThreadPoolExecutor(int(threads)) as pool:
        list(pool.map(call, range(int(threads))))
    client.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
