"""A process that walks the comments of boxes: ``walk.py URL ROOT KEY…``."""

from __future__ import annotations

import sys
from pathlib import Path

from streak_dagster.api.client import StreakClient
from streak_dagster.api.rate_limiter import RateLimiter
from streak_dagster.sync.refresh import Refresher
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import BOX_COMMENTS


def main() -> None:
    url, root, *keys = sys.argv[1:]
    client = StreakClient("sandbox", url, RateLimiter(url, 1000, directory=Path(root)), in_flight=6)
    refresher = Refresher(client, "account", Path(root) / "spool", 100, report=lambda _: None)
    refresh = refresher.fetch(BOX_COMMENTS, [Parent(key) for key in keys])
    refresh.spool.close()
    client.close()


if __name__ == "__main__":
    main()
