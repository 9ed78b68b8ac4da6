"""Does the call budget hold, and is it used? Judged by the clock of a server that enforces it.

For 1, 4 and 8 processes and answers that take 0, 300 and 2,000 ms: a sandbox in its own process
admits 10 calls in any second, and the processes call as fast as their shared budget lets them.

    .venv/bin/python benchmarks/budget.py --seconds 20

Calls a second are counted over whole rounds of 10 calls, without the first round: the opening burst and
a round that was cut short would flatter them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streak_dagster.api.client import StoppedError, StreakClient
from streak_dagster.api.rate_limiter import RateLimiter
from streak_dagster.errors import ApiError
from streak_dagster.sandbox import Arrival, Journal

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE = 10
IN_FLIGHT = 32
PROCESSES = (1, 4, 8)
LATENCIES_MS = (0, 300, 2000)
START_SECONDS = 2.0
"""From starting the processes to their first call: all have been imported by then."""


@dataclass(frozen=True)
class Measured:
    """What one combination came to, by the server's clock."""

    calls: int
    rate: float
    busiest: int
    refused: int

    @property
    def holds(self) -> bool:
        return self.busiest <= RATE and not self.refused and self.rate >= 0.97 * RATE


def work(url: str, directory: Path, begin: float, seconds: float) -> None:
    """One of the processes: from ``begin`` (epoch seconds) call for ``seconds`` from many threads."""
    client = StreakClient(
        "sandbox", url, RateLimiter("benchmark", RATE, directory=directory), in_flight=IN_FLIGHT
    )

    def keep_calling(_: int) -> None:
        while time.time() < begin + seconds:
            try:
                client.get("v1/users/me", subject="the current user", read=dict)
            except (ApiError, StoppedError) as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr)

    time.sleep(max(0.0, begin - time.time()))
    with ThreadPoolExecutor(IN_FLIGHT) as threads:
        list(threads.map(keep_calling, range(IN_FLIGHT)))
    client.close()


def measure(processes: int, latency_ms: int, seconds: float) -> Measured:
    with tempfile.TemporaryDirectory() as directory, sandbox(latency_ms) as url:
        begin = str(time.time() + START_SECONDS)
        command = [sys.executable, __file__, "--work", url, directory, begin, str(seconds)]
        running = [subprocess.Popen(command) for _ in range(processes)]
        for each in running:
            each.wait()
        with urllib.request.urlopen(url.removesuffix("/api") + "/_sandbox/journal") as answer:
            return judge(json.load(answer)["arrivals"])


def judge(arrivals: list[dict[str, Any]]) -> Measured:
    journal = Journal()
    for arrival in arrivals:
        journal.add(Arrival(**arrival))
    stamps = sorted(arrival["at"] for arrival in arrivals)[RATE:]
    rounds = (len(stamps) - 1) // RATE
    rate = RATE * rounds / (stamps[RATE * rounds] - stamps[0])
    refused = sum(arrival["status"] == 429 for arrival in arrivals)
    return Measured(len(journal), rate, journal.busiest_window(), refused)


@contextmanager
def sandbox(latency_ms: int) -> Iterator[str]:
    """The address of a sandbox in its own process."""
    command = [sys.executable, "-m", "streak_dagster.sandbox", "--port", "0", "--boxes", "10"]
    options = ["--rate", str(RATE), "--latency-ms", str(latency_ms)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield next(word for word in process.stdout.readline().split() if word.startswith("http"))
        finally:
            process.terminate()


def main() -> int:
    """0 where every combination kept the budget and used 97 % of it, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="of calling, for each combination")
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        url, directory, begin, seconds = options.work
        work(url, Path(directory), float(begin), float(seconds))
        return 0
    print("| processes | latency | calls | calls a second | share of 10/s | busiest second | 429s | load |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    kept = True
    for latency in LATENCIES_MS:
        for processes in PROCESSES:
            got = measure(processes, latency, options.seconds)
            kept &= got.holds
            print(
                f"| {processes} | {latency:,} ms | {got.calls} | {got.rate:.3f} | {got.rate / RATE:.1%} "
                f"| {got.busiest} | {got.refused} | {os.getloadavg()[0]:.1f} |",
                flush=True,
            )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
