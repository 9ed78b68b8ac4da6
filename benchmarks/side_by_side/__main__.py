"""The command line: measure, keep, write the page. Every case is kept as soon as it is measured."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from . import cases, publishing
from .copying import CONTESTANTS, measure
from .plots import draw
from .report import write
from .results import ROOT, Results

DOCS = ROOT / "docs"
QUICK = ROOT / "build" / "benchmarks"
ROUNDS = 3
"""Of publishing."""


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.side_by_side", description=__doc__)
    known = ", ".join(case.name for case in (*cases.ALL, *cases.LONG))
    made.add_argument(
        "--quick", action="store_true", help=f"few cases, one round, into {QUICK.relative_to(ROOT)}"
    )
    made.add_argument("--cases", help=f"only these, with commas, and 'publishing'; there are {known}")
    made.add_argument(
        "--contestants", default=",".join(CONTESTANTS), help="only these (default: %(default)s)"
    )
    made.add_argument("--rounds", type=int, help="so many for each case, instead of its own number")
    made.add_argument("--resume", action="store_true", help="leave out what is in benchmarks.json already")
    made.add_argument(
        "--into", type=Path, help="the folder of benchmarks.json and benchmarks.md (default: docs)"
    )
    made.add_argument(
        "--render", action="store_true", help="measure nothing: write the page and its pictures"
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    """0 when everything that was asked for was measured, 1 when a contestant failed, 2 for a wrong option."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended, too
    made = parser()
    options = made.parse_args(arguments)
    contestants = options.contestants.split(",")
    names = [name for name in (options.cases or "").split(",") if name != "publishing"]
    try:
        chosen = (
            cases.named(",".join(names))
            if options.cases
            else [*(cases.QUICK if options.quick else cases.ALL)]
        )
    except KeyError as error:
        made.error(error.args[0])
    if unknown := set(contestants) - set(CONTESTANTS):
        made.error(
            f"There is no contestant {', '.join(sorted(unknown))}; there are {', '.join(CONTESTANTS)}."
        )
    folder = options.into or (QUICK if options.quick else DOCS)
    results = Results(folder / "benchmarks.json")
    failed = False
    if not options.render:
        began = time.monotonic()
        if not options.cases or "publishing" in options.cases.split(","):
            rows = publishing.QUICK_ROWS if options.quick else publishing.ROWS
            publishing.measure(
                results, rows, 1 if options.quick else options.rounds or ROUNDS, resume=options.resume
            )
        for case in chosen:
            failed |= not measure(results, case, contestants, rounds=options.rounds, resume=options.resume)
        print(f"Measured in {(time.monotonic() - began) / 60:.1f} minutes.")
    page = write(results.data, folder)
    drawn = draw(results.data, folder / "images")
    print(f"Written: {page}, and {len(drawn)} pictures beside it.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
