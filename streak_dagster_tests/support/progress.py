"""What a run of the tests says: what runs, how long each folder took, and how to run a failed one alone."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from streak_dagster_tests.support.times import Folder, file_of, folder_of, keep, table

EVERY = 20.0
"""Seconds between two lines of progress."""
MANY = 10
"""Failures of which each is told how to run it alone."""


class Progress:
    """Replaces pytest's dots by a line every now and then; sits in the process that prints."""

    def __init__(self, reporter: TerminalReporter, kept: Path | None) -> None:
        self._reporter = reporter
        self._kept = kept
        self._running: set[str] = set()
        self._folders: dict[str, Folder] = defaultdict(Folder)
        self._seconds: dict[str, float] = defaultdict(float)
        self._failed: list[str] = []
        self._skipped: Counter[str] = Counter()
        self._began = self._told = time.monotonic()

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A test that passed or was skipped is counted, and not printed; why it was skipped comes later."""
        if report.passed and getattr(report, "when", None):
            return ("passed" if report.when == "call" else ""), "", ""
        if report.skipped and not hasattr(report, "wasxfail"):
            return "skipped", "", ""
        return None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running.add(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration
        if report.skipped and isinstance(report.longrepr, tuple):
            self._skipped[report.longrepr[2].removeprefix("Skipped: ")] += 1
        if report.failed and report.nodeid not in self._failed:
            self._failed.append(report.nodeid)
            self._say(f"FAILED {report.nodeid}")
        if report.when == "teardown":
            self._folders[folder_of(report.nodeid)].add(report.nodeid, self._seconds.pop(report.nodeid))
        if time.monotonic() - self._told > EVERY:
            self._told = time.monotonic()
            done = sum(folder.tests for folder in self._folders.values())
            failed = f", {len(self._failed)} failed" if self._failed else ""
            self._say(f"{done} tests done{failed}; now {', '.join(sorted(set(map(file_of, self._running))))}")

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._running.discard(nodeid)

    def _say(self, told: str) -> None:
        seconds = int(time.monotonic() - self._began)
        self._reporter.ensure_newline()
        self._reporter.write_line(f"{seconds // 60:>3}:{seconds % 60:02}  {told}")
        self._reporter.flush()  # now, in a file or a pipe too

    def pytest_terminal_summary(self) -> None:
        for reason, tests in self._skipped.items():
            self._reporter.write_line(f"skipped {tests}: {reason}")
        if self._failed:
            self._reporter.section("how to run what failed, alone")
            for nodeid in self._failed[:MANY]:
                self._reporter.write_line(f".venv/bin/python -m pytest -n 0 '{nodeid.partition('@')[0]}'")
        if self._kept is not None:
            keep(self._kept, self._folders)
        elif self._folders:
            self._reporter.section("seconds of tests by folder")
            for line in table(self._folders):
                self._reporter.write_line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--times", type=Path, metavar="FILE", help="add the seconds by folder to this file")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Only where something is printed, which the workers don't, and nobody asked for a line a test."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None and not hasattr(config, "workerinput") and config.get_verbosity() <= 0:
        config.pluginmanager.register(Progress(reporter, config.getoption("--times")), "streak-progress")
