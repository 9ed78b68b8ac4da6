"""Find the Python that `.venv` is made with, or say in one sentence what to install.

`make setup` runs this with whatever `python3` there is. So it is written for the oldest ones: no
annotations and no f-strings. What comes after runs in a Python that fits: `make_venv.py`.
"""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Debian and Ubuntu leave venv and ensurepip to a package of their own.
PROBE = """
import sys
try:
    import ensurepip, venv
    whole = "whole"
except ImportError:
    whole = "bare"
# A venv may be the one that is to be made anew: the interpreter below it is not.
path = getattr(sys, "_base_executable", None) or sys.executable
print("%d.%d %s %s" % (sys.version_info[0], sys.version_info[1], whole, path))
"""


class RefusedError(Exception):
    """One sentence for the user: what doesn't do, and what to install."""


class Python:
    """An interpreter: where it is, its version as (3, 12), and whether it can make a venv."""

    def __init__(self, path, version, whole):
        self.path, self.version, self.whole = path, version, whole

    def __str__(self):  # as the sentences below have it
        return "Python %s (%s)" % (dotted(self.version), self.path)


def dotted(version):
    return "%d.%d" % version


def supported(root):
    """Every version that pyproject.toml takes, newest first: [(3, 14), ..., (3, 10)]."""
    with open(os.path.join(root, "pyproject.toml"), "rb") as file:
        text = file.read().decode("utf-8")
    # Without tomllib, which a Python before 3.11 doesn't have.
    found = re.search(r'^requires-python *= *">=3\.(\d+), *<3\.(\d+)"', text, re.MULTILINE)
    if not found:
        raise RefusedError(
            'pyproject.toml has no requires-python of the form ">=3.x,<3.y", which setup reads.'
        )
    return [(3, minor) for minor in range(int(found.group(2)) - 1, int(found.group(1)) - 1, -1)]


def probe(path):
    """What an interpreter says of itself; None where it doesn't run."""
    try:
        child = subprocess.Popen(
            [path, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True
        )
        said = child.communicate()[0].strip().split(None, 2)
    except OSError:
        return None
    # A shim of pyenv is there for versions that aren't: it fails.
    if child.returncode != 0 or len(said) != 3:
        return None
    major, minor = said[0].split(".")
    return Python(said[2], (int(major), int(minor)), said[1] == "whole")


def which(name):
    """The first executable of that name on PATH; shutil.which came with Python 3.3."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def others(versions):
    """The fitting interpreters on PATH under names like python3.12, newest first."""
    paths = [which("python" + dotted(version)) for version in versions]
    probed = [probe(path) for path in paths if path]
    return [python for python in probed if python and python.version in versions]


def choose(given, versions, name, asked):
    """The interpreter to take, and a sentence about it if it isn't the one that was given."""
    fits = given.version in versions
    if fits and given.whole:
        return given, None
    span = "%s to %s" % (dotted(versions[-1]), dotted(versions[0]))
    wrong = "is Python %s" % dotted(given.version)
    if fits:
        wrong += ", without its modules venv and ensurepip"
    fitting = others(versions)
    whole = [python for python in fitting if python.whole]
    if asked:
        # What was named on purpose is not exchanged for something else.
        told = "PYTHON=%s %s, and streak-dagster needs %s" % (name, wrong, "both" if fits else span)
        if whole:
            raise RefusedError("%s: run make with PYTHON=%s." % (told, whole[0].path))
        raise RefusedError("%s: %s" % (told, _install_venv(given) if fits else _install_python(versions)))
    if whole:
        return whole[0], "%s %s: taking %s instead, as it has to be %s." % (name, wrong, whole[0], span)
    if fits:
        raise RefusedError("%s %s: %s" % (name, wrong, _install_venv(given)))
    if fitting:
        raise RefusedError(
            "%s %s, and %s has no modules venv and ensurepip: %s"
            % (name, wrong, fitting[0], _install_venv(fitting[0]))
        )
    raise RefusedError(
        "%s %s, and streak-dagster needs %s: %s" % (name, wrong, span, _install_python(versions))
    )


def sudo():
    return "" if os.geteuid() == 0 else "sudo "


def _install_venv(python):
    if which("apt-get"):
        return "run `{0}apt-get update && {0}apt-get install python{1}-venv`, then make again.".format(
            sudo(), dotted(python.version)
        )
    return "install them from your system's packages, or name another Python with `make PYTHON=...`."


def _install_python(versions):
    newest = dotted(versions[0])
    if which("brew"):
        how = "run `brew install python@%s`, then make again" % newest
    elif which("dnf"):
        # In every Fedora and in Red Hat's 8 and 9, beside their own python3.
        how = "run `%sdnf install python3.12`, then make again" % sudo()
    elif sys.platform == "darwin":
        how = "install Python %s from python.org, then run make again" % newest
    else:
        how = (
            "install one beside it (say with pyenv, or `uv python install %s`), then run make again" % newest
        )
    return how + "; one outside of PATH is taken with `make PYTHON=/path/to/python3`."


def what_is_wrong(root, version=None):
    """Why `.venv` has to be made (anew); None if it is whole. `version`: which one it has to be, if any."""
    python = os.path.join(root, ".venv", "bin", "python")
    try:
        with open(os.path.join(root, ".venv", ".ready"), "rb") as file:
            made, _, place = file.read().decode("utf-8").rstrip("\n").partition("\n")
    except (IOError, OSError):
        return "its setup didn't come to its end"
    runs = probe(python)
    wrong = None
    if place != root:
        wrong = "it was made for another folder"
    elif runs is None:
        wrong = "its Python is gone"
    elif dotted(runs.version) != made:
        # The system's python3 is another one after an upgrade, and the packages are still the old one's.
        wrong = "it was Python %s, and is Python %s now" % (made, dotted(runs.version))
    elif version and runs.version != version:
        wrong = "it is Python %s, and PYTHON asks for %s" % (made, dotted(version))
    elif runs.version not in supported(root):
        wrong = "it is Python %s, which is out of range" % made
    return wrong


def is_current(root):
    """Whether `.venv` is newer than everything that decides what gets installed."""
    ready, project, packages = [
        os.stat(os.path.join(root, name)).st_mtime for name in (".venv/.ready", "pyproject.toml", "setup.cfg")
    ]
    return ready >= max(project, packages)


def main(name, origin):
    """Take PYTHON as make has it: `name`, and where it comes from ("file" is the Makefile itself)."""
    asked = origin != "file"
    version = sys.version_info[:2] if asked else None
    try:
        if what_is_wrong(ROOT, version):
            python, told = choose(probe(name), supported(ROOT), name, asked)
        elif is_current(ROOT):
            return 0
        else:
            # It only takes what is new in pyproject.toml; whatever python3 is by now doesn't matter.
            path = os.path.join(ROOT, ".venv", "bin", "python")
            python, told = Python(path, probe(path).version, whole=True), None
    except RefusedError as refusal:
        sys.stderr.write("%s\n" % refusal)
        return 1
    if told:
        print(told)
    sys.stdout.flush()
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "make_venv.py")
    return os.execv(python.path, [python.path, script] + (["--asked"] if asked else []))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
