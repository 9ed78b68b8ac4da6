"""A process that reads every table again and again, and says what it saw.

``reader.py FILE`` prints a line of JSON for each change of any table; it ends, with the number of its
looks, when its standard input does.
"""

from __future__ import annotations

import json
import select
import sys
from pathlib import Path

from streak_dagster_tests.support.contents import contents

PAUSE = 0.1
"""Seconds between two looks, in which others may write."""


def main(file: str) -> None:
    seen: dict[str, object] = {}
    looks = 0
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        found = contents(Path(file))
        looks += 1
        if found != seen:
            seen = dict(found)
            print(json.dumps(found), flush=True)
    print(json.dumps(looks), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
