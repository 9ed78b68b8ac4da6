"""The seconds that tests took, by folder: kept in a file over several runs, and shown as a table.

``python -m streak_dagster_tests.support.times FILE`` shows what `make test` took.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath


@dataclass
class Folder:
    """What a folder's tests came to; seconds are the tests' own, with what they set up."""

    tests: int = 0
    seconds: float = 0.0
    slowest_seconds: float = 0.0
    slowest: str = ""

    def add(self, nodeid: str, seconds: float) -> None:
        self.merge(Folder(1, seconds, seconds, nodeid.rpartition("/")[2]))

    def merge(self, other: Folder) -> None:
        self.tests += other.tests
        self.seconds += other.seconds
        if other.slowest_seconds > self.slowest_seconds:
            self.slowest_seconds, self.slowest = other.slowest_seconds, other.slowest


Folders = dict[str, Folder]


def folder_of(nodeid: str) -> str:
    """The folder of a test, such as `api`."""
    return PurePosixPath(file_of(nodeid)).parts[0]


def file_of(nodeid: str) -> str:
    """The file of a test below the tests, such as `api/test_retries.py`."""
    return nodeid.partition("::")[0].removeprefix("streak_dagster_tests/")


def read(path: Path) -> Folders:
    """What earlier runs kept; nothing where there is no file."""
    if not path.exists():
        return {}
    return {name: Folder(**values) for name, values in json.loads(path.read_text(encoding="utf-8")).items()}


def keep(path: Path, folders: Mapping[str, Folder]) -> None:
    """Add a run to what is kept."""
    together = read(path)
    for name, folder in folders.items():
        together.setdefault(name, Folder()).merge(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({name: asdict(each) for name, each in together.items()}), encoding="utf-8")


def table(folders: Mapping[str, Folder]) -> Iterator[str]:
    """A line a folder, the most seconds first."""
    seconds = sum(folder.seconds for folder in folders.values()) or 1.0
    yield f"{'folder':<14}{'tests':>7}{'seconds':>9}{'share':>7}  slowest"
    for name, each in sorted(folders.items(), key=lambda item: -item[1].seconds):
        yield (
            f"{name:<14}{each.tests:>7}{each.seconds:>9.1f}{each.seconds / seconds:>7.0%}"
            f"  {each.slowest_seconds:.1f} s {each.slowest}"
        )
    yield f"{'together':<14}{sum(each.tests for each in folders.values()):>7}{seconds:>9.1f}"


if __name__ == "__main__":
    print("", "seconds of tests by folder, all parts together", *table(read(Path(sys.argv[1]))), sep="\n")
