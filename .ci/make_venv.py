"""Make `.venv` with the Python that runs this, and show that it goes on; `find_python.py` chose it.

pip's hundreds of lines go to `.venv/setup.log`. What is told of them is how many packages are there, and
when it fails, one sentence that says what to do.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import find_python
from find_python import RefusedError, dotted, sudo, which

ROOT = Path(find_python.ROOT)
VERSION = dotted(sys.version_info[:2])
LOG = ".venv/setup.log"
LAST_LINES = 12
LINE = 200  # pip's longest name every version that there ever was

# Where there is a wheel for this machine, an older version that has one is better than a compiler's work.
PIP = [
    "-m", "pip", "install", "--prefer-binary", "--disable-pip-version-check", "--no-input", "--no-color",
    "--progress-bar", "off", "--editable", ".[dev]",
]  # fmt: skip

# What people set for their own installs, and would put ours elsewhere or hide what pip says.
ELSEWHERE = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_QUIET", "PIP_VERBOSE", "PIP_LOG", "PYTHONHOME")

UNREACHED = re.compile(
    r"Retrying \(Retry\(|Temporary failure in name resolution|Failed to establish a new connection"
    r"|Network is unreachable|ProxyError|SSLError|Connection timed out|Read timed out|Could not fetch URL"
)
MEGABYTES = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}


class Pip:
    """What pip's lines have said so far."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.megabytes = 0.0
        self.total = 0
        # The package that is built from its source, as no wheel fits this machine.
        self.building: str | None = None
        self._failed = False
        self.unreached = False
        self.last: deque[str] = deque(maxlen=LAST_LINES)

    def hear(self, line: str) -> None:
        if line.strip():
            self.last.append(line.rstrip()[:LINE])
        self.unreached = self.unreached or bool(UNREACHED.search(line))
        if match := re.match(r"Collecting ([\w.-]+)", line):
            self.found.add(match[1].lower())
        elif match := re.match(r" +(?:Downloading|Using cached) (\S+) \(([\d.]+) (\w+)\)", line):
            self._fetched(match[1], float(match[2]) * MEGABYTES.get(match[3], 0))
        elif match := re.search(r"Failed building wheel for ([\w.-]+)", line):
            self.building, self._failed = match[1], True
        elif (match := re.match(r" *Building wheel for ([\w.-]+)", line)) and not self._failed:
            self.building = match[1]
        elif line.startswith("Installing collected packages: "):
            self.total, self.building = line.count(",") + 1, None

    def _fetched(self, file: str, megabytes: float) -> None:
        self.megabytes += megabytes
        self.unreached = False
        name = re.match(r"(.+?)-\d[^/]*\.(?:tar\.\w+|tgz|zip)$", file.rpartition("/")[2])
        # The file after a source that needed no compiler tells that this one was well.
        self.building = name[1] if name else None


class Progress:
    """A line that changes on a terminal; a plain one now and then where there is none."""

    SECONDS = 15

    def __init__(self, pip: Pip, site_packages: Path) -> None:
        self._pip, self._site_packages, self._before = pip, site_packages, _packages(site_packages)
        self._began = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()
        if self._terminal:
            print("\r\x1b[K", end="", flush=True)

    def _tell(self) -> None:
        while not self._over.wait(0.25 if self._terminal else self.SECONDS):
            line = f"  {self.line()} ({time.monotonic() - self._began:.0f} s)"
            if self._terminal:
                print("\r" + line[: shutil.get_terminal_size().columns - 1] + "\x1b[K", end="", flush=True)
            else:
                print(line, flush=True)

    def line(self) -> str:
        pip = self._pip
        if pip.total:
            there = _packages(self._site_packages) - self._before
            return f"installing: {min(max(there, 0), pip.total)} of {pip.total} packages"
        if pip.unreached:
            return "waiting for the network: pip reaches no package index, and tries again"
        if pip.building:
            return f"building {pip.building} from its source, as there is no wheel for this machine"
        if pip.found:
            return f"fetching: {len(pip.found)} packages, {pip.megabytes:.0f} MB"
        return "asking for the packages"


def main(*, asked: bool) -> int:
    version = sys.version_info[:2] if asked else None
    try:
        with _the_only_one():
            wrong = find_python.what_is_wrong(str(ROOT), version)
            if wrong is None and find_python.is_current(str(ROOT)):
                return 0
            began = time.monotonic()
            if wrong:
                _make(wrong)
            else:
                print(
                    "pyproject.toml or setup.cfg is newer than .venv: installing what they ask for.",
                    flush=True,
                )
            installed = _install()
            _mark_ready()
    except RefusedError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted: the next make begins again.", file=sys.stderr)
        return 130
    print(f"{installed} in {time.monotonic() - began:.0f} s.", flush=True)
    return 0


@contextmanager
def _the_only_one() -> Iterator[None]:
    """`make run` and `make test` in two terminals: the second waits for the first one's .venv."""
    with (ROOT / "pyproject.toml").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another make sets up .venv here: waiting for it.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(wrong: str) -> None:
    python = f"Python {'.'.join(map(str, sys.version_info[:3]))} ({sys.executable})"
    if (ROOT / ".venv").exists():
        print(f"Making .venv anew with {python}, as {wrong}.", flush=True)
    else:
        print(f"Making .venv with {python}; it takes about a minute.", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", ".venv"]
    made = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if made.returncode != 0:
        said = (made.stderr + made.stdout).strip().splitlines() or ["nothing"]
        raise RefusedError(f"{python} couldn't make .venv: {said[-1]}")


def _install() -> str:
    """Install what pyproject.toml asks for; returns what to tell of it."""
    python = ROOT / ".venv" / "bin" / "python"
    site_packages = next((ROOT / ".venv" / "lib").glob("python3.*")) / "site-packages"
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    # A user's pip.conf may say "user = true", which no venv takes.
    environment["PIP_USER"] = "0"
    pip = Pip()
    with (ROOT / LOG).open("w") as log, Progress(pip, site_packages):
        child = subprocess.Popen(
            [python, *PIP], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip
        assert child.stdout is not None
        for line in child.stdout:
            log.write(line)
            pip.hear(line)
            # From here on .venv is between two states; until here a failure leaves it as it was.
            if pip.total:
                (ROOT / ".venv" / ".ready").unlink(missing_ok=True)
    if child.wait() != 0:
        raise RefusedError(_why(pip))
    return f".venv is ready: {_packages(site_packages)} packages"


def _packages(site_packages: Path) -> int:
    return sum(1 for _ in site_packages.glob("*.dist-info"))


def _mark_ready() -> None:
    (ROOT / ".venv" / ".ready").write_text(f"{VERSION}\n{ROOT}\n")


def _why(pip: Pip) -> str:
    """One sentence about what pip failed at; its last lines where the sentence can't tell."""
    said = "\n".join(pip.last)
    if "No space left on device" in said:
        return "The disk is full: .venv takes about 1 GB; make room, then run make again."
    if pip.unreached:
        return (
            "pip reaches no package index: check the network (or the proxy in HTTPS_PROXY), then run make "
            f"again; what it tried is in {LOG}."
        )
    if pip.building and not _compiles():
        return (
            f"{pip.building} has no wheel for Python {VERSION} on this "
            f"machine, and there is no compiler to build it with: {_install_compiler()}, then make again; "
            f"or take another Python with `make PYTHON=...`. What pip said is in {LOG}."
        )
    failed = f"build {pip.building} from its source" if pip.building else "install the packages"
    return f"{said}\n\npip couldn't {failed}; its last lines are above, all of them in {LOG}."


def _compiles() -> bool:
    """Whether there are a C compiler and Python's headers."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    headers = Path(sysconfig.get_paths()["include"]) / "Python.h"
    return headers.exists() and any(which(name) for name in (compiler, "cc", "gcc", "clang"))


def _install_compiler() -> str:
    ways = {
        "apt-get": f"{sudo()}apt-get update && {sudo()}apt-get install build-essential python{VERSION}-dev",
        "dnf": f"{sudo()}dnf install gcc-c++ python{VERSION}-devel",
        "apk": f"{sudo()}apk add build-base python3-dev",
        "xcode-select": "xcode-select --install",
    }
    way = next((way for tool, way in ways.items() if which(tool)), None)
    return f"run `{way}`" if way else "install a C compiler and Python's headers"


if __name__ == "__main__":
    sys.exit(main(asked="--asked" in sys.argv))
