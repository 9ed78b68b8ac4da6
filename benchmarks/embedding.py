"""What accounts cost a project that has them: imports, and `dg check defs` with some number of accounts.

    .venv/bin/python benchmarks/embedding.py --times 3 --accounts 0 1 2 20

Medians. Each time is a process of its own; nothing is asked of Streak.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from streak_dagster_tests.support.dg_projects import dg_project

COMPONENT = """\
type: streak_dagster.StreakComponent
attributes:
  account: {{name: {name}, api_key: "{{{{ env.STREAK_API_KEY }}}}", database: data/{name}.duckdb}}
  key_prefix: [{name}, streak]
requirements:
  env: [STREAK_API_KEY]
"""
IMPORTS = {
    "Python itself": "pass",
    "import streak_dagster": "import streak_dagster",
    "import dagster": "import dagster",
    "the account and the function": "from streak_dagster import StreakAccount, build_streak_definitions",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--accounts", type=int, nargs="+", default=[0, 1, 2, 20])
    options = parser.parse_args()
    for what, code in IMPORTS.items():
        print(
            f"{what:<30} {took([sys.executable, '-c', code], options.times, Path.cwd()):7.3f} s", flush=True
        )
    for accounts in options.accounts:
        with tempfile.TemporaryDirectory(prefix="streak-measured-") as folder:
            project(Path(folder), accounts)
            check = [str(Path(sys.executable).with_name("dg")), "check", "defs"]
            seconds = took(check, options.times, Path(folder))
            print(f"{f'dg check defs, {accounts} accounts':<30} {seconds:7.2f} s", flush=True)


def project(folder: Path, accounts: int) -> None:
    """A project of dg's with so many accounts."""
    defs = dg_project(folder, folder, "measured")
    for number in range(accounts):
        component = defs / f"a{number}" / "defs.yaml"
        component.parent.mkdir()
        component.write_text(COMPONENT.format(name=f"a{number}"), encoding="utf-8")


def took(command: Sequence[str], times: int, folder: Path) -> float:
    """The median of the seconds that a command takes in a folder. Raises CalledProcessError if it fails."""
    found = []
    for _ in range(times):
        began = time.monotonic()
        there = {**os.environ, "DAGSTER_HOME": str(folder), "PYTHONPATH": str(folder / "src")}
        subprocess.run(command, cwd=folder, env=there, check=True, capture_output=True)
        found.append(time.monotonic() - began)
    return statistics.median(found)


if __name__ == "__main__":
    main()
