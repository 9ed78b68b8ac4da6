"""Streak CRM in DuckDB, as Dagster assets. Exports ``defs``.

It is made when somebody asks for it: a wrong setting must not keep the command line from saying so
in one sentence, nor the sandbox from starting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import Definitions

    defs: Definitions

__all__ = ["defs"]


def __getattr__(name: str) -> object:
    if name == "defs":
        from streak_dagster.definitions import defs  # noqa: PLC0415

        return defs
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
