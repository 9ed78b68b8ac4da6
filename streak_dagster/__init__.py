"""Streak CRM in DuckDB, as Dagster assets.

What is public is what ``__all__`` names, as docs/api.md describes it. All of it is made when somebody asks
for it: importing this package costs nothing, a wrong setting must not keep the command line from saying so in
one sentence, and only our own project, ``defs``, reads the environment.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import Definitions

    from streak_dagster.account import StreakAccount as StreakAccount
    from streak_dagster.building import build_streak_definitions as build_streak_definitions
    from streak_dagster.component import StreakComponent as StreakComponent

    defs: Definitions

__all__ = ["StreakAccount", "StreakComponent", "build_streak_definitions", "defs"]

_WHERE = {
    "StreakAccount": "streak_dagster.account",
    "StreakComponent": "streak_dagster.component",
    "build_streak_definitions": "streak_dagster.building",
    "defs": "streak_dagster.definitions",
}
_LISTS_COMPONENTS = "dagster.components"


def __getattr__(name: str) -> object:
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    names = [*globals(), *__all__]
    # Dagster's registry of components takes every name of this module, in any project where we are installed:
    # `defs` would read the settings of a project that isn't there.
    asking = sys._getframe(1).f_globals.get("__name__", "")  # noqa: SLF001 - a documented function of CPython
    return [each for each in names if each != "defs"] if asking.startswith(_LISTS_COMPONENTS) else names
