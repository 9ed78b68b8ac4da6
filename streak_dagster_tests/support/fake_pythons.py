"""Pythons that only say what they are, so that setup can be tried without installing anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Say = Callable[..., Path]
Setup = Callable[..., subprocess.CompletedProcess[str]]

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"

# A venv's python, as far as setup sees it: its pip says what the test wants.
VENV_PYTHON = """#!/bin/sh
[ "$1" = -c ] && {{ echo "{version} whole {project}/.venv/bin/python"; exit; }}
[ "$1" = -m ] || exec "{real}" "$@"
echo "$@" >> "{project}/pip_runs"
while IFS= read -r line; do echo "$line"; done < "{project}/pip_says"
exit "$PIP_EXITS"
"""
# Makes that venv, in place of the standard library's module.
VENV_MODULE = """
import pathlib
venv = pathlib.Path(".venv")
(venv / "lib/python3.x/site-packages").mkdir(parents=True, exist_ok=True)
(venv / "bin").mkdir(exist_ok=True)
(venv / "bin/python").unlink(missing_ok=True)  # or what a symlink points to would be written
(venv / "bin/python").write_text(pathlib.Path("venv_python").read_text())
(venv / "bin/python").chmod(0o755)
(venv / ".ready").unlink(missing_ok=True)
with open("venvs_made", "a") as file:
    file.write("made\\n")
"""
# Says that it is some Python, whichever runs what it is given.
PYTHON = """#!/bin/sh
[ "$1" = -c ] && {{ echo "{version} {whole} {path}"; exit; }}
exec "{real}" "$@"
"""
