"""Which module of ours imports which, read from the source: nothing is imported to find out."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streak_dagster

if TYPE_CHECKING:
    from collections.abc import Iterator

PRODUCT = "streak_dagster"
ROOT = Path(streak_dagster.__file__).parent.parent

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / PRODUCT).rglob("*.py"))
}


def belongs_to(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


@cache
def named(module: str) -> frozenset[str]:
    """All modules that a module imports anywhere: in functions and under TYPE_CHECKING, too.

    Importing ``a.b`` runs ``a`` first. That isn't counted: the module asks ``a`` for nothing.
    """
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return frozenset(_named(ast.parse(path.read_text(encoding="utf-8")), package))


def imports(module: str) -> set[str]:
    """Our modules among those."""
    return {each for each in named(module) if belongs_to(each, PRODUCT)} - {module}


def _named(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            kept = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            source = ".".join([*kept, *([node.module] if node.module else [])])
            for alias in node.names:  # what stands in a package is a module of it, or a name in its __init__
                inside = f"{source}.{alias.name}"
                yield inside if inside in MODULES else source
