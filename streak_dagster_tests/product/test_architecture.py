"""Which package may import which, and that ``docs/architecture.md`` doesn't fall behind the code."""

from __future__ import annotations

import ast
import importlib
import re
from functools import reduce
from graphlib import TopologicalSorter

import pytest

from streak_dagster.tables import ALL_TABLES, Kind
from streak_dagster_tests.support.imports import MODULES, PRODUCT, belongs_to, imports, named
from streak_dagster_tests.support.processes import REPOSITORY

PAGE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")

MAY_IMPORT: dict[str, set[str]] = {
    # Known to all, and knowing nobody.
    "errors": set(),
    "familiar": set(),
    "labels": set(),
    "locks": set(),
    "sample": {"sandbox"},
    "onlookers": set(),
    "signals": set(),
    "terminal": set(),
    # The way of the data.
    "tables": set(),
    "api": {"errors", "locks"},
    "sync": {"api", "tables", "errors", "locks", "exclusion", "onlookers"},
    "warehouse": {"sync", "tables", "errors", "locks"},
    # What the environment says.
    "environment": {"errors"},
    "locations": {"errors"},
    "exclusion": {"errors", "tables"},
    "selecting": {"errors", "exclusion", "tables", "views", "warehouse"},
    "settings": {"api", "environment", "errors", "exclusion", "locations"},
    "home": {"errors", "locations"},
    "service": {"errors"},
    "accounts": {"api", "warehouse"},
    "onboarding": {"api", "environment", "errors", "settings"},
    "doctor": {
        *(
            "accounts",
            "api",
            "errors",
            "exclusion",
            "home",
            "onboarding",
            "sample",
            "settings",
            "sync",
            "tables",
        ),
        "warehouse",
    },
    # What follows a refresh.
    "after_refresh": {"errors", "report", "warehouse"},
    # Dagster's ends.
    "dagster_internals": set(),
    "credentials": {"api"},
    "namespace": {"warehouse"},
    "stopping": {"dagster_internals", "signals"},
    "failures": {"errors", "signals", "stopping"},
    "resources": {
        *(
            "accounts",
            "after_refresh",
            "api",
            "credentials",
            "errors",
            "exclusion",
            "sample",
            "settings",
            "signals",
            "stopping",
        ),
        *("stopping", "sync", "warehouse"),
    },
    "materialization": {"labels", "sync", "warehouse"},
    "views": {"tables", "warehouse"},
    "frames": {"dagster_internals", "errors", "labels", "warehouse"},
    "type_handlers": {"dagster_internals", "materialization", "resources", "sync", "views", "warehouse"},
    "io_manager": {
        *("dagster_internals", "errors", "failures", "frames", "resources", "sync", "type_handlers"),
        "warehouse",
    },
    "assets": {
        *("api", "dagster_internals", "errors", "failures", "labels", "materialization", "namespace"),
        *("resources", "settings"),
        *("sync", "tables", "views", "warehouse"),
    },
    "checks": {"dagster_internals", "failures", "namespace", "resources", "sync", "tables", "warehouse"},
    "automation": {
        *("api", "assets", "credentials", "dagster_internals", "errors", "exclusion", "failures", "home"),
        *("namespace", "resources", "settings", "signals", "sync", "tables", "warehouse"),
    },
    # What a command tells, for whoever asks from Python.
    "planned": {
        *("api", "assets", "errors", "exclusion", "resources", "selecting", "settings", "sync", "tables"),
        "warehouse",
    },
    "status": {
        *("accounts", "api", "automation", "errors", "exclusion", "home", "settings", "sync", "warehouse"),
    },
    # What others build their projects with, and ours is built with.
    "account": {"credentials", "errors", "locations", "settings", "warehouse"},
    "building": {
        *("account", "assets", "automation", "checks", "errors", "exclusion", "io_manager", "namespace"),
        *("resources", "settings", "sync", "tables", "warehouse"),
    },
    "component": {"account", "building", "sync"},
    "api_page": {"__init__", "account", "building", "component"},
    "definitions": {"account", "assets", "building", "familiar", "settings"},
    "query": {"errors", "tables", "views", "warehouse"},
    "export": {"errors", "locks", "query", "selecting", "tables", "views", "warehouse"},
    "report": {"errors", "views", "warehouse"},
    "run_storage": {"dagster_internals"},
    "refreshing": {
        *("automation", "dagster_internals", "failures", "namespace", "run_storage", "selecting", "tables"),
        "warehouse",
    },
    # A face a command, over all of it.
    "cli": {
        *("after_refresh", "automation", "checks", "definitions", "doctor", "environment", "errors"),
        *("exclusion", "export", "forgetting", "home", "labels", "onboarding", "onlookers", "planned"),
        *("query", "refreshing", "report", "resources", "sample", "selecting", "service", "settings"),
        *("signals", "status", "sync", "tables", "terminal", "warehouse"),
    },
    "forgetting": {"after_refresh", "errors", "sync", "views", "warehouse"},
    "__init__": {"account", "building", "component"},
}
"""What a package or top-level module may import of ours. That ``sandbox`` imports nothing is tested there."""

ONLY: dict[tuple[str, str], set[str]] = {
    # The plan and the probed rows are data that both work on; rows are erased as answers are.
    ("warehouse", "sync"): {"sync.plan", "sync.probe", "sync.erased"},
    # Two constants: the names of this machine, and the highest rate that the budget can keep.
    ("settings", "api"): {"api.hosts", "api.shared_state"},
    # How two names of a pipeline are compared.
    ("checks", "sync"): {"sync.selection"},
    # That a refresh is running is seen as long as the resource is open; and what isn't kept is a setting.
    ("resources", "sync"): {"sync.hashing", "sync.refresh_lock", "sync.withheld"},
}
"""Where one imports another, but only these modules of it."""

FOREIGN = {
    "dagster": {
        *("account", "assets", "automation", "building", "checks", "cli", "component", "credentials"),
        *("dagster_internals", "definitions", "failures", "familiar", "frames", "io_manager"),
        *("materialization", "namespace", "refreshing", "resources", "run_storage", "stopping"),
        *("type_handlers", "__init__"),
    },
    "dagster_duckdb": {"io_manager"},
    "sqlalchemy": {"run_storage"},
    # Who opens a database is the warehouse; the others name its errors.
    "duckdb": {
        *("after_refresh", "export", "failures", "frames", "io_manager", "query", "report", "views"),
        "warehouse",
    },
    "anyascii": {"views"},
    "matplotlib": {"report", "views"},
    "jinja2": {"report"},
    "xlsxwriter": {"export"},
    "click": {"cli"},
    "rich": {"cli", "query"},
    "requests": {"api", "automation"},
    "urllib3": {"api"},
    "tenacity": {"api"},
    "pyrate_limiter": {"api"},
    "orjson": {"api", "sync"},
    "pandas": {"frames", "io_manager"},
}
"""Packages of others, each with those of ours that may know it."""

OURS = [module for module in MODULES if not belongs_to(module, f"{PRODUCT}.sandbox")]


def part(module: str) -> str:
    """The package or top-level module that a module belongs to."""
    return module.removeprefix(PRODUCT).strip(".").partition(".")[0] or "__init__"


def test_who_imports_whom_is_as_listed() -> None:
    """No more than that, or data no longer goes one way; and no less, or the list is of yesterday."""
    found: dict[str, set[str]] = {part(module): set() for module in OURS}
    for module in OURS:
        found[part(module)] |= {part(each) for each in imports(module)} - {part(module)}
    assert found == MAY_IMPORT


@pytest.mark.parametrize("pair", ONLY, ids="->".join)
def test_of_some_only_a_few_modules_are_imported(pair: tuple[str, str]) -> None:
    importer, imported = pair
    found = {
        each.removeprefix(f"{PRODUCT}.")
        for module in OURS
        if part(module) == importer
        for each in imports(module)
        if part(each) == imported
    }
    assert found == ONLY[pair]


@pytest.mark.parametrize("package", FOREIGN)
def test_a_foreign_package_is_known_where_it_belongs(package: str) -> None:
    knowing = {
        part(module) for module in OURS if any(each.partition(".")[0] == package for each in named(module))
    }
    assert knowing == FOREIGN[package]


def test_only_the_warehouse_opens_a_database() -> None:
    opens = re.compile(r"duckdb\.connect\((?!\))")  # one without a name is in memory, and nobody's
    openers = {part(module) for module in OURS if opens.search(MODULES[module].read_text("utf-8"))}
    assert openers == {"warehouse"}


def test_no_imports_in_a_circle() -> None:
    """What only types need counts, too: a reader has to go round in it, though Python hasn't."""
    TopologicalSorter({module: imports(module) for module in OURS}).prepare()  # raises CycleError


def test_each_package_says_what_belongs_there() -> None:
    for module in OURS:
        if MODULES[module].name == "__init__.py":
            assert ast.get_docstring(ast.parse(MODULES[module].read_text("utf-8"))), module


def test_the_page_names_every_package_and_every_file_beside_them() -> None:
    names = {
        "/".join([*path.relative_to(REPOSITORY / PRODUCT).parent.parts, ""])
        for module, path in MODULES.items()
        if path.name == "__init__.py" and module != PRODUCT and module in {*OURS, f"{PRODUCT}.sandbox"}
    } | {path.name for path in (REPOSITORY / PRODUCT).glob("*.py") if path.name != "__init__.py"}
    linked = dict(re.findall(r"\[`([^`]+)`\]\(\.\./streak_dagster/([^)]+)\)", PAGE))
    assert sorted(names - linked.keys()) == []


def test_a_link_is_named_after_what_it_leads_to() -> None:
    for name, target in re.findall(r"\[`([^`]+)`\]\(\.\./([^)]+)\)", PAGE):
        assert f"/{target}".rstrip("/").endswith(f"/{name}".rstrip("/")), name


KINDS = re.findall(r"^\| `([A-Z_]+)`(, planned)? \| (.+?) \|", PAGE, re.MULTILINE)


def test_every_kind_is_there_with_tables_of_it() -> None:
    assert {Kind[name] for name, _, _ in KINDS} == set(Kind)
    for name, planned, such_as in KINDS:
        of_kind = {each.name for each in ALL_TABLES if each.kind is Kind[name]}
        of_kind &= {each.name for each in ALL_TABLES if each.is_planned == bool(planned)}
        examples = set(re.findall(r"`(\w+)`", such_as))
        assert examples <= of_kind
        assert bool(examples) == bool(of_kind)


NUMBERS = re.findall(r"^\| `([\w.]+)` \| `([\w.]+)` \| (\S+) \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("module", "name", "value"), NUMBERS, ids=str)
def test_a_number_of_the_page_is_that_of_the_code(module: str, name: str, value: str) -> None:
    found = reduce(getattr, name.split("."), importlib.import_module(f"{PRODUCT}.{module}"))
    assert str(found) == value


def test_every_constant_that_the_page_names_is_in_the_code() -> None:
    named_there = set(re.findall(r"`(_?[A-Z][A-Z_]{2,})`", PAGE)) | {name for _, name, _ in NUMBERS}
    source = "\n".join(path.read_text("utf-8") for path in MODULES.values())
    words = set(re.findall(r"\w+", source))
    assert {each for each in named_there if not set(each.split(".")) <= words} == set()
    assert len(NUMBERS) > 15
