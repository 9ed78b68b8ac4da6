"""A project as ``dg`` scaffolds one, of somebody who has ours installed."""

from __future__ import annotations

from pathlib import Path

_PYPROJECT = """\
[project]
name = "{module}"
version = "0.1.0"

[tool.dg]
directory_type = "project"

[tool.dg.project]
root_module = "{module}"
"""
_DEFINITIONS = """\
from pathlib import Path

from dagster import definitions, load_from_defs_folder


@definitions
def defs():
    return load_from_defs_folder(path_within_project=Path(__file__).parent)
"""
_QUIET = "telemetry: {enabled: false}\nnux: {enabled: false}\n"


def dg_project(folder: Path, home: Path, module: str) -> Path:
    """Make a project without definitions in ``folder``, and a ``home`` for its Dagster.

    What it returns is the folder for definitions. The package is in ``src``, for ``PYTHONPATH``.
    """
    package = folder / "src" / module
    defs = package / "defs"
    defs.mkdir(parents=True)
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text(_QUIET, encoding="utf-8")
    (folder / "pyproject.toml").write_text(_PYPROJECT.format(module=module), encoding="utf-8")
    (package / "definitions.py").write_text(_DEFINITIONS, encoding="utf-8")
    for each in (package, defs):
        (each / "__init__.py").touch()
    return defs
