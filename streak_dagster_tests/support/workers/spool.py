"""A process of its own that works with spools: ``spool.py hold|append|churn ROOT``."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from streak_dagster.sync.spool import Manifest
from streak_dagster.sync.spool_folders import open_spool

MANIFEST = Manifest("account", "things", "declaration")


def hold(root: Path) -> None:
    """Keep one answer and the spool, until the standard input ends."""
    spool = open_spool(root, MANIFEST, resume_within=3600)
    spool.append([{"key": "held"}], parent="p", token="0", more=False, digest="")
    print("held", flush=True)
    sys.stdin.read()


def append(root: Path) -> None:
    """Append answers of three long rows without end, to be killed."""
    spool = open_spool(root, MANIFEST, resume_within=3600)
    page = len(spool.answers)
    print("appending", flush=True)
    while True:
        rows = [{"key": f"{page}-{place}", "page": page, "text": "x" * 5000} for place in range(3)]
        spool.append(rows, parent="p", token=str(page), more=None, digest=str(page))
        page += 1


def churn(root: Path) -> None:
    """Open, append, and discard or leave, again and again; print how often."""
    for turn in range(150):
        spool = open_spool(root, MANIFEST, resume_within=3600)
        before = len(spool.answers)
        spool.append([{"key": str(turn)}], parent="p", token=str(before), more=None, digest="")
        lines = spool.rows_path.read_bytes().count(b"\n")
        if lines != before + 1:
            raise SystemExit(f"{lines} rows where {before + 1} were kept")
        (spool.discard if random.random() < 0.7 else spool.close)()
    print("done", flush=True)


if __name__ == "__main__":
    {"hold": hold, "append": append, "churn": churn}[sys.argv[1]](Path(sys.argv[2]))
