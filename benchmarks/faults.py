"""What one bad answer in twenty costs: each kind of fault alone, against the product's own patience.

A made-up workspace is loaded through Dagster while 5 % of the sandbox's answers fail in one way. Then
the tables are compared with what the sandbox holds. *Repeated* are calls that were made again because
their answer was bad; *in vain* those that were made again although the answer had been good.

    .venv/bin/python benchmarks/faults.py --boxes 60
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dagster import DagsterInstance

from streak_dagster.api import rate_limiter
from streak_dagster.definitions import build_definitions
from streak_dagster.sandbox import Sandbox, Variants, generated_workspace
from streak_dagster.settings import load_settings
from streak_dagster_tests.support.faults import PASSING, kind_of
from streak_dagster_tests.support.loading import environment, log_level
from streak_dagster_tests.support.truth import differences

SHARE = 0.05
KINDS: dict[str, dict[str, Any]] = {
    "no fault": {},
    **PASSING,
    # Here the client has all its patience, and the sandbox its own pace.
    "hang": {"seconds": 3},
    "slow": {"seconds": 3},
    "drip": {},
    "null_record": {},
    "no_key": {},
    "wrong_key_type": {},
}


@dataclass(frozen=True)
class Loaded:
    """One load: faults met, whether all ended true, calls, those made again, and those in vain."""

    struck: int
    true: bool
    calls: int
    repeated: int
    in_vain: int
    seconds: float


def load(kind: str, how: dict[str, Any], boxes: int) -> Loaded:
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(generated_workspace(boxes, seed=5), rate=0) as sandbox,
    ):
        rate_limiter.shared_directory = lambda: Path(folder)  # nothing stays in the account's own place
        database = Path(folder) / "copy.duckdb"
        values = environment(sandbox, database, STREAK_PAGE_SIZE="3")
        os.environ.update(values)
        fault = None
        if kind != "no fault":
            fault = sandbox.faults.add(kind=kind_of(kind), probability=SHARE, seed=7, **how)
        began = time.monotonic()
        success = materialize(values)
        seconds = time.monotonic() - began
        arrivals = sandbox.journal.arrivals
        asked = Counter((each.path, each.query) for each in arrivals)
        good = Counter((each.path, each.query) for each in arrivals if each.kind == "ok")
        true = success and differences(database, sandbox.workspace, Variants()) == []
        return Loaded(
            fault.struck if fault else 0,
            true,
            len(arrivals),
            sum(times - 1 for times in asked.values()),
            sum(times - 1 for times in good.values()),
            seconds,
        )


def materialize(values: dict[str, str]) -> bool:
    job = build_definitions(load_settings(values)).resolve_implicit_global_asset_job_def()
    with DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            instance=instance, raise_on_error=False, run_config=log_level("CRITICAL")
        ).success


def main() -> int:
    """0 where every load ended true and none asked in vain, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--boxes", type=int, default=60)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    options = parser.parse_args()
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    logging.disable(logging.CRITICAL)
    print("| kind | faults met | ended true | calls made | calls repeated | in vain | seconds |")
    print("|:--|--:|:--|--:|--:|--:|--:|")
    kept = True
    for kind in options.kinds:
        got = load(kind, KINDS[kind], options.boxes)
        kept &= got.true and not got.in_vain
        print(
            f"| {kind} | {got.struck} | {'yes' if got.true else 'NO'} | {got.calls} | {got.repeated} "
            f"| {got.in_vain} | {got.seconds:.1f} |",
            flush=True,
        )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
