"""The sandbox stands alone, has one door to the product, and no imports in a circle."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter

from streak_dagster_tests.support.imports import MODULES, belongs_to, imports

SANDBOX = "streak_dagster.sandbox"
IMPORTS = {module: imports(module) for module in MODULES}
ROOMS = [module for module in MODULES if belongs_to(module, SANDBOX)]


def test_the_sandbox_imports_nothing_of_ours() -> None:
    foreign = {
        module: others
        for module in ROOMS
        if (others := {each for each in IMPORTS[module] if not belongs_to(each, SANDBOX)})
    }
    assert foreign == {}


def test_one_place_of_the_product_imports_the_sandbox() -> None:
    doors = {
        module
        for module, imported in IMPORTS.items()
        if not belongs_to(module, SANDBOX) and any(belongs_to(each, SANDBOX) for each in imported)
    }
    assert len(doors) == 1, doors


def test_no_imports_in_a_circle() -> None:
    """What only types need counts, too: a reader has to go round in it, though Python hasn't."""
    TopologicalSorter({module: IMPORTS[module] for module in ROOMS}).prepare()  # raises CycleError


def test_no_rooms_in_a_circle() -> None:
    """What holds for the modules holds for the rooms: each can be read after those that it builds on."""
    rooms: dict[str, set[str]] = {}
    for module in ROOMS:
        if module != SANDBOX:
            rooms.setdefault(room(module), set()).update(map(room, IMPORTS[module]))
    for name, others in rooms.items():
        others.discard(name)
    TopologicalSorter(rooms).prepare()


def room(module: str) -> str:
    return module.removeprefix(f"{SANDBOX}.").partition(".")[0]


def test_each_room_says_what_belongs_there() -> None:
    packages = [module for module in ROOMS if MODULES[module].name == "__init__.py"]
    assert len(packages) > 5
    for package in packages:
        assert ast.get_docstring(ast.parse(MODULES[package].read_text(encoding="utf-8"))), package
